#pragma once
// Root mean square normalisation (Zhang and Sennrich 2019), and the gated activation of the feed-forward layers that
// come with it. Both keep only their inputs for the backward pass. Shape legend: nn/linear.h.
#include <ATen/core/Tensor.h>

namespace luthier::nn {

using at::Tensor;

/// x / sqrt(mean(x^2) + eps) * weight over the last dimension. x [..., C], weight [C]; x must be contiguous on the CPU
/// for the fused kernel, anything else takes LibTorch's own.
Tensor rms_norm(const Tensor& x, const Tensor& weight, double eps);

/// silu(gate) * up (SwiGLU without its matrices, Shazeer 2020). Both [..., I], same type.
Tensor gated_silu(const Tensor& gate, const Tensor& up);

}  // namespace luthier::nn
