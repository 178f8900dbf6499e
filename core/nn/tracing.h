#pragma once
// Forward passes are recorded as graphs (export/traced.h). A size taken as a number would be a constant there, and so
// would be whatever is computed outside of LibTorch's operations; these are the ways around both.
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace luthier::nn {

using at::Tensor;

/// Whether this thread records what it computes.
bool is_tracing();

/// 0, 1, 2 ... along one dimension of x: [size of dim] int64, an operation of the graph for any size of it.
Tensor places_along(const Tensor& x, std::int64_t dim);

/// How many there are along one dimension of x, a scalar int64 of the graph; 0 where there are none.
Tensor count_along(const Tensor& x, std::int64_t dim);

/// one [1, ...] for every row of `rows` [B, ...], of as many dimensions: [B, ...].
Tensor for_every_row(const Tensor& one, const Tensor& rows);

}  // namespace luthier::nn
