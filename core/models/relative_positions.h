#pragma once
// Relative positions as T5 has them (Raffel et al. 2020).
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace luthier {

/// The bucket of each distance (key's position - query's): half of the buckets for single steps, the others ever wider
/// up to the farthest distance; of encoders half of all for what comes after. [T, S] int64 -> [T, S] int64.
at::Tensor relative_buckets(const at::Tensor& distance, bool both_ways, std::int64_t buckets, std::int64_t farthest);

}  // namespace luthier
