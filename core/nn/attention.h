#pragma once
#include <ATen/core/Tensor.h>

namespace luthier::nn {

using at::Tensor;

/// Scaled dot-product attention (Vaswani et al. 2017). q [B, H, T, D]; k, v [B, H_kv, S, D] where H_kv divides H
/// (grouped queries). `mask`: bool, true = may be seen, broadcast to [B, H, T, S] (padding: [B, 1, 1, S]); undefined
/// when nothing is masked. `causal`: query t sees keys 0 .. t (T == S). `dropout`: on the attention probabilities; the
/// caller passes 0 outside training. Returns [B, T, H * D].
Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask, bool causal, double dropout);

/// [B, T] bool, true = token -> [B, 1, 1, T] for `mask`; an undefined mask stays undefined.
Tensor padding_mask(const Tensor& attention_mask);

}  // namespace luthier::nn
