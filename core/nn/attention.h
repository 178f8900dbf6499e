#pragma once
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <vector>

namespace luthier::nn {

using at::Tensor;

/// Scaled dot-product attention (Vaswani et al. 2017). q [B, H, T, D]; k, v [B, H_kv, S, D] where H_kv divides H
/// (grouped queries). `mask`: bool, true = may be seen, broadcast to [B, H, T, S] (padding: [B, 1, 1, S]); undefined
/// when nothing is masked. `causal`: query t sees keys 0 .. t (T == S). `dropout`: on the attention probabilities; the
/// caller passes 0 outside training. `segments`: lengths of texts that lie one after another along T == S, none of
/// which sees another; each is attended to alone, and `mask` [1, 1, longest, longest] is cut to it. Returns [B, T, H *
/// D].
Tensor attention(const Tensor& q, const Tensor& k, const Tensor& v, const Tensor& mask, bool causal, double dropout,
                 const std::vector<std::int64_t>& segments = {});

/// [B, T] bool, true = token -> [B, 1, 1, T] for `mask`; an undefined mask stays undefined.
Tensor padding_mask(const Tensor& attention_mask);

}  // namespace luthier::nn
