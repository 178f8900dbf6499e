#include "nn/linear.h"

#include <ATen/Context.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>

#include <cmath>

#include "base/error.h"
#include "nn/dropout.h"
#include "nn/embedding.h"

namespace luthier::nn {

namespace {
/// "lora_A" and "lora_B": a module each, because PEFT's names end in ".weight".
class LowRankFactor : public torch::nn::Module {
 public:
  explicit LowRankFactor(Tensor weight) { register_parameter("weight", std::move(weight)); }
};
}  // namespace

Linear::Linear(std::int64_t in, std::int64_t out, bool with_bias) : in_(in), out_(out) {
  weight = register_parameter("weight", at::empty({out, in}));
  if (with_bias) bias = register_parameter("bias", at::empty({out}));
}

Tensor Linear::forward(const Tensor& x) {
  if (!lora_ || !lora_active_) return at::linear(x, weight, bias);
  // On rows, so that the update is added in place to the base layer's output by the product itself.
  const Tensor rows = x.reshape({-1, in_});  // [N, in]
  Tensor y = at::linear(rows, weight, bias);
  const Tensor reduced = nn::dropout(rows, lora_->dropout, is_training()).mm(lora_->a.t());  // [N, r]
  y = y.addmm_(reduced, lora_->b.t(), 1, lora_->scale);
  if (x.dim() == 2) return y;
  auto shape = x.sizes().vec();
  shape.back() = out_;
  return y.view(shape);
}

void Linear::add_lora(std::int64_t rank, double scale, double alpha, double dropout, at::Generator generator) {
  if (lora_) fail(ErrorKind::internal, "this layer has a LoRA already");
  weight.requires_grad_(false);
  if (bias.defined()) bias.requires_grad_(false);
  const auto options = at::TensorOptions(weight.device()).dtype(at::kFloat);
  // Kaiming-uniform with a = sqrt(5) comes to the bound 1 / sqrt(fan in). Drawn on the CPU: the same on every device.
  const double bound = 1 / std::sqrt(static_cast<double>(in_));
  Tensor a = at::empty({rank, in_}, at::kFloat).uniform_(-bound, bound, std::move(generator)).to(weight.device());
  Tensor b = at::zeros({out_, rank}, options);
  register_module("lora_A", std::make_shared<LowRankFactor>(a));
  register_module("lora_B", std::make_shared<LowRankFactor>(b));
  a.requires_grad_(true);
  b.requires_grad_(true);
  lora_ = Lora{a, b, scale, alpha, dropout};
}

void Linear::merge_lora() {
  if (!lora_) return;
  {
    at::NoGradGuard no_grad;
    weight.add_(at::mm(lora_->b, lora_->a), lora_->scale);
  }
  remove_lora();
}

void Linear::remove_lora() {
  if (!lora_) return;
  unregister_module("lora_A");
  unregister_module("lora_B");
  lora_.reset();
  lora_active_ = true;
}

void Linear::tie_weight(const Tensor& shared) { weight = parameters_["weight"] = shared; }
void Linear::tie_bias(const Tensor& shared) { bias = parameters_["bias"] = shared; }

void Linear::grow_outputs(std::int64_t rows) {
  grow_rows(weight, rows);
  if (bias.defined()) grow_rows(bias, rows);
  out_ = rows;
}

}  // namespace luthier::nn
