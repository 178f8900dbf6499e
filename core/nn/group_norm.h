#pragma once
#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>

#include "nn/own_start.h"

namespace luthier::nn {

using at::Tensor;

/// Group normalisation (Wu, He 2018). Parameters: "weight" [C], "bias" [C]. With as many groups as channels every
/// channel is normalised over time by itself.
class GroupNorm : public torch::nn::Module, public OwnStart {
 public:
  GroupNorm(std::int64_t groups, std::int64_t channels, double epsilon = 1e-5);
  Tensor forward(const Tensor& x);  // [B, C, T] -> [B, C, T]
  void start(const std::string& parameter, Tensor& value, const at::Generator& generator) const override;
  Tensor weight, bias;

 private:
  std::int64_t groups_;
  double epsilon_;
};

}  // namespace luthier::nn
