#pragma once
#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>

namespace luthier::nn {

using at::Tensor;

/// Rows of a table by index. Parameter: "weight" [V, C]. The padding row (if not -1) gets no gradient, as in torch.
class Embedding : public torch::nn::Module {
 public:
  Embedding(std::int64_t rows, std::int64_t channels, std::int64_t padding_row = -1);
  Tensor forward(const Tensor& ids);  // [...] int64 -> [..., C]
  void grow(std::int64_t rows);       ///< new rows are the mean of the old ones; never shrinks

  std::int64_t padding_row() const { return padding_row_; }
  Tensor weight;

 private:
  std::int64_t padding_row_;
};

/// Grows a parameter's first dimension in place (every module that shares it sees it); new rows are the mean of the
/// old.
void grow_rows(Tensor& parameter, std::int64_t rows);

}  // namespace luthier::nn
