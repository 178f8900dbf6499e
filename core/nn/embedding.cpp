#include "nn/embedding.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/embedding.h>
#include <ATen/ops/empty.h>

namespace luthier::nn {

Embedding::Embedding(std::int64_t rows, std::int64_t channels, std::int64_t padding_row) : padding_row_(padding_row) {
  weight = register_parameter("weight", at::empty({rows, channels}));
}

Tensor Embedding::forward(const Tensor& ids) { return at::embedding(weight, ids, padding_row_); }

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
