#pragma once
// How tensors of several adapters become one: the formulas, each on tensors of one shape.
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

#include "recipe/merge_options.h"

namespace luthier {

using at::Tensor;

/// The `density` largest magnitudes stay, the others become zero; of int(density * count) numbers.
Tensor pruned_by_magnitude(const Tensor& values, double density);
/// Each number stays with the probability `density`, divided by it; decided by (seed, stream, place) alone.
Tensor dropped_and_rescaled(const Tensor& values, double density, std::uint64_t seed, std::uint64_t stream);

/// Weighted as options.how says, without its "_svd" ("cat" excluded). `stream` tells the draws of one tensor from those
/// of another. At least one tensor.
Tensor combined(const std::vector<Tensor>& values, const std::vector<double>& weights, const MergeOptions& options,
                std::uint64_t stream);

}  // namespace luthier
