#pragma once
// Dropout whose mask is a function of a key and the element's index: nothing is stored for the backward pass, and
// making it needs neither a lock nor a serial generator. The key is one draw from LibTorch's default generator of the
// CPU, so seeding and saving that generator governs it.
#include <ATen/core/Tensor.h>

#include <cstdint>

namespace luthier::nn {

using at::Tensor;

/// x with each element zero with probability p and the rest scaled by 1 / (1 - p), in training; else x itself.
Tensor dropout(const Tensor& x, double p, bool training);

/// residual + dropout(x): [...] each. One pass over the memory in training.
Tensor add_dropout(const Tensor& residual, const Tensor& x, double p, bool training);

/// The raw pieces for kernels that make their own backward (contiguous float tensors on the CPU).
std::uint64_t draw_dropout_key();
/// out = (residual or 0) + x * mask(key, p), element by element; `residual` may be undefined; out may be x.
void apply_dropout(const Tensor& x, const Tensor& residual, double p, std::uint64_t key, Tensor& out);

}  // namespace luthier::nn
