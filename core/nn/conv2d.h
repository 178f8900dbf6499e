#pragma once
#include "nn/adapted_layer.h"
#include "nn/own_start.h"

namespace luthier::nn {

struct Conv2dShape {
  std::int64_t in = 1, out = 1, kernel = 1, stride = 1;
  std::int64_t padding = 0;  ///< zeros on each of the four sides
  std::int64_t groups = 1;
  bool bias = false;
  /// Drawn anew: 0 is Kaiming-normal by fan out (He et al. 2015), above 0 normal(0, this); the bias is zero.
  double start_range = 0.02;
};

/// A two-dimensional convolution. Parameters: "weight" [out, in / groups, kh, kw], "bias" [out] (optional). A LoRA's A
/// is a convolution like this one to r channels, B one of 1 x 1 from there.
class Conv2d : public AdaptedLayer, public OwnStart {
 public:
  explicit Conv2d(const Conv2dShape& shape);
  Tensor forward(const Tensor& x);  // [B, in, h, w] -> [B, out, h', w']

  void start(const std::string& parameter, Tensor& value, const at::Generator& generator) const override;
  bool takes_lora() const override { return shape_.groups == 1; }
  std::vector<std::int64_t> lora_a_shape(std::int64_t rank) const override;
  std::vector<std::int64_t> lora_b_shape(std::int64_t rank) const override { return {shape_.out, rank, 1, 1}; }
  std::vector<std::int64_t> channel_scale_shape(bool on_input) const override {
    return {1, on_input ? shape_.in : shape_.out, 1, 1};
  }
  const Conv2dShape& shape() const { return shape_; }

 protected:
  Tensor updated_lengths() const override;
  Tensor along_weight(const Tensor& factor, bool on_input) const override;

 private:
  Tensor base(const Tensor& x, const Tensor& with_bias) const;  // [B, in, h, w] -> [B, out, h', w']

  Conv2dShape shape_;
};

/// Zeros around an image's last two dimensions.
struct Padding {
  std::int64_t left = 0, right = 0, top = 0, bottom = 0;
};
Tensor pad(const Tensor& x, const Padding& padding);  // [B, C, h, w] -> [B, C, h + top + bottom, w + left + right]

}  // namespace luthier::nn
