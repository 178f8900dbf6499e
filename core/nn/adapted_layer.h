#pragma once
// Shape legend used in all torch modules: B batch, T tokens, C channels (hidden size), H heads, D head size, V
// vocabulary, L labels, r rank, N rows of a flattened [B * T].
#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <optional>
#include <vector>

namespace luthier::nn {

using at::Tensor;

/// A low-rank update of a frozen weight: y += scale * B(A(dropout(x))). LoRA, Hu et al. 2021.
struct Lora {
  Tensor a;          ///< [r, in], of convolutions [r, in, kh, kw]; fp32
  Tensor b;          ///< [out, r], of convolutions [out, r, 1, 1]; fp32
  double scale = 1;  ///< alpha / r, or alpha / sqrt(r) when rank-stabilised
  double alpha = 1;
  double dropout = 0;  ///< on x, in training mode
};

/// A layer with a weight and a slot for an adapter. Parameters: "weight", "bias" (optional), and, once a LoRA is added,
/// "lora_A.weight" and "lora_B.weight", spelled as PEFT spells them.
class AdaptedLayer : public torch::nn::Module {
 public:
  /// A is drawn Kaiming-uniform(sqrt 5) from `generator` as PEFT does, B is zero; the weight and bias stop training.
  /// unsupported where takes_lora() is false.
  void add_lora(std::int64_t rank, double scale, double alpha, double dropout, at::Generator generator);
  const std::optional<Lora>& lora() const { return lora_; }
  void set_lora_active(bool active) { lora_active_ = active; }  ///< inactive: the base layer's output
  void merge_lora();                                            ///< W += lora_update(), then the slot is empty
  void remove_lora();

  /// Whether the update has the weight's shape: not so for convolutions in groups.
  virtual bool takes_lora() const { return true; }
  /// The shapes of A and B for this rank.
  virtual std::vector<std::int64_t> lora_a_shape(std::int64_t rank) const = 0;
  virtual std::vector<std::int64_t> lora_b_shape(std::int64_t rank) const = 0;
  /// scale * B A in the weight's shape: what merging adds.
  virtual Tensor lora_update() const;

  Tensor weight, bias;

 protected:
  std::optional<Lora> lora_;
  bool lora_active_ = true;
};

}  // namespace luthier::nn
