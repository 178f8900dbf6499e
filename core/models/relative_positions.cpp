#include "models/relative_positions.h"

#include <ATen/ops/where.h>
#include <ATen/ops/zeros_like.h>

#include <cmath>

namespace luthier {

using at::Tensor;

Tensor relative_buckets(const Tensor& distance, bool both_ways, std::int64_t buckets, std::int64_t farthest) {
  Tensor first, steps;
  if (both_ways) {
    buckets /= 2;
    first = distance.gt(0).to(at::kLong).mul(buckets);
    steps = distance.abs();
  } else {
    first = at::zeros_like(distance);
    steps = distance.clamp_max(0).neg();
  }
  const std::int64_t exact = buckets / 2;
  // In fp32 and in this order, as the models were trained: a rounded logarithm decides between two buckets.
  const double reach = std::log(static_cast<double>(farthest) / static_cast<double>(exact));
  const Tensor wide = steps.to(at::kFloat)
                          .div(exact)
                          .log()
                          .div(reach)
                          .mul(buckets - exact)
                          .clamp_min(0)
                          .to(at::kLong)
                          .add(exact)
                          .clamp_max(buckets - 1);
  return first.add(at::where(steps.lt(exact), steps, wide));
}

}  // namespace luthier
