#include "nn/loss.h"

#include <ATen/Parallel.h>
#include <ATen/TensorOperators.h>
#include <ATen/core/Reduction.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/binary_cross_entropy_with_logits.h>
#include <ATen/ops/cross_entropy_loss.h>
#include <ATen/ops/ctc_loss.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/exp.h>
#include <ATen/ops/full_like.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>
#include <torch/csrc/autograd/custom_function.h>

#include <algorithm>
#include <optional>

#include "nn/precision.h"

namespace luthier::nn {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

constexpr std::int64_t kCachedBytes = 1 << 20;  ///< logits that stay in a core's cache from one pass to the next

/// The cross entropy of logits [n, V] against targets [n, 1]: [n, 1]. With `slopes` the logits become its gradients:
/// softmax - target (one-hot, or smoothed).
Tensor row_losses(const Tensor& logits, const Tensor& targets, double smoothing, bool slopes) {
  const std::int64_t rows = logits.size(0), vocabulary = logits.size(1);
  const std::int64_t piece =
      logits.is_cpu() ? std::max<std::int64_t>(1, kCachedBytes / (4 * vocabulary)) : std::max<std::int64_t>(1, rows);
  const Tensor losses = at::empty({rows, 1}, logits.options());
  const auto work = [&](std::int64_t start) {
    const std::int64_t size = std::min(piece, rows - start);
    const Tensor target = targets.narrow(0, start, size);
    Tensor some = logits.narrow(0, start, size);
    const Tensor said = at::log_softmax(some, 1);
    Tensor wanted = said.gather(1, target);  // [n, 1]: the mean log-probability under the target
    if (smoothing > 0) wanted = wanted.mul(1 - smoothing).add_(said.mean(1, /*keepdim=*/true), smoothing);
    losses.narrow(0, start, size).copy_(wanted.neg_());
    if (!slopes) return;
    at::exp_out(some, said);
    if (smoothing > 0) some.sub_(smoothing / static_cast<double>(vocabulary));
    some.scatter_add_(1, target, at::full_like(wanted, smoothing - 1));
  };
  // log_softmax of so few rows would run on one thread.
  at::parallel_for(0, (rows + piece - 1) / piece, 1, [&](std::int64_t begin, std::int64_t end) {
    const at::NoGradGuard no_grad;  // every thread has a mode of its own
    for (std::int64_t i = begin; i < end; ++i) work(i * piece);
  });
  return losses;
}

struct LinearCrossEntropy : torch::autograd::Function<LinearCrossEntropy> {
  static Tensor forward(AutogradContext* context, const Tensor& rows, const Tensor& weight,
                        const std::optional<Tensor>& bias, const Tensor& labels,
                        const std::optional<Tensor>& row_weights, std::int64_t chunk, double smoothing, bool with_rows,
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
      const Tensor part = rows.narrow(0, start, size).to(type);                    // [n, C]
      Tensor carries = labels.narrow(0, start, size).ne(kNoLabel).to(at::kFloat);  // [n]: how much each row counts
      if (row_weights) carries.mul_(row_weights->narrow(0, start, size));
      const Tensor target = labels.narrow(0, start, size).clamp_min(0).unsqueeze(1);
      const bool adds_bias = bias && type == bias->scalar_type();  // within the product
      const Tensor logits =
          (adds_bias ? at::addmm(*bias, part, columns) : at::mm(part, columns)).to(at::kFloat);  // [n, V]
      if (bias && !adds_bias) logits.add_(*bias);
      carries = carries.unsqueeze(1);  // [n, 1]
      const bool with_any = with_rows || with_weight || with_bias;
      total.add_(row_losses(logits, target, smoothing, with_any).mul_(carries).sum(at::kDouble));
      if (!with_any) continue;
      if (with_bias) grad_bias.add_(at::mm(carries.t(), logits).squeeze(0));
      const Tensor slopes = logits.to(type);
      if (with_rows) grad_rows.narrow(0, start, size).copy_(at::mm(slopes, matrix)).mul_(carries);
      const Tensor counted = with_weight ? part.mul(carries.to(type)) : part;
      if (with_weight && type == weight.scalar_type())
        grad_weight.addmm_(slopes.t(), counted);
      else if (with_weight)
        grad_weight.add_(at::mm(slopes.t(), counted));
    }
    context->save_for_backward({grad_rows, grad_weight, grad_bias});
    return total.to(at::kFloat);
  }

  static tensor_list backward(AutogradContext* context, tensor_list grads) {
    auto saved = context->get_saved_variables();
    for (Tensor& grad : saved)
      if (grad.defined()) grad.mul_(grads[0]);
    tensor_list result(10);
    std::copy(saved.begin(), saved.end(), result.begin());
    return result;
  }
};

/// [N, ...] with each row as much as it counts.
Tensor weighed(const Tensor& losses, const Tensor& row_weights) {
  if (!row_weights.defined()) return losses;
  return losses.dim() == 1 ? losses.mul(row_weights) : losses.mul(row_weights.unsqueeze(1));
}

}  // namespace

Tensor cross_entropy_sum(const Tensor& logits, const Tensor& labels, double label_smoothing, const Tensor& weights,
                         double focal_gamma, const Tensor& row_weights) {
  const std::optional<Tensor> some = weights.defined() ? std::optional<Tensor>(weights) : std::nullopt;
  const Tensor scores = logits.to(at::kFloat);
  if (focal_gamma == 0 && !row_weights.defined())
    return at::cross_entropy_loss(scores, labels, some, at::Reduction::Sum, kNoLabel, label_smoothing);
  const Tensor losses = weighed(
      at::cross_entropy_loss(scores, labels, some, at::Reduction::None, kNoLabel, label_smoothing), row_weights);
  if (focal_gamma == 0) return losses.sum();
  const Tensor sure = at::log_softmax(scores, 1).gather(1, labels.clamp_min(0).unsqueeze(1)).squeeze(1).exp();
  return losses.mul((1 - sure).pow(focal_gamma)).sum();
}

Tensor squared_error_sum(const Tensor& values, const Tensor& targets, const Tensor& row_weights) {
  const Tensor squares = values.to(at::kFloat).reshape(-1).sub(targets.to(at::kFloat).reshape(-1)).square();
  return row_weights.defined() ? weighed(squares.view({row_weights.size(0), -1}), row_weights).sum() : squares.sum();
}

Tensor binary_cross_entropy_sum(const Tensor& logits, const Tensor& targets, const Tensor& given_weights,
                                double focal_gamma, const Tensor& row_weights) {
  const std::optional<Tensor> some = given_weights.defined() ? std::optional<Tensor>(given_weights) : std::nullopt;
  const Tensor scores = logits.to(at::kFloat), wanted = targets.to(at::kFloat);
  if (focal_gamma == 0 && !row_weights.defined())
    return at::binary_cross_entropy_with_logits(scores, wanted, {}, some, at::Reduction::Sum);
  const Tensor losses =
      weighed(at::binary_cross_entropy_with_logits(scores, wanted, {}, some, at::Reduction::None), row_weights);
  if (focal_gamma == 0) return losses.sum();
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
                                std::int64_t chunk, double label_smoothing, const Tensor& row_weights) {
  if (rows.is_cuda()) chunk = std::max<std::int64_t>(chunk, 2048);  // small products leave a GPU idle
  const bool grad = at::GradMode::is_enabled();
  const auto some = [](const Tensor& tensor) {
    return tensor.defined() ? std::optional<Tensor>(tensor) : std::nullopt;
  };
  return LinearCrossEntropy::apply(rows.contiguous(), weight, some(bias), labels, some(row_weights), chunk,
                                   label_smoothing, grad && rows.requires_grad(), grad && weight.requires_grad(),
                                   grad && bias.defined() && bias.requires_grad());
}

}  // namespace luthier::nn
