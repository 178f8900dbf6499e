#include "nn/adapted_layer.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>

#include <cmath>

#include "base/error.h"

namespace luthier::nn {

namespace {
/// "lora_A" and "lora_B": a module each, because PEFT's names end in ".weight".
class LowRankFactor : public torch::nn::Module {
 public:
  explicit LowRankFactor(Tensor weight) { register_parameter("weight", std::move(weight)); }
};
}  // namespace

void AdaptedLayer::add_lora(std::int64_t rank, double scale, double alpha, double dropout, at::Generator generator) {
  if (lora_) fail(ErrorKind::internal, "this layer has a LoRA already");
  if (!takes_lora())
    fail(ErrorKind::unsupported, "a convolution in groups takes no LoRA", {}, "leave it out of the targets");
  weight.requires_grad_(false);
  if (bias.defined()) bias.requires_grad_(false);
  const auto options = at::TensorOptions(weight.device()).dtype(at::kFloat);
  const std::vector<std::int64_t> shape = lora_a_shape(rank);
  // Kaiming-uniform with a = sqrt(5) comes to the bound 1 / sqrt(fan in). Drawn on the CPU: the same on every device.
  double fan_in = 1;
  for (std::size_t i = 1; i < shape.size(); ++i) fan_in *= static_cast<double>(shape[i]);
  const double bound = 1 / std::sqrt(fan_in);
  Tensor a = at::empty(shape, at::kFloat).uniform_(-bound, bound, std::move(generator)).to(weight.device());
  Tensor b = at::zeros(lora_b_shape(rank), options);
  register_module("lora_A", std::make_shared<LowRankFactor>(a));
  register_module("lora_B", std::make_shared<LowRankFactor>(b));
  a.requires_grad_(true);
  b.requires_grad_(true);
  lora_ = Lora{a, b, scale, alpha, dropout};
}

Tensor AdaptedLayer::lora_update() const {
  return at::mm(lora_->b.flatten(1), lora_->a.flatten(1)).mul_(lora_->scale).view(weight.sizes());
}

void AdaptedLayer::merge_lora() {
  if (!lora_) return;
  {
    at::NoGradGuard no_grad;
    weight.add_(lora_update());
  }
  remove_lora();
}

void AdaptedLayer::remove_lora() {
  if (!lora_) return;
  unregister_module("lora_A");
  unregister_module("lora_B");
  lora_.reset();
  lora_active_ = true;
}

}  // namespace luthier::nn
