#include "nn/linear.h"

#include <ATen/Context.h>
#include <ATen/TensorOperators.h>
#include <ATen/autocast_mode.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>
#include <c10/core/ScalarType.h>

#include "nn/dropout.h"
#include "nn/embedding.h"
#include "nn/observed.h"

namespace luthier::nn {

namespace {
void grow_columns(Tensor& parameter, std::int64_t columns) {
  const std::int64_t old = parameter.size(1);
  if (columns <= old) return;
  at::NoGradGuard no_grad;
  const Tensor values = parameter.detach();
  parameter.set_data(at::cat({values, values.mean(1, /*keepdim=*/true).expand({values.size(0), columns - old})}, 1));
  parameter.mutable_grad().reset();
}
}  // namespace

Tensor lengths_after_update(const Tensor& squares, const Tensor& weight_times_a, const Lora& lora) {
  // |w + s u|^2 = |w|^2 + 2 s (w, u) + s^2 |u|^2 with u = b A for each row.
  const Tensor &a = lora.a, &b = lora.b;
  const Tensor crossed = weight_times_a.mul(b).sum(1), own = at::mm(b, at::mm(a, a.t())).mul(b).sum(1);
  return squares.add(crossed, 2 * lora.scale).add(own, lora.scale * lora.scale).clamp_min(0).sqrt();
}

Linear::Linear(std::int64_t in, std::int64_t out, bool with_bias, WeightLayout layout)
    : in_(in), out_(out), layout_(layout) {
  weight = register_parameter("weight", layout == WeightLayout::in_out ? at::empty({in, out}) : at::empty({out, in}));
  if (with_bias) bias = register_parameter("bias", at::empty({out}));
}

Tensor Linear::base(const Tensor& x, const Tensor& with_bias) const {
  if (quantised_) return quantised_linear(x, quantised_, with_bias);
  const Tensor kept = matrix();  // a frozen one perhaps in two bytes (models/frozen.h); autocast brings types together
  const bool casts = kept.scalar_type() != x.scalar_type() && !at::autocast::is_autocast_enabled(x.device().type());
  return at::linear(x, casts ? kept.to(x.scalar_type()) : kept, with_bias);
}

Tensor Linear::forward(const Tensor& x) {
  const auto compute = [&] {
    if (!adapts()) return base(x, bias);
    if (channel_scale_) {
      const Tensor factor = channel_scale_->factor.view({-1});
      return channel_scale_->on_input ? base(x.mul(factor), bias) : base(x, bias).mul(factor);
    }
    // On rows, so that the update is added in place to the base layer's output by the product itself.
    const Tensor y = with_lora(x.reshape({-1, in_}));  // [N, out]
    if (x.dim() == 2) return y;
    auto shape = x.sizes().vec();
    shape.back() = out_;
    return y.view(shape);
  };
  const Tensor y = compute();
  tell_observer(*this, x, y);
  return y;
}

namespace {
/// y + scale * reduced b^T, in place: autocast leaves such a product alone, so its operands are brought to y's type
/// here.
Tensor add_update(Tensor y, const Tensor& reduced, const Lora& lora) {
  return y.addmm_(reduced.to(y.scalar_type()), lora.b.t().to(y.scalar_type()), 1, lora.scale);
}
}  // namespace

Tensor Linear::with_lora(const Tensor& rows) const {
  const Tensor kept = nn::dropout(rows, lora_->dropout, is_training());
  const Tensor reduced = kept.mm(lora_->a.t());  // [N, r]
  if (!lora_->magnitude.defined()) return add_update(base(rows, bias), reduced, *lora_);
  // DoRA: the length that the update gives a row counts as a constant (section 4.3), its magnitude learns. Dropout, as
  // in PEFT, leaves the base layer's own output alone.
  const Tensor factor = lora_->magnitude.div(updated_lengths());  // [out]
  if (kept.is_same(rows)) {
    const Tensor y = add_update(base(rows, {}), reduced, *lora_).mul(factor);
    return bias.defined() ? y.add(bias) : y;
  }
  const Tensor update =
      at::addmm(base(kept, {}).mul(factor.sub(1)), reduced, lora_->b.mul(factor.unsqueeze(1)).t(), 1, lora_->scale);
  return base(rows, bias).add(update);
}

Tensor Linear::updated_lengths() const {
  const at::NoGradGuard no_grad;
  if (!squares_.defined() || squares_.device() != device()) {
    const Tensor rows = quantised_ ? quantised_->dequantised() : matrix();
    const auto exact = c10::promoteTypes(rows.scalar_type(), at::kFloat);
    squares_ = at::linalg_vector_norm(rows, 2, at::IntArrayRef{1}, false, exact).square();
  }
  const Tensor times_a = base(lora_->a, {}).t();  // [out, r]
  return lengths_after_update(squares_, times_a, *lora_);
}

Tensor Linear::along_weight(const Tensor& factor, bool on_input) const {
  const Tensor shaped = on_input ? factor.reshape({1, in_}) : factor.reshape({out_, 1});
  return layout_ == WeightLayout::in_out ? shaped.t() : shaped;
}

std::vector<std::int64_t> Linear::channel_scale_shape(bool on_input) const {
  return on_input ? std::vector<std::int64_t>{1, in_} : std::vector<std::int64_t>{out_, 1};
}

Tensor Linear::lora_update() const {
  const Tensor update = at::mm(lora_->b, lora_->a).mul_(lora_->scale);  // [out, in]
  return layout_ == WeightLayout::in_out ? update.t() : update;
}

Tensor Linear::weight_values() const {
  if (!quantised_) return weight;
  const Tensor values = quantised_->dequantised();
  return layout_ == WeightLayout::in_out ? values.t() : values;
}

void Linear::quantise(const Tensor& values, const QuantiseOptions& options) {
  quantised_ = std::make_shared<QuantisedWeight>(layout_ == WeightLayout::in_out ? values.t() : values, options);
  register_module("quantised", quantised_);
  forget_parameter("weight");
  weight = Tensor();
  squares_ = Tensor();
  if (bias.defined()) bias.requires_grad_(false);
}

void Linear::dequantise() {
  if (!quantised_) return;
  const Tensor values = weight_values().contiguous();
  unregister_module("quantised");
  quantised_.reset();
  squares_ = Tensor();
  weight = register_parameter("weight", values, /*requires_grad=*/false);
}

void Linear::set_weight(const Tensor& values) {
  dequantise();
  squares_ = Tensor();
  AdaptedLayer::set_weight(values);
}

void Linear::tie_weight(const Tensor& shared) { weight = parameters_["weight"] = shared; }
void Linear::tie_bias(const Tensor& shared) { bias = parameters_["bias"] = shared; }

void Linear::grow_outputs(std::int64_t rows) {
  if (layout_ == WeightLayout::in_out)
    grow_columns(weight, rows);
  else
    grow_rows(weight, rows);
  if (bias.defined()) grow_rows(bias, rows);
  out_ = rows;
}

}  // namespace luthier::nn
