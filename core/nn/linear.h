#pragma once
#include <memory>

#include "nn/adapted_layer.h"
#include "nn/quantised.h"

namespace luthier::nn {

/// How a linear layer's weight lies in the checkpoint. GPT-2 keeps [in, out], which PEFT calls fan_in_fan_out.
enum class WeightLayout { out_in, in_out };

/// y = x W^T + b. Parameters: "weight" [out, in] (or [in, out], see WeightLayout), "bias" [out] (optional). A LoRA's A
/// is [r, in] and its B [out, r] in either layout. A quantised layer has no parameter "weight" but the module
/// "quantised", which holds it as [out, in].
class Linear : public AdaptedLayer {
 public:
  Linear(std::int64_t in, std::int64_t out, bool with_bias = true, WeightLayout layout = WeightLayout::out_in);
  Tensor forward(const Tensor& x);  // [..., in] -> [..., out]

  /// Uses another module's parameter in place of its own, under its own name too (tied embeddings).
  void tie_weight(const Tensor& shared);
  void tie_bias(const Tensor& shared);
  /// Grows to `rows` outputs; new rows are the mean of the old ones. A tied weight may have been grown already.
  void grow_outputs(std::int64_t rows);

  /// Keeps these values (in the weight's layout, on the CPU) in few bits in the weight's place. They stop training.
  void quantise(const Tensor& values, const QuantiseOptions& options);
  /// Makes the weight a parameter in full precision again, frozen.
  void dequantise();
  const std::shared_ptr<QuantisedWeight>& quantised() const { return quantised_; }  ///< null: in full precision

  std::vector<std::int64_t> lora_a_shape(std::int64_t rank) const override { return {rank, in_}; }
  std::vector<std::int64_t> lora_b_shape(std::int64_t rank) const override { return {out_, rank}; }
  std::vector<std::int64_t> channel_scale_shape(bool on_input) const override;
  Tensor lora_update() const override;
  Tensor weight_values() const override;
  at::Device device() const override { return quantised_ ? quantised_->packed.device() : weight.device(); }
  std::int64_t in_features() const { return in_; }
  std::int64_t out_features() const { return out_; }
  WeightLayout layout() const { return layout_; }

 protected:
  Tensor updated_lengths() const override;
  Tensor along_weight(const Tensor& factor, bool on_input) const override;
  void set_weight(const Tensor& values) override;

 private:
  Tensor matrix() const { return layout_ == WeightLayout::in_out ? weight.t() : weight; }  // [out, in]
  Tensor base(const Tensor& x, const Tensor& with_bias) const;                             // [..., in] -> [..., out]
  Tensor with_lora(const Tensor& rows) const;                                              // [N, in] -> [N, out]

  std::int64_t in_, out_;
  WeightLayout layout_;
  std::shared_ptr<QuantisedWeight> quantised_;
  mutable Tensor squares_;  ///< [out], squared lengths of the frozen weight's rows; made when DoRA needs them
};

/// The lengths of the rows of W + scale * B A from those of W (squared, [out]) and W A^T [out, r], so that neither the
/// sum nor B A is ever made: [out].
Tensor lengths_after_update(const Tensor& squares, const Tensor& weight_times_a, const Lora& lora);

}  // namespace luthier::nn
