#include "nn/conv2d.h"

#include <ATen/ops/constant_pad_nd.h>
#include <ATen/ops/conv2d.h>
#include <ATen/ops/empty.h>

#include <cmath>

#include "nn/dropout.h"

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

Tensor Conv2d::forward(const Tensor& x) {
  const std::int64_t padding[] = {shape_.padding, shape_.padding}, stride[] = {shape_.stride, shape_.stride};
  const Tensor y = at::conv2d(x, weight, bias, stride, padding, 1, shape_.groups);
  if (!lora_ || !lora_active_) return y;
  const Tensor kept = nn::dropout(x, lora_->dropout, is_training());
  const Tensor reduced = at::conv2d(kept, lora_->a, {}, stride, padding);  // [B, r, h', w']
  return y.add(at::conv2d(reduced, lora_->b), lora_->scale);
}

Tensor pad(const Tensor& x, const Padding& padding) {
  return at::constant_pad_nd(x, {padding.left, padding.right, padding.top, padding.bottom});
}

}  // namespace luthier::nn
