#pragma once
#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>

#include "nn/own_start.h"

namespace luthier::nn {

using at::Tensor;

struct Conv1dShape {
  std::int64_t in = 1, out = 1, kernel = 1, stride = 1, padding = 0, groups = 1;
  bool bias = true;
  /// Drawn anew: 0 is Kaiming-normal with a uniform bias (torch's and Wav2Vec2's start); above 0 normal(0, this) with a
  /// zero bias.
  double start_range = 0;
};

/// How many steps a convolution leaves of `length`; 0 or less where the kernel does not fit.
std::int64_t convolved_length(std::int64_t length, const Conv1dShape& shape);

/// A convolution over time. Parameters: "weight" [out, in / groups, kernel], "bias" [out] (optional).
class Conv1d : public torch::nn::Module, public OwnStart {
 public:
  explicit Conv1d(const Conv1dShape& shape);
  Tensor forward(const Tensor& x);  // [B, in, T] -> [B, out, T']
  void start(const std::string& parameter, Tensor& value, const at::Generator& generator) const override;
  Tensor weight, bias;

 private:
  Conv1dShape shape_;
};

/// A convolution whose weight is a direction and a length for each of the kernel's positions (weight normalisation,
/// Salimans and Kingma 2016, over the last dimension). Parameters: "parametrizations.weight.original0" [1, 1, kernel],
/// the lengths, "parametrizations.weight.original1" [out, in / groups, kernel], the directions, and "bias" [out].
class WeightNormConv1d : public torch::nn::Module {
 public:
  explicit WeightNormConv1d(const Conv1dShape& shape);
  Tensor forward(const Tensor& x);  // [B, in, T] -> [B, out, T']
  Tensor length, direction, bias;

 private:
  Conv1dShape shape_;
};

}  // namespace luthier::nn
