#include "nn/loss.h"

#include <ATen/autocast_mode.h>
#include <ATen/core/Reduction.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/ctc_loss.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/full.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <optional>

namespace luthier::nn {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

/// The products' type: under autocast its lower precision; sums over rows and the loss stay in the operands' own.
at::ScalarType product_type(const Tensor& rows) {
  const auto device = rows.device().type();
  return at::autocast::is_autocast_enabled(device) ? at::autocast::get_autocast_dtype(device) : rows.scalar_type();
}

struct LinearCrossEntropy : torch::autograd::Function<LinearCrossEntropy> {
  static Tensor forward(AutogradContext* context, const Tensor& rows, const Tensor& weight,
                        const std::optional<Tensor>& bias, const Tensor& labels, std::int64_t chunk, bool with_rows,
                        bool with_weight, bool with_bias) {
    const std::int64_t count = rows.size(0);
    const auto type = product_type(rows);
    Tensor total = at::zeros({}, rows.options().dtype(at::kDouble));
    Tensor grad_rows = with_rows ? at::empty_like(rows) : Tensor();
    Tensor grad_weight = with_weight ? at::zeros_like(weight) : Tensor();
    Tensor grad_bias = with_bias ? at::zeros_like(*bias) : Tensor();
    const Tensor matrix = weight.to(type), columns = matrix.t();
    for (std::int64_t start = 0; start < count; start += chunk) {
      const std::int64_t size = std::min(chunk, count - start);
      const Tensor part = rows.narrow(0, start, size).to(type);         // [n, C]
      const Tensor valid = labels.narrow(0, start, size).ne(kNoLabel);  // [n]
      const Tensor target = labels.narrow(0, start, size).clamp_min(0).unsqueeze(1);
      const bool adds_bias = bias && type == bias->scalar_type();  // within the product
      Tensor logits = (adds_bias ? at::addmm(*bias, part, columns) : at::mm(part, columns)).to(at::kFloat);  // [n, V]
      if (bias && !adds_bias) logits.add_(*bias);
      const Tensor normaliser = logits.logsumexp(1, /*keepdim=*/true);  // [n, 1]
      total.add_((normaliser - logits.gather(1, target)).squeeze(1).mul_(valid).sum(at::kDouble));
      if (!with_rows && !with_weight && !with_bias) continue;
      // d loss / d logits = softmax - one-hot, zero where there is no label
      logits.sub_(normaliser).exp_().scatter_add_(1, target, at::full({size, 1}, -1.0, logits.options()));
      logits.mul_(valid.unsqueeze(1));
      if (with_bias) grad_bias.add_(logits.sum(0));
      const Tensor slopes = logits.to(type);
      if (with_rows) grad_rows.narrow(0, start, size).copy_(at::mm(slopes, matrix));
      if (with_weight && type == weight.scalar_type())
        grad_weight.addmm_(slopes.t(), part);
      else if (with_weight)
        grad_weight.add_(at::mm(slopes.t(), part));
    }
    context->save_for_backward({grad_rows, grad_weight, grad_bias});
    return total.to(at::kFloat);
  }

  static tensor_list backward(AutogradContext* context, tensor_list grads) {
    auto saved = context->get_saved_variables();
    for (Tensor& grad : saved)
      if (grad.defined()) grad.mul_(grads[0]);
    return {saved[0], saved[1], saved[2], Tensor(), Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

}  // namespace

Tensor cross_entropy_sum(const Tensor& logits, const Tensor& labels, double label_smoothing) {
  return at::cross_entropy_loss(logits.to(at::kFloat), labels, {}, at::Reduction::Sum, kNoLabel, label_smoothing);
}

Tensor squared_error_sum(const Tensor& values, const Tensor& targets) {
  return values.to(at::kFloat).reshape(-1).sub(targets.to(at::kFloat).reshape(-1)).square().sum();
}

Tensor binary_cross_entropy_sum(const Tensor& logits, const Tensor& targets) {
  return at::binary_cross_entropy_with_logits(logits.to(at::kFloat), targets.to(at::kFloat), {}, {},
                                              at::Reduction::Sum);
}

Tensor ctc_loss(const Tensor& logits, const Tensor& frames, const Tensor& labels, std::int64_t blank,
                bool skip_impossible) {
  const Tensor log_probabilities = at::log_softmax(logits.to(at::kFloat), -1).transpose(0, 1);  // [F, B, V]
  const Tensor carrying = labels.ge(0);
  return at::ctc_loss(log_probabilities, labels.masked_select(carrying), frames, carrying.sum(-1), blank,
                      at::Reduction::None, skip_impossible);
}

Tensor label_count(const Tensor& labels) { return labels.ne(kNoLabel).sum(); }

Tensor linear_cross_entropy_sum(const Tensor& rows, const Tensor& weight, const Tensor& bias, const Tensor& labels,
                                std::int64_t chunk) {
  if (rows.is_cuda()) chunk = std::max<std::int64_t>(chunk, 2048);  // small products leave a GPU idle
  const bool grad = at::GradMode::is_enabled();
  const std::optional<Tensor> some_bias = bias.defined() ? std::optional<Tensor>(bias) : std::nullopt;
  return LinearCrossEntropy::apply(rows.contiguous(), weight, some_bias, labels, chunk, grad && rows.requires_grad(),
                                   grad && weight.requires_grad(), grad && bias.defined() && bias.requires_grad());
}

}  // namespace luthier::nn
