#include "nn/attention.h"

#include <ATen/ops/_softmax.h>
#include <ATen/ops/_softmax_backward_data.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <torch/csrc/autograd/custom_function.h>

#include <cmath>
#include <limits>

#include "nn/dropout.h"
#include "nn/tracing.h"

namespace luthier::nn {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

/// Attention with dropout on the CPU, where the fused kernel refuses dropout. Keeps the probabilities alone: the
/// dropout mask is made again from its key in the backward pass.
struct DropoutAttention : torch::autograd::Function<DropoutAttention> {
  static Tensor forward(AutogradContext* context, const Tensor& q, const Tensor& k, const Tensor& v,
                        const std::optional<Tensor>& hidden, double p) {
    const double scale = 1 / std::sqrt(static_cast<double>(q.size(-1)));
    const std::uint64_t key = draw_dropout_key();
    Tensor scores = at::matmul(q, k.transpose(-2, -1)).mul_(scale);  // [B, H, T, S]
    if (hidden) scores.masked_fill_(*hidden, std::numeric_limits<float>::lowest());
    const Tensor probabilities = at::_softmax(scores, -1, false);
    apply_dropout(probabilities, {}, p, key, scores);  // the scores' memory is free now
    context->save_for_backward({q, k, v, probabilities});
    context->saved_data["key"] = static_cast<std::int64_t>(key);
    context->saved_data["p"] = p;
    return at::matmul(scores, v);  // [B, H, T, D]
  }

  static tensor_list backward(AutogradContext* context, tensor_list grads) {
    const auto saved = context->get_saved_variables();
    const Tensor &q = saved[0], &k = saved[1], &v = saved[2], &probabilities = saved[3];
    const double scale = 1 / std::sqrt(static_cast<double>(q.size(-1))), p = context->saved_data["p"].toDouble();
    const auto key = static_cast<std::uint64_t>(context->saved_data["key"].toInt());
    Tensor scratch = at::empty_like(probabilities);
    apply_dropout(probabilities, {}, p, key, scratch);
    const Tensor grad_v = at::matmul(scratch.transpose(-2, -1), grads[0]);
    Tensor grad_scores = at::matmul(grads[0], v.transpose(-2, -1));
    apply_dropout(grad_scores, {}, p, key, grad_scores);
    grad_scores = at::_softmax_backward_data(grad_scores, probabilities, -1, at::kFloat).mul_(scale);
    return {at::matmul(grad_scores, k), at::matmul(grad_scores.transpose(-2, -1), q), grad_v, Tensor(), Tensor()};
  }
};

bool own_kernel(const Tensor& q, const Tensor& k) {
  return q.is_cpu() && q.scalar_type() == at::kFloat && q.size(1) == k.size(1);
}

/// Text by text: a mask over the whole row would cost all of its T^2 and skip nothing.
Tensor attention_by_segments(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask, bool causal,
                             double dropout, const std::vector<std::int64_t>& segments) {
  const auto queries = q.split_with_sizes(segments, 2), keys = k.split_with_sizes(segments, 2),
             values = v.split_with_sizes(segments, 2);
  std::vector<Tensor> parts;
  parts.reserve(segments.size());
  for (std::size_t i = 0; i < segments.size(); ++i) {
    const Tensor own = mask.defined() ? mask.narrow(-2, 0, segments[i]).narrow(-1, 0, segments[i]) : mask;
    parts.push_back(attention(queries[i], keys[i], values[i], own, causal, dropout));
  }
  return at::cat(parts, 1);  // [B, T, H * D]
}

}  // namespace

Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask, bool causal, double dropout,
                 const std::vector<std::int64_t>& segments) {
  if (!segments.empty()) return attention_by_segments(q, k, v, mask, causal, dropout, segments);
  Tensor out;
  if (dropout > 0 && own_kernel(q, k)) {
    Tensor seen = mask;
    if (causal) {
      const Tensor lower = at::ones({q.size(-2), k.size(-2)}, q.options().dtype(at::kBool)).tril_();
      seen = mask.defined() ? mask.logical_and(lower) : lower;
    }
    std::optional<Tensor> hidden;
    if (seen.defined()) hidden = seen.logical_not();
    out = DropoutAttention::apply(q, k, v, hidden, dropout);
  } else {
    const bool grouped = q.size(1) != k.size(1);
    const bool both = causal && mask.defined();  // the fused kernels take one or the other
    std::optional<Tensor> given;
    if (mask.defined()) given = mask;
    if (both) given = mask.logical_and(at::ones({q.size(-2), k.size(-2)}, mask.options()).tril_());
    // A recorded graph is read by programs that know no grouped queries: there every query has its key.
    const bool spelled_out = grouped && is_tracing();
    const auto spread = [&](const Tensor& x) {  // [B, H_kv, S, D] -> [B, H, S, D]
      const std::int64_t queries = q.size(1) / x.size(1);
      return x.unsqueeze(2).expand({-1, -1, queries, -1, -1}).flatten(1, 2);
    };
    out = at::scaled_dot_product_attention(q, spelled_out ? spread(k) : k, spelled_out ? spread(v) : v, given, dropout,
                                           causal && !both, std::nullopt, grouped && !spelled_out);
  }
  return out.transpose(1, 2).flatten(2, 3);
}

Tensor padding_mask(const Tensor& attention_mask) {
  return attention_mask.defined() ? attention_mask.unsqueeze(1).unsqueeze(1) : attention_mask;
}

}  // namespace luthier::nn
