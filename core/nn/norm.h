#pragma once
#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>

namespace luthier::nn {

using at::Tensor;

/// Layer normalisation (Ba, Kiros, Hinton 2016) over the last dimension. Parameters: "weight" [C], "bias" [C].
class LayerNorm : public torch::nn::Module {
 public:
  LayerNorm(std::int64_t channels, double epsilon);
  Tensor forward(const Tensor& x);  // [..., C] -> [..., C]
  Tensor weight, bias;

 private:
  double epsilon_;
};

/// Root-mean-square normalisation (Zhang, Sennrich 2019) over the last dimension. Parameter: "weight" [C].
class RMSNorm : public torch::nn::Module {
 public:
  RMSNorm(std::int64_t channels, double epsilon);
  Tensor forward(const Tensor& x);  // [..., C] -> [..., C]
  Tensor weight;

 private:
  double epsilon_;
};

}  // namespace luthier::nn
