#pragma once
#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <cstdint>

#include "nn/own_start.h"

namespace luthier::nn {

using at::Tensor;

/// Batch normalisation (Ioffe, Szegedy 2015) of each channel. Parameters: "weight" [C], "bias" [C]; buffers:
/// "running_mean" [C], "running_var" [C], "num_batches_tracked" [] int64. In training mode it normalises by the batch
/// and moves the running statistics towards it by `momentum`; in evaluation mode it normalises by those. One that is
/// frozen (its weight does not train) keeps to its running statistics in training mode too: they belong to the weights.
class BatchNorm2d : public torch::nn::Module, public OwnStart {
 public:
  /// `start_range`: drawn anew, the weight is one, or from normal(0, this) where that is above 0.
  explicit BatchNorm2d(std::int64_t channels, double epsilon = 1e-5, double momentum = 0.1, double start_range = 0);
  Tensor forward(const Tensor& x);  // [B, C, h, w] -> [B, C, h, w]

  void start(const std::string& parameter, Tensor& value, const at::Generator& generator) const override;

  /// Normalise by the batch in training mode even when frozen, as torch's own layer does.
  void set_by_batch_when_frozen(bool on) { by_batch_when_frozen_ = on; }

  Tensor weight, bias, running_mean, running_var, num_batches_tracked;

 private:
  double epsilon_, momentum_, start_range_;
  bool by_batch_when_frozen_ = false;
};

}  // namespace luthier::nn
