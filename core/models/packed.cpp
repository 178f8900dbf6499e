#include "models/packed.h"

#include <ATen/ops/empty.h>

#include <algorithm>
#include <numeric>

#include "base/error.h"

namespace luthier {

std::int64_t longest_text(const Batch& batch) {
  return is_packed(batch) ? *std::max_element(batch.segments.begin(), batch.segments.end()) : batch.input_ids.size(1);
}

Tensor segment_positions(const Batch& batch) {
  const std::int64_t tokens = batch.input_ids.size(1);
  if (batch.input_ids.size(0) != 1 ||
      std::accumulate(batch.segments.begin(), batch.segments.end(), std::int64_t{0}) != tokens)
    fail(ErrorKind::internal, "the segments of a packed batch do not add up to its one row");
  const Tensor positions = at::empty({tokens}, at::kLong);
  auto* into = positions.data_ptr<std::int64_t>();
  for (const std::int64_t length : batch.segments) {
    std::iota(into, into + length, std::int64_t{0});
    into += length;
  }
  return positions.to(batch.input_ids.device());
}

}  // namespace luthier
