#pragma once
// AdamW (Loshchilov and Hutter 2019) over parameter groups by the fused kernel, with gradient clipping by global norm.
// Its moments may be kept in 8 bits, and in the host's memory while the parameters are on a GPU.
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <string>
#include <utility>
#include <vector>

namespace luthier::nn {

using at::Tensor;

struct AdamWOptions {
  double learning_rate = 1e-3, beta1 = 0.9, beta2 = 0.999, epsilon = 1e-8, weight_decay = 0.01;
  bool eight_bit = false;  ///< moments of parameters of 4096 numbers or more in 8 bits (nn/eight_bit.h)
  bool on_host = false;    ///< moments stay on the processor; nothing changes for parameters that are there
};

class AdamW {
 public:
  /// `no_decay[i]`: parameter i gets no weight decay. Parameters must be contiguous and stay the same tensors.
  AdamW(std::vector<Tensor> parameters, std::vector<bool> no_decay, AdamWOptions options);

  /// Parameter i learns scales[i] times as fast as a step's rate says (1 each at the start).
  void set_rate_scales(std::vector<double> scales);

  /// One step from the parameters' grads (undefined ones are skipped, as torch does); then the caller zeroes them.
  void step(double learning_rate);
  void zero_grad(bool set_to_none = true);
  const std::vector<Tensor>& parameters() const { return parameters_; }

  /// For checkpoints: "exp_avg.<i>", "exp_avg_sq.<i>" (in 8 bits with "exp_avg_scale.<i>", "exp_avg_sq_scale.<i>") and
  /// "step" as named tensors; load copies them back.
  std::vector<std::pair<std::string, Tensor>> state() const;
  void load_state(const std::vector<std::pair<std::string, Tensor>>& state);

 private:
  std::vector<Tensor> parameters_;
  std::vector<bool> no_decay_;
  std::vector<double> rate_scales_;
  AdamWOptions options_;
  /// In full precision shaped as the parameter; in 8 bits codes, with scales beside them.
  struct Moments {
    Tensor first, second, first_scale, second_scale;
    bool in_eight_bits() const { return first_scale.defined(); }
  };
  Moments start_moments(const Tensor& parameter) const;
  bool is_elsewhere(std::size_t i) const;  ///< the moments are on another device than the parameter
  void step_alone(std::size_t i, double rate);

  std::vector<Moments> moments_;
  std::vector<Tensor> steps_;  ///< one count a parameter: those without a gradient in some steps lag behind
};

/// Global L2 norm of all defined grads, fp32, a 0-d tensor on the parameters' device (no synchronisation).
Tensor gradient_norm(const std::vector<Tensor>& parameters);
/// Scales grads in place by min(1, max_norm / (norm + 1e-6)), as torch.nn.utils.clip_grad_norm_; no synchronisation.
void clip_gradients(const std::vector<Tensor>& parameters, const Tensor& norm, double max_norm);

}  // namespace luthier::nn
