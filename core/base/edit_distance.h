#pragma once
#include <algorithm>
#include <cstddef>
#include <numeric>
#include <vector>

namespace luthier {

/// How many elements are to be inserted, deleted or replaced to turn `a` into `b` (Levenshtein 1966). In as much memory
/// as the shorter one has elements.
template <class Sequence>
std::size_t edits_between(const Sequence& a, const Sequence& b) {
  if (a.size() < b.size()) return edits_between(b, a);
  std::vector<std::size_t> row(b.size() + 1);  // distances of a's beginning to all beginnings of b
  std::iota(row.begin(), row.end(), std::size_t{0});
  for (std::size_t i = 0; i < a.size(); ++i) {
    std::size_t diagonal = row[0];
    row[0] = i + 1;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::size_t replaced = diagonal + (a[i] != b[j]);
      diagonal = row[j + 1];
      row[j + 1] = std::min({replaced, diagonal + 1, row[j] + 1});
    }
  }
  return row.back();
}

}  // namespace luthier
