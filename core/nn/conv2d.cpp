#include "nn/conv2d.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linalg_vector_norm.h>

#include <cmath>

#include "nn/dropout.h"
#include "nn/observed.h"

namespace luthier::nn {

Conv2d::Conv2d(const Conv2dShape& shape) : shape_(shape) {
  weight = register_parameter("weight", at::empty({shape.out, shape.in / shape.groups, shape.kernel, shape.kernel}));
  if (shape.bias) bias = register_parameter("bias", at::empty({shape.out}));
}

std::vector<std::int64_t> Conv2d::lora_a_shape(std::int64_t rank) const {
  return {rank, shape_.in, shape_.kernel, shape_.kernel};
}

void Conv2d::start(const std::string& parameter, Tensor& value, const at::Generator& generator) const {
  const double fan_out = static_cast<double>(shape_.out * shape_.kernel * shape_.kernel);
  const double range = shape_.start_range > 0 ? shape_.start_range : std::sqrt(2 / fan_out);
  if (parameter == "weight")
    value.normal_(0, range, generator);
  else
    value.zero_();
}

Tensor Conv2d::base(const Tensor& x, const Tensor& with_bias) const {
  const std::int64_t padding[] = {shape_.padding, shape_.padding}, stride[] = {shape_.stride, shape_.stride};
  return at::conv2d(x, weight, with_bias, stride, padding, 1, shape_.groups);
}

Tensor Conv2d::forward(const Tensor& x) {
  const auto compute = [&] {
    if (!adapts()) return base(x, bias);
    if (channel_scale_) {
      const Tensor& factor = channel_scale_->factor;
      return channel_scale_->on_input ? base(x.mul(factor), bias) : base(x, bias).mul(factor);
    }
    const std::int64_t padding[] = {shape_.padding, shape_.padding}, stride[] = {shape_.stride, shape_.stride};
    const Tensor kept = nn::dropout(x, lora_->dropout, is_training());
    const Tensor reduced = at::conv2d(kept, lora_->a, {}, stride, padding);  // [B, r, h', w']
    const Tensor update = at::conv2d(reduced, lora_->b);                     // [B, out, h', w']
    const Tensor y = base(x, bias);
    if (!lora_->magnitude.defined()) return y.add(update, lora_->scale);
    const Tensor factor = lora_->magnitude.div(updated_lengths());  // [1, out, 1, 1], see Linear
    return y.add(base(kept, {}).mul(factor.sub(1))).add(update.mul(factor), lora_->scale);
  };
  const Tensor y = compute();
  tell_observer(*this, x, y);
  return y;
}

Tensor Conv2d::updated_lengths() const {
  const at::NoGradGuard no_grad;
  const Tensor updated = weight.add(lora_update()).flatten(1);
  return at::linalg_vector_norm(updated, 2, at::IntArrayRef{1}).view({1, -1, 1, 1});
}

Tensor Conv2d::along_weight(const Tensor& factor, bool on_input) const {
  if (!on_input) return factor.reshape({shape_.out, 1, 1, 1});
  if (shape_.groups == 1) return factor;
  // Each group of outputs sees its own inputs: [out, in / groups, 1, 1].
  const std::int64_t in_a_group = shape_.in / shape_.groups;
  return factor.reshape({shape_.groups, in_a_group})
      .repeat_interleave(shape_.out / shape_.groups, 0)
      .reshape({shape_.out, in_a_group, 1, 1});
}

Tensor pad(const Tensor& x, const Padding& padding) {
  return at::constant_pad_nd(x, {padding.left, padding.right, padding.top, padding.bottom});
}

}  // namespace luthier::nn
