#pragma once
// Shape legend used in all torch modules: B batch, T tokens, C channels (hidden size), H heads, D head size, V
// vocabulary, L labels, r rank, N rows of a flattened [B * T].
#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <optional>

namespace luthier::nn {

using at::Tensor;

/// A low-rank update of a frozen weight: y += scale * B(A(dropout(x))). LoRA, Hu et al. 2021.
struct Lora {
  Tensor a;          ///< [r, in], fp32
  Tensor b;          ///< [out, r], fp32
  double scale = 1;  ///< alpha / r, or alpha / sqrt(r) when rank-stabilised
  double alpha = 1;
  double dropout = 0;  ///< on x, in training mode
};

/// y = x W^T + b with an adapter slot. Parameters: "weight" [out, in], "bias" [out] (optional), and, once a LoRA is
/// added, "lora_A.weight" and "lora_B.weight", spelled as PEFT spells them.
class Linear : public torch::nn::Module {
 public:
  Linear(std::int64_t in, std::int64_t out, bool with_bias = true);
  Tensor forward(const Tensor& x);  // [..., in] -> [..., out]

  /// A is drawn Kaiming-uniform(sqrt 5) from `generator` as PEFT does, B is zero; the weight and bias stop training.
  void add_lora(std::int64_t rank, double scale, double alpha, double dropout, at::Generator generator);
  const std::optional<Lora>& lora() const { return lora_; }
  void set_lora_active(bool active) { lora_active_ = active; }  ///< inactive: the base layer's output
  void merge_lora();                                            ///< W += scale * B A, then the slot is empty
  void remove_lora();

  /// Uses another module's parameter in place of its own, under its own name too (tied embeddings).
  void tie_weight(const Tensor& shared);
  void tie_bias(const Tensor& shared);
  /// Grows to `rows` outputs; new rows are the mean of the old ones. A tied weight may have been grown already.
  void grow_outputs(std::int64_t rows);

  std::int64_t in_features() const { return in_; }
  std::int64_t out_features() const { return out_; }
  Tensor weight, bias;

 private:
  std::int64_t in_, out_;
  std::optional<Lora> lora_;
  bool lora_active_ = true;
};

}  // namespace luthier::nn
