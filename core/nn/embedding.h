#pragma once
#include "nn/adapted_layer.h"

namespace luthier::nn {

/// Rows of a table by index. Parameter: "weight" [V, C]. The padding row (if not -1) gets no gradient, as in torch. A
/// LoRA's factors are the parameters "lora_embedding_A" [r, V], zero at the start, and "lora_embedding_B" [C, r];
/// DoRA's magnitudes are the lengths of the table's columns.
class Embedding : public AdaptedLayer {
 public:
  Embedding(std::int64_t rows, std::int64_t channels, std::int64_t padding_row = -1);
  Tensor forward(const Tensor& ids);  // [...] int64 -> [..., C]
  void grow(std::int64_t rows);       ///< new rows are the mean of the old ones; never shrinks

  std::vector<std::int64_t> lora_a_shape(std::int64_t rank) const override { return {rank, weight.size(0)}; }
  std::vector<std::int64_t> lora_b_shape(std::int64_t rank) const override { return {weight.size(1), rank}; }
  std::vector<std::int64_t> channel_scale_shape(bool on_input) const override;
  Tensor lora_update() const override;

  std::int64_t padding_row() const { return padding_row_; }

 protected:
  Tensor updated_lengths() const override;
  Tensor along_weight(const Tensor& factor, bool on_input) const override;
  void hold_lora(Lora& lora, std::int64_t rank, const at::Generator& generator) override;
  void drop_lora() override;
  /// New memory: who shares the table sees the new values, who aliases its memory keeps the old ones.
  void set_weight(const Tensor& values) override;

 private:
  std::int64_t padding_row_;
};

/// Grows a parameter's first dimension in place (every module that shares it sees it); new rows are the mean of the
/// old.
void grow_rows(Tensor& parameter, std::int64_t rows);

}  // namespace luthier::nn
