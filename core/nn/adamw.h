#pragma once
// AdamW (Loshchilov and Hutter 2019) over parameter groups by the fused kernel, with gradient clipping by global norm.
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace luthier::nn {

using at::Tensor;

struct AdamWOptions {
  double learning_rate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weight_decay = 0.01;
};

class AdamW {
 public:
  /// `no_decay[i]`: parameter i gets no weight decay. Parameters must be contiguous and stay the same tensors.
  AdamW(std::vector<Tensor> parameters, std::vector<bool> no_decay, AdamWOptions options);

  /// One step from the parameters' grads (undefined ones are skipped, as torch does); then the caller zeroes them.
  void step(double learning_rate);
  void zero_grad(bool set_to_none = true);
  const std::vector<Tensor>& parameters() const { return parameters_; }

  /// For checkpoints: "exp_avg.<i>", "exp_avg_sq.<i>" and "step" as named tensors; load copies them back.
  std::vector<std::pair<std::string, Tensor>> state() const;
  void load_state(const std::vector<std::pair<std::string, Tensor>>& state);

 private:
  std::vector<Tensor> parameters_;
  std::vector<bool> no_decay_;
  AdamWOptions options_;
  std::vector<Tensor> exp_avg_, exp_avg_sq_, steps_;
};

/// Global L2 norm of all defined grads, fp32, a 0-d tensor on the parameters' device (no synchronisation).
Tensor gradient_norm(const std::vector<Tensor>& parameters);
/// Scales grads in place by min(1, max_norm / (norm + 1e-6)), as torch.nn.utils.clip_grad_norm_; no synchronisation.
void clip_gradients(const std::vector<Tensor>& parameters, const Tensor& norm, double max_norm);

}  // namespace luthier::nn
