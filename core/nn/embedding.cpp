#include "nn/embedding.h"

#include <ATen/TensorOperators.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/mm.h>
#include <ATen/ops/randn.h>
#include <ATen/ops/zeros.h>

#include "base/error.h"
#include "nn/linear.h"
#include "nn/observed.h"

namespace luthier::nn {

Embedding::Embedding(std::int64_t rows, std::int64_t channels, std::int64_t padding_row) : padding_row_(padding_row) {
  weight = register_parameter("weight", at::empty({rows, channels}));
}

Tensor Embedding::forward(const Tensor& ids) {
  const auto compute = [&] {
    const Tensor rows = at::embedding(weight, ids, padding_row_);  // [..., C]
    if (!adapts()) return rows;
    const Tensor reduced = at::embedding(lora_->a.t(), ids, padding_row_);  // [..., r]
    const Tensor updated = rows.add(reduced.matmul(lora_->b.t()), lora_->scale);
    return lora_->magnitude.defined() ? updated.mul(lora_->magnitude.div(updated_lengths())) : updated;
  };
  const Tensor y = compute();
  tell_observer(*this, ids, y);
  return y;
}

void Embedding::hold_lora(Lora& lora, std::int64_t rank, const at::Generator& generator) {
  const auto options = at::TensorOptions(device()).dtype(at::kFloat);
  lora.a = register_parameter("lora_embedding_A", at::zeros(lora_a_shape(rank), options));
  lora.b = register_parameter("lora_embedding_B",
                              at::randn(lora_b_shape(rank), generator, at::TensorOptions(at::kFloat)).to(device()));
}

void Embedding::drop_lora() {
  forget_parameter("lora_embedding_A");
  forget_parameter("lora_embedding_B");
}

Tensor Embedding::lora_update() const { return at::mm(lora_->b, lora_->a).mul_(lora_->scale).t(); }  // [V, C]

Tensor Embedding::updated_lengths() const {
  const at::NoGradGuard no_grad;
  const Tensor squares = at::linalg_vector_norm(weight, 2, at::IntArrayRef{0}).square();  // [C]
  return lengths_after_update(squares, at::mm(weight.t(), lora_->a.t()), *lora_);
}

Tensor Embedding::along_weight(const Tensor& factor, bool) const { return factor.reshape({1, weight.size(1)}); }

std::vector<std::int64_t> Embedding::channel_scale_shape(bool) const {
  fail(ErrorKind::unsupported, "an embedding takes no IA3", {}, "name linear layers or convolutions");
}

void Embedding::set_weight(const Tensor& values) { weight.set_data(values.detach()); }

void Embedding::grow(std::int64_t rows) { grow_rows(weight, rows); }

void grow_rows(Tensor& parameter, std::int64_t rows) {
  const std::int64_t old = parameter.size(0);
  if (rows <= old) return;
  at::NoGradGuard no_grad;
  auto shape = parameter.sizes().vec();
  shape[0] = rows - old;
  const Tensor values = parameter.detach();
  parameter.set_data(at::cat({values, values.mean(0, /*keepdim=*/true).expand(shape)}));
  parameter.mutable_grad().reset();
}

}  // namespace luthier::nn
