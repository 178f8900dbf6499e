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
  Tensor a;          ///< [r, in], of convolutions [r, in, kh, kw], of embeddings [r, V]; fp32
  Tensor b;          ///< [out, r], of convolutions [out, r, 1, 1], of embeddings [C, r]; fp32
  double scale = 1;  ///< alpha / r, or alpha / sqrt(r) when rank-stabilised
  double alpha = 1;
  double dropout = 0;  ///< on x, in training mode
  /// The lengths of the updated weight's rows, learned beside their direction (DoRA, Liu et al. 2024): [out], of
  /// convolutions [1, out, 1, 1], of embeddings [C]; undefined for plain LoRA.
  Tensor magnitude;
};

/// A learned factor for each channel (IA3, Liu et al. 2022): of the input, [1, in], or of the output, [out, 1]; of
/// convolutions [1, in or out, 1, 1].
struct ChannelScale {
  Tensor factor;
  bool on_input = false;
};

/// A layer with a weight and a slot for an adapter. Parameters: "weight", "bias" (optional), and those of the adapter,
/// spelled as PEFT spells them: "lora_A.weight", "lora_B.weight", "lora_magnitude_vector", "ia3_l".
class AdaptedLayer : public torch::nn::Module {
 public:
  /// A is drawn Kaiming-uniform(sqrt 5) from `generator` as PEFT does, B is zero; the weight and bias stop training.
  /// `dora`: with magnitudes, which start as the weight's own. unsupported where takes_lora() is false.
  void add_lora(std::int64_t rank, double scale, double alpha, double dropout, const at::Generator& generator,
                bool dora = false);
  const std::optional<Lora>& lora() const { return lora_; }
  /// Factors of one; the weight and bias stop training.
  void add_channel_scale(bool on_input);
  const std::optional<ChannelScale>& channel_scale() const { return channel_scale_; }

  bool has_adapter() const { return lora_ || channel_scale_; }
  void set_adapter_active(bool active) { active_ = active; }  ///< inactive: the base layer's output
  void merge_adapter();                                       ///< weight and bias become merged, the slot is empty
  void remove_adapter();

  /// Whether the update has the weight's shape: not so for convolutions in groups.
  virtual bool takes_lora() const { return true; }
  /// The shapes of A and B for this rank, and of the factors.
  virtual std::vector<std::int64_t> lora_a_shape(std::int64_t rank) const = 0;
  virtual std::vector<std::int64_t> lora_b_shape(std::int64_t rank) const = 0;
  virtual std::vector<std::int64_t> channel_scale_shape(bool on_input) const = 0;
  /// scale * B A in the weight's shape.
  virtual Tensor lora_update() const;
  /// The weight in full precision: of a quantised layer, what its codes stand for.
  virtual Tensor weight_values() const { return weight; }
  virtual at::Device device() const { return weight.device(); }

  /// What merging makes of weight and bias; without an adapter they are as they are.
  Tensor merged_weight() const;
  Tensor merged_bias() const;

  Tensor weight, bias;

 protected:
  bool adapts() const { return active_ && has_adapter(); }
  /// The lengths of the rows of weight + lora_update() in the magnitude's shape; no gradient flows through them.
  virtual Tensor updated_lengths() const = 0;
  /// A factor for each output (of an input with `on_input`) in a shape that multiplies the weight.
  virtual Tensor along_weight(const Tensor& factor, bool on_input) const = 0;
  /// Draws A and B and makes them parameters; takes them away again.
  virtual void hold_lora(Lora& lora, std::int64_t rank, const at::Generator& generator);
  virtual void drop_lora();
  /// Puts other values in the weight's place.
  virtual void set_weight(const Tensor& values);
  void forget_parameter(const std::string& name) { parameters_.erase(name); }

  std::optional<Lora> lora_;
  std::optional<ChannelScale> channel_scale_;

 private:
  void freeze();
  bool active_ = true;
};

}  // namespace luthier::nn
