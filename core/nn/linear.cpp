#include "nn/linear.h"

#include <ATen/Context.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>

#include "nn/dropout.h"
#include "nn/embedding.h"

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

Linear::Linear(std::int64_t in, std::int64_t out, bool with_bias, WeightLayout layout)
    : in_(in), out_(out), layout_(layout) {
  weight = register_parameter("weight", layout == WeightLayout::in_out ? at::empty({in, out}) : at::empty({out, in}));
  if (with_bias) bias = register_parameter("bias", at::empty({out}));
}

Tensor Linear::forward(const Tensor& x) {
  if (!lora_ || !lora_active_) return at::linear(x, matrix(), bias);
  // On rows, so that the update is added in place to the base layer's output by the product itself.
  const Tensor rows = x.reshape({-1, in_});  // [N, in]
  Tensor y = at::linear(rows, matrix(), bias);
  const Tensor reduced = nn::dropout(rows, lora_->dropout, is_training()).mm(lora_->a.t());  // [N, r]
  y = y.addmm_(reduced, lora_->b.t(), 1, lora_->scale);
  if (x.dim() == 2) return y;
  auto shape = x.sizes().vec();
  shape.back() = out_;
  return y.view(shape);
}

Tensor Linear::lora_update() const {
  const Tensor update = at::mm(lora_->b, lora_->a).mul_(lora_->scale);  // [out, in]
  return layout_ == WeightLayout::in_out ? update.t() : update;
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
