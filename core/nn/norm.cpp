#include "nn/norm.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/layer_norm.h>

#include "nn/rms_norm.h"

namespace luthier::nn {

LayerNorm::LayerNorm(std::int64_t channels, double epsilon) : epsilon_(epsilon) {
  weight = register_parameter("weight", at::empty({channels}));
  bias = register_parameter("bias", at::empty({channels}));
}

Tensor LayerNorm::forward(const Tensor& x) { return at::layer_norm(x, weight.sizes(), weight, bias, epsilon_); }

RMSNorm::RMSNorm(std::int64_t channels, double epsilon) : epsilon_(epsilon) {
  weight = register_parameter("weight", at::empty({channels}));
}

Tensor RMSNorm::forward(const Tensor& x) { return rms_norm(x, weight, epsilon_); }

}  // namespace luthier::nn
