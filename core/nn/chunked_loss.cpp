#include "nn/chunked_loss.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/addmm.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/full.h>
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

constexpr std::int64_t kGpuChunk = 2048;  ///< small products leave a GPU idle

std::optional<Tensor> some(const Tensor& tensor) {
  return tensor.defined() ? std::optional<Tensor>(tensor) : std::nullopt;
}

/// [n, C] @ [V, C]^T + [V] in fp32.
Tensor logits_of(const Tensor& part, const Tensor& matrix, const Tensor& bias) {
  const Tensor product = at::mm(part.to(matrix.scalar_type()), matrix.t()).to(at::kFloat);
  return bias.defined() ? product.add(bias) : product;
}

/// What the gradient of logits brings to rows, weight and bias; each undefined where none is wanted.
struct Gradients {
  Tensor rows, weight, bias;

  Gradients(const Tensor& of_rows, const Tensor& of_weight, const Tensor& of_bias, bool with_rows, bool with_weight,
            bool with_bias)
      : rows(with_rows ? at::empty_like(of_rows) : Tensor()),
        weight(with_weight ? at::zeros_like(of_weight) : Tensor()),
        bias(with_bias ? at::zeros_like(of_bias) : Tensor()) {}

  bool any() const { return rows.defined() || weight.defined() || bias.defined(); }

  /// `slopes` [n, V] fp32 are the gradients of the logits that `part`, rows from `start` on, made with `matrix`.
  void add(const Tensor& slopes, const Tensor& part, const Tensor& matrix, std::int64_t start) {
    if (bias.defined()) bias.add_(slopes.sum(0));
    const Tensor low = slopes.to(matrix.scalar_type());
    if (rows.defined()) rows.narrow(0, start, part.size(0)).copy_(at::mm(low, matrix));
    if (weight.defined()) weight.add_(at::mm(low.t(), part.to(matrix.scalar_type())));
  }
};

struct LinearLogProbabilities : torch::autograd::Function<LinearLogProbabilities> {
  static Tensor forward(AutogradContext* context, const Tensor& rows, const Tensor& weight,
                        const std::optional<Tensor>& bias, const Tensor& labels, std::int64_t chunk, bool with_rows,
                        bool with_weight, bool with_bias) {
    const std::int64_t count = rows.size(0);
    const auto type = product_type(rows);
    const Tensor matrix = weight.to(type), offset = bias.value_or(Tensor());
    Tensor said = at::empty({count}, rows.options().dtype(at::kFloat)), normalisers = at::empty_like(said);
    for (std::int64_t start = 0; start < count; start += chunk) {
      const std::int64_t size = std::min(chunk, count - start);
      const Tensor logits = logits_of(rows.narrow(0, start, size), matrix, offset);  // [n, V]
      const Tensor normaliser = logits.logsumexp(1);                                 // [n]
      normalisers.narrow(0, start, size).copy_(normaliser);
      said.narrow(0, start, size)
          .copy_(logits.gather(1, labels.narrow(0, start, size).unsqueeze(1)).squeeze(1) - normaliser);
    }
    context->save_for_backward({rows, weight, offset, labels, normalisers});
    context->saved_data["chunk"] = chunk;
    context->saved_data["type"] = static_cast<std::int64_t>(type);
    context->saved_data["rows"] = with_rows;
    context->saved_data["weight"] = with_weight;
    context->saved_data["bias"] = with_bias;
    return said;
  }

  static tensor_list backward(AutogradContext* context, tensor_list grads) {
    const auto saved = context->get_saved_variables();
    const Tensor &rows = saved[0], &weight = saved[1], &bias = saved[2], &labels = saved[3], &normalisers = saved[4];
    const std::int64_t count = rows.size(0), chunk = context->saved_data["chunk"].toInt();
    const Tensor matrix = weight.to(static_cast<at::ScalarType>(context->saved_data["type"].toInt()));
    Gradients made(rows, weight, bias, context->saved_data["rows"].toBool(), context->saved_data["weight"].toBool(),
                   context->saved_data["bias"].toBool());
    for (std::int64_t start = 0; start < count; start += chunk) {
      const std::int64_t size = std::min(chunk, count - start);
      const Tensor part = rows.narrow(0, start, size);
      const Tensor wanted = grads[0].narrow(0, start, size).unsqueeze(1);  // [n, 1]
      // d log p / d logits = one-hot - softmax
      Tensor slopes = logits_of(part, matrix, bias);
      slopes.sub_(normalisers.narrow(0, start, size).unsqueeze(1)).exp_();
      slopes.scatter_add_(1, labels.narrow(0, start, size).unsqueeze(1), at::full({size, 1}, -1.0, slopes.options()));
      slopes.mul_(wanted.neg());
      made.add(slopes, part, matrix, start);
    }
    return {made.rows, made.weight, made.bias, Tensor(), Tensor(), Tensor(), Tensor(), Tensor()};
  }
};

struct LinearDistillation : torch::autograd::Function<LinearDistillation> {
  static Tensor forward(AutogradContext* context, const Tensor& rows, const Tensor& weight,
                        const std::optional<Tensor>& bias, const Tensor& teacher_rows, const Tensor& teacher_weight,
                        const std::optional<Tensor>& teacher_bias, const std::optional<Tensor>& row_weights,
                        double temperature, std::int64_t chunk, bool with_rows, bool with_weight, bool with_bias) {
    const std::int64_t count = rows.size(0);
    const auto type = product_type(rows);
    const Tensor matrix = weight.to(type), teacher_matrix = teacher_weight.to(type);
    const Tensor offset = bias.value_or(Tensor()), teacher_offset = teacher_bias.value_or(Tensor());
    Gradients made(rows, weight, offset, with_rows, with_weight, with_bias);
    Tensor total = at::zeros({}, rows.options().dtype(at::kDouble));
    for (std::int64_t start = 0; start < count; start += chunk) {
      const std::int64_t size = std::min(chunk, count - start);
      const Tensor part = rows.narrow(0, start, size);
      const Tensor said = at::log_softmax(logits_of(part, matrix, offset).div_(temperature), 1);  // [n, V]
      const Tensor taught = at::log_softmax(
          logits_of(teacher_rows.narrow(0, start, size), teacher_matrix, teacher_offset).div_(temperature), 1);
      const Tensor shares = taught.exp();
      const Tensor counts = row_weights ? row_weights->narrow(0, start, size).unsqueeze(1) : Tensor();  // [n, 1]
      Tensor terms = taught.sub(said).mul_(shares);
      if (counts.defined()) terms.mul_(counts);
      total.add_(terms.sum(at::kDouble));
      if (!made.any()) continue;
      // d T^2 KL / d logits = T (student - teacher)
      const Tensor slopes = said.exp().sub_(shares).mul_(temperature);
      if (counts.defined()) slopes.mul_(counts);
      made.add(slopes, part, matrix, start);
    }
    context->save_for_backward({made.rows, made.weight, made.bias});
    return total.mul_(temperature * temperature).to(at::kFloat);
  }

  static tensor_list backward(AutogradContext* context, tensor_list grads) {
    auto saved = context->get_saved_variables();
    for (Tensor& grad : saved)
      if (grad.defined()) grad.mul_(grads[0]);
    tensor_list result(12);
    for (std::size_t i = 0; i < saved.size(); ++i) result[i] = saved[i];
    return result;
  }
};

}  // namespace

Tensor linear_log_probabilities(const Tensor& rows, const OutputLayer& output, const Tensor& labels,
                                std::int64_t chunk) {
  const bool grad = at::GradMode::is_enabled();
  return LinearLogProbabilities::apply(rows.contiguous(), output.weight, some(output.bias), labels,
                                       rows.is_cuda() ? std::max(chunk, kGpuChunk) : chunk,
                                       grad && rows.requires_grad(), grad && output.weight.requires_grad(),
                                       grad && output.bias.defined() && output.bias.requires_grad());
}

Tensor linear_distillation_sum(const Tensor& rows, const OutputLayer& output, const Tensor& teacher_rows,
                               const OutputLayer& teacher_output, double temperature, std::int64_t chunk,
                               const Tensor& row_weights) {
  const bool grad = at::GradMode::is_enabled();
  return LinearDistillation::apply(rows.contiguous(), output.weight, some(output.bias), teacher_rows.detach(),
                                   teacher_output.weight.detach(), some(teacher_output.bias), some(row_weights),
                                   temperature, rows.is_cuda() ? std::max(chunk, kGpuChunk) : chunk,
                                   grad && rows.requires_grad(), grad && output.weight.requires_grad(),
                                   grad && output.bias.defined() && output.bias.requires_grad());
}

Tensor distillation_sum(const Tensor& logits, const Tensor& teacher_logits, double temperature,
                        const Tensor& row_weights) {
  const Tensor said = at::log_softmax(logits.to(at::kFloat).div(temperature), -1);
  const Tensor taught = at::log_softmax(teacher_logits.detach().to(at::kFloat).div(temperature), -1);
  const Tensor terms = taught.exp().mul(taught.sub(said));
  const Tensor sum = row_weights.defined() ? terms.flatten(1).sum(1).mul(row_weights).sum() : terms.sum();
  return sum * (temperature * temperature);
}

}  // namespace luthier::nn
