#include "nn/group_norm.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/group_norm.h>

namespace luthier::nn {

GroupNorm::GroupNorm(std::int64_t groups, std::int64_t channels, double epsilon) : groups_(groups), epsilon_(epsilon) {
  weight = register_parameter("weight", at::empty({channels}));
  bias = register_parameter("bias", at::empty({channels}));
}

Tensor GroupNorm::forward(const Tensor& x) { return at::group_norm(x, groups_, weight, bias, epsilon_); }

void GroupNorm::start(const std::string& parameter, Tensor& value, const at::Generator&) const {
  value.fill_(parameter == "weight" ? 1 : 0);
}

}  // namespace luthier::nn
