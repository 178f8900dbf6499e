#pragma once
// What a causal model needs besides its layers: masks over cached and new tokens, and the growing cache.
#include <cstdint>

#include "models/model.h"

namespace luthier {

/// How the new tokens of one forward pass may look back.
struct CausalView {
  bool causal = false;  ///< query t sees keys 0 .. t; no mask needed
  Tensor mask;          ///< bool, broadcast to [B, H, T, T_seen + T]; undefined where nothing needs hiding
};

/// `attention_mask`: [B, seen + count] bool, true = token, or undefined. `window`: tokens that may be seen, the own one
/// included; 0 for all. Padding that comes last in every row needs no mask: no token sees it.
CausalView causal_view(const Tensor& attention_mask, std::int64_t seen, std::int64_t count, std::int64_t window,
                       at::Device device);

/// Where the new tokens and all keys stand.
struct TokenPlaces {
  Tensor query;  ///< [T] int64
  Tensor key;    ///< [S] int64
};
/// As operations of a graph that is recorded (nn/tracing.h): `tokens` [B, T, ...] are the new ones, after those in the
/// cache or, without one, after `before` others.
TokenPlaces traced_places(const Tensor& tokens, const KeyValueCache* cache, std::int64_t before = 0);
/// The same as the other, always with a mask: the graph holds for every mask and length.
CausalView causal_view(const Tensor& attention_mask, const TokenPlaces& places, std::int64_t window);

/// Appends `added` [B, H_kv, T, D] to one entry of a KeyValueCache and returns all of it. Without gradients the entry
/// is a view into a buffer with room to grow, so that a token costs one copy of itself.
Tensor append_to_cache(Tensor& cached, const Tensor& added);

/// Hidden states [B, T, C] of the position that stands for each row where a decoder classifies, [B, C]: its rightmost
/// token that is not padding, as transformers takes it. Without a padding token in the config the mask tells; without
/// either it is the last one.
Tensor last_states(const Tensor& hidden, const Batch& batch, const Json& config);

}  // namespace luthier
