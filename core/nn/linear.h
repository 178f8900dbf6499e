#pragma once
#include "nn/adapted_layer.h"

namespace luthier::nn {

/// How a linear layer's weight lies in the checkpoint. GPT-2 keeps [in, out], which PEFT calls fan_in_fan_out.
enum class WeightLayout { out_in, in_out };

/// y = x W^T + b. Parameters: "weight" [out, in] (or [in, out], see WeightLayout), "bias" [out] (optional). A LoRA's A
/// is [r, in] and its B [out, r] in either layout.
class Linear : public AdaptedLayer {
 public:
  Linear(std::int64_t in, std::int64_t out, bool with_bias = true, WeightLayout layout = WeightLayout::out_in);
  Tensor forward(const Tensor& x);  // [..., in] -> [..., out]

  /// Uses another module's parameter in place of its own, under its own name too (tied embeddings).
  void tie_weight(const Tensor& shared);
  void tie_bias(const Tensor& shared);
  /// Grows to `rows` outputs; new rows are the mean of the old ones. A tied weight may have been grown already.
  void grow_outputs(std::int64_t rows);

  std::vector<std::int64_t> lora_a_shape(std::int64_t rank) const override { return {rank, in_}; }
  std::vector<std::int64_t> lora_b_shape(std::int64_t rank) const override { return {out_, rank}; }
  Tensor lora_update() const override;
  std::int64_t in_features() const { return in_; }
  std::int64_t out_features() const { return out_; }
  WeightLayout layout() const { return layout_; }

 private:
  Tensor matrix() const { return layout_ == WeightLayout::in_out ? weight.t() : weight; }  // [out, in]

  std::int64_t in_, out_;
  WeightLayout layout_;
};

}  // namespace luthier::nn
