#include "nn/adapted_layer.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>
#include <c10/core/ScalarType.h>

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

void AdaptedLayer::freeze() {
  if (has_adapter()) fail(ErrorKind::internal, "this layer has an adapter already");
  if (weight.defined()) weight.requires_grad_(false);
  if (bias.defined()) bias.requires_grad_(false);
}

void AdaptedLayer::add_lora(std::int64_t rank, double scale, double alpha, double dropout,
                            const at::Generator& generator, bool dora) {
  if (!takes_lora())
    fail(ErrorKind::unsupported, "a convolution in groups takes no LoRA", {}, "leave it out of the targets");
  freeze();
  Lora lora{{}, {}, scale, alpha, dropout, {}};
  hold_lora(lora, rank, generator);
  lora.a.requires_grad_(true);
  lora.b.requires_grad_(true);
  lora_ = lora;
  if (dora) lora_->magnitude = register_parameter("lora_magnitude_vector", updated_lengths().clone());
}

void AdaptedLayer::hold_lora(Lora& lora, std::int64_t rank, const at::Generator& generator) {
  const std::vector<std::int64_t> shape = lora_a_shape(rank);
  // Kaiming-uniform with a = sqrt(5) comes to the bound 1 / sqrt(fan in). Drawn on the CPU: the same on every device.
  double fan_in = 1;
  for (std::size_t i = 1; i < shape.size(); ++i) fan_in *= static_cast<double>(shape[i]);
  const double bound = 1 / std::sqrt(fan_in);
  lora.a = at::empty(shape, at::kFloat).uniform_(-bound, bound, generator).to(device());
  lora.b = at::zeros(lora_b_shape(rank), at::TensorOptions(device()).dtype(at::kFloat));
  register_module("lora_A", std::make_shared<LowRankFactor>(lora.a));
  register_module("lora_B", std::make_shared<LowRankFactor>(lora.b));
}

void AdaptedLayer::drop_lora() {
  unregister_module("lora_A");
  unregister_module("lora_B");
}

void AdaptedLayer::add_channel_scale(bool on_input) {
  freeze();
  const auto options = at::TensorOptions(device()).dtype(at::kFloat);
  channel_scale_ =
      ChannelScale{register_parameter("ia3_l", at::ones(channel_scale_shape(on_input), options)), on_input};
}

Tensor AdaptedLayer::lora_update() const {
  return at::mm(lora_->b.flatten(1), lora_->a.flatten(1)).mul_(lora_->scale).view(weight.sizes());
}

Tensor AdaptedLayer::merged_weight() const {
  const at::NoGradGuard no_grad;
  const Tensor kept = weight_values().detach();
  const Tensor base = kept.to(c10::promoteTypes(kept.scalar_type(), at::kFloat));
  if (channel_scale_) return base.mul(along_weight(channel_scale_->factor, channel_scale_->on_input));
  if (!lora_) return base;
  const Tensor updated = base.add(lora_update());
  if (!lora_->magnitude.defined()) return updated;
  return updated.mul(along_weight(lora_->magnitude.div(updated_lengths()), /*on_input=*/false));
}

Tensor AdaptedLayer::merged_bias() const {
  const at::NoGradGuard no_grad;
  if (!bias.defined() || !channel_scale_ || channel_scale_->on_input) return bias;
  return bias.mul(channel_scale_->factor.view({-1}));
}

void AdaptedLayer::set_weight(const Tensor& values) {
  const at::NoGradGuard no_grad;
  if (weight.scalar_type() == values.scalar_type())
    weight.copy_(values);
  else
    weight.set_data(values);
}

void AdaptedLayer::merge_adapter() {
  if (!has_adapter()) return;
  const at::NoGradGuard no_grad;
  const Tensor merged = merged_weight(), new_bias = merged_bias();
  remove_adapter();
  set_weight(merged);
  if (bias.defined() && !new_bias.is_same(bias)) bias.copy_(new_bias);
}

void AdaptedLayer::remove_adapter() {
  if (lora_) {
    if (lora_->magnitude.defined()) forget_parameter("lora_magnitude_vector");
    drop_lora();
  }
  if (channel_scale_) forget_parameter("ia3_l");
  lora_.reset();
  channel_scale_.reset();
  active_ = true;
}

}  // namespace luthier::nn
