#include "nn/loss.h"

#include <ATen/autocast_mode.h>
#include <ATen/core/Reduction.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/ctc_loss.h>
#include <ATen/ops/empty_like.h>
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
                        const std::optional<Tensor>& bias, const Tensor& labels, std::int64_t chunk, double smoothing,
                        bool with_rows, bool with_weight, bool with_bias) {
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
      Tensor wanted = logits.gather(1, target);  // [n, 1]: the mean logit under the target
      if (smoothing > 0) wanted = wanted.mul(1 - smoothing).add_(logits.mean(1, /*keepdim=*/true), smoothing);
      const Tensor highest = logits.amax(1, /*keepdim=*/true);  // [n, 1]
      const Tensor sums = logits.sub_(highest).exp_().sum(1, /*keepdim=*/true);
      total.add_(sums.log().add_(highest).sub_(wanted).squeeze(1).mul_(valid).sum(at::kDouble));
      if (!with_rows && !with_weight && !with_bias) continue;
      // d loss / d logits = softmax - target (one-hot, or smoothed), zero where there is no label
      const Tensor carries = valid.unsqueeze(1).to(at::kFloat);  // [n, 1]
      logits.mul_(carries / sums);
      if (smoothing > 0) logits.sub_(carries * (smoothing / static_cast<double>(logits.size(1))));
      logits.scatter_add_(1, target, carries * (smoothing - 1));
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
    return {saved[0], saved[1], saved[2], Tensor(), Tensor(), Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

}  // namespace

Tensor cross_entropy_sum(const Tensor& logits, const Tensor& labels, double label_smoothing, const Tensor& weights,
                         double focal_gamma) {
  const std::optional<Tensor> some = weights.defined() ? std::optional<Tensor>(weights) : std::nullopt;
  const Tensor scores = logits.to(at::kFloat);
  if (focal_gamma == 0)
    return at::cross_entropy_loss(scores, labels, some, at::Reduction::Sum, kNoLabel, label_smoothing);
  const Tensor losses = at::cross_entropy_loss(scores, labels, some, at::Reduction::None, kNoLabel, label_smoothing);
  const Tensor sure = at::log_softmax(scores, 1).gather(1, labels.clamp_min(0).unsqueeze(1)).squeeze(1).exp();
  return losses.mul((1 - sure).pow(focal_gamma)).sum();
}

Tensor squared_error_sum(const Tensor& values, const Tensor& targets) {
  return values.to(at::kFloat).reshape(-1).sub(targets.to(at::kFloat).reshape(-1)).square().sum();
}

Tensor binary_cross_entropy_sum(const Tensor& logits, const Tensor& targets, const Tensor& given_weights,
                                double focal_gamma) {
  const std::optional<Tensor> some = given_weights.defined() ? std::optional<Tensor>(given_weights) : std::nullopt;
  const Tensor scores = logits.to(at::kFloat), wanted = targets.to(at::kFloat);
  if (focal_gamma == 0) return at::binary_cross_entropy_with_logits(scores, wanted, {}, some, at::Reduction::Sum);
  const Tensor losses = at::binary_cross_entropy_with_logits(scores, wanted, {}, some, at::Reduction::None);
  const Tensor given = scores.sigmoid();
  const Tensor sure = given * wanted + (1 - given) * (1 - wanted);
  return losses.mul((1 - sure).pow(focal_gamma)).sum();
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
                                std::int64_t chunk, double label_smoothing) {
  if (rows.is_cuda()) chunk = std::max<std::int64_t>(chunk, 2048);  // small products leave a GPU idle
  const bool grad = at::GradMode::is_enabled();
  const std::optional<Tensor> some_bias = bias.defined() ? std::optional<Tensor>(bias) : std::nullopt;
  return LinearCrossEntropy::apply(rows.contiguous(), weight, some_bias, labels, chunk, label_smoothing,
                                   grad && rows.requires_grad(), grad && weight.requires_grad(),
                                   grad && bias.defined() && bias.requires_grad());
}

}  // namespace luthier::nn
