#include "nn/tracing.h"

#include <ATen/TracerMode.h>
#include <ATen/ops/cumsum.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/zeros_like.h>

#include <vector>

namespace luthier::nn {

namespace {
/// Ones along `dim`, without any other dimension: [size of dim] int64.
Tensor ones_along(const Tensor& x, std::int64_t dim) {
  Tensor line = x;
  for (std::int64_t d = x.dim() - 1; d >= 0; --d)
    if (d != dim) line = line.select(d, 0);
  return at::ones_like(line, at::kLong);
}
}  // namespace

bool is_tracing() { return at::tracer::impl::is_dispatch_enabled(); }

Tensor places_along(const Tensor& x, std::int64_t dim) { return at::cumsum(ones_along(x, dim), 0).sub(1); }

Tensor count_along(const Tensor& x, std::int64_t dim) { return ones_along(x, dim).sum(); }

Tensor for_every_row(const Tensor& one, const Tensor& rows) {
  if (!is_tracing()) {
    std::vector<std::int64_t> sizes(static_cast<std::size_t>(one.dim()), -1);
    sizes.front() = rows.size(0);
    return one.expand(sizes);
  }
  Tensor line = rows;
  for (std::int64_t d = rows.dim() - 1; d > 0; --d) line = line.select(d, 0);
  line = at::zeros_like(line, one.scalar_type());
  for (std::int64_t d = 1; d < one.dim(); ++d) line = line.unsqueeze(-1);
  return one.scalar_type() == at::kBool ? line.logical_or(one) : line.add(one);
}

}  // namespace luthier::nn
