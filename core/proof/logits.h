#pragma once
// A row of logits: its likeliest entry, and what softmax divides by.
#include <algorithm>
#include <cmath>
#include <cstddef>
#include <span>

namespace luthier {

/// Of equal ones the first.
inline std::size_t likeliest(std::span<const float> row) {
  return static_cast<std::size_t>(std::max_element(row.begin(), row.end()) - row.begin());
}

/// log of the sum of exp of a row.
inline double log_sum_exp(std::span<const float> row) {
  const double top = row[likeliest(row)];
  double sum = 0;
  for (const float one : row) sum += std::exp(static_cast<double>(one) - top);
  return top + std::log(sum);
}

}  // namespace luthier
