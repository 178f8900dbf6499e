#pragma once
#include <cmath>

#include "nn/linear.h"
#include "nn/own_start.h"

namespace luthier::nn {

/// A linear layer that starts as PyTorch's own does: weight and bias uniform within 1 / sqrt(in).
class UniformLinear : public Linear, public OwnStart {
 public:
  using Linear::Linear;
  void start(const std::string&, Tensor& value, const at::Generator& generator) const override {
    const double bound = 1 / std::sqrt(static_cast<double>(in_features()));
    value.uniform_(-bound, bound, generator);
  }
};

}  // namespace luthier::nn
