#include "models/cached_attention.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/argmax.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>

#include <algorithm>
#include <limits>
#include <nlohmann/json.hpp>

#include "models/config.h"
#include "nn/tracing.h"

namespace luthier {

namespace {

bool padding_comes_last(const Tensor& mask) {
  const std::int64_t tokens = mask.size(1);
  return tokens < 2 || mask.narrow(1, 0, tokens - 1).ge(mask.narrow(1, 1, tokens - 1)).all().item<bool>();
}

}  // namespace

CausalView causal_view(const Tensor& attention_mask, std::int64_t seen, std::int64_t count, std::int64_t window,
                       at::Device device) {
  const std::int64_t total = seen + count;
  const bool windowed = window > 0 && total > window;
  const bool hides_padding = attention_mask.defined() && (seen > 0 || !padding_comes_last(attention_mask));
  if (!windowed && !hides_padding) {
    if (seen == 0) return {.causal = count > 1, .mask = {}};
    if (count == 1) return {};
  }
  const auto options = at::TensorOptions(device).dtype(at::kLong);
  const Tensor query = at::arange(seen, total, options).unsqueeze(1), key = at::arange(total, options).unsqueeze(0);
  Tensor mask = key.le(query);  // [T, S]
  if (windowed) mask = mask.logical_and_(key.gt(query.sub(window)));
  mask = mask.unsqueeze(0).unsqueeze(0);  // [1, 1, T, S]
  if (hides_padding) {
    mask = mask.logical_and(attention_mask.unsqueeze(1).unsqueeze(1));  // [B, 1, T, S]
    // A row that sees nothing gives 0 on the CPU, but NaN in some CUDA kernels, and that spreads: there padding sees
    // itself.
    if (!device.is_cpu()) mask = mask.logical_or(key.eq(query));
  }
  return {.causal = false, .mask = mask};
}

TokenPlaces traced_places(const Tensor& tokens, const KeyValueCache* cache, std::int64_t before) {
  const Tensor query = nn::places_along(tokens, 1);
  if (cache && !cache->keys.empty() && cache->keys.front().defined()) {
    const Tensor& cached = cache->keys.front();
    const Tensor later = query.add(nn::count_along(cached, 2));
    return {later, at::cat({nn::places_along(cached, 2), later})};
  }
  if (cache || before == 0) return {query, query};
  const Tensor later = query.add(before);
  return {later, at::cat({at::arange(before, query.options()), later})};
}

CausalView causal_view(const Tensor& attention_mask, const TokenPlaces& places, std::int64_t window) {
  const Tensor query = places.query.unsqueeze(1), key = places.key.unsqueeze(0);
  Tensor mask = key.le(query);  // [T, S]
  if (window > 0) mask = mask.logical_and(key.gt(query.sub(window)));
  mask = mask.unsqueeze(0).unsqueeze(0);
  // Padding sees itself: a row that sees nothing is NaN in some programs.
  if (attention_mask.defined())
    mask = mask.logical_and(attention_mask.unsqueeze(1).unsqueeze(1)).logical_or(key.eq(query));
  return {.causal = false, .mask = mask};
}

Tensor append_to_cache(Tensor& cached, const Tensor& added) {
  if (at::GradMode::is_enabled() || nn::is_tracing()) {
    cached = cached.defined() ? at::cat({cached, added}, 2) : added;
    return cached;
  }
  const std::int64_t seen = cached.defined() ? cached.size(2) : 0, count = added.size(2), total = seen + count;
  // A view made here has the buffer's strides, which tell the buffer's length.
  const std::int64_t room = cached.defined() && cached.stride(2) > 0 ? cached.stride(1) / cached.stride(2) : 0;
  if (total <= room) {
    const auto sizes = cached.sizes();
    cached = cached.as_strided({sizes[0], sizes[1], total, sizes[3]}, cached.strides());
  } else {
    const Tensor buffer = at::empty(
        {added.size(0), added.size(1), std::max<std::int64_t>(2 * seen, total + 64), added.size(3)}, added.options());
    Tensor grown = buffer.narrow(2, 0, total);
    if (seen > 0) grown.narrow(2, 0, seen).copy_(cached);
    cached = grown;
  }
  cached.narrow(2, seen, count).copy_(added);
  return cached;
}

Tensor last_states(const Tensor& hidden, const Batch& batch, const Json& config) {
  const std::int64_t rows = hidden.size(0), tokens = hidden.size(1);
  const Tensor positions =
      nn::is_tracing() ? nn::places_along(hidden, 1) : at::arange(tokens, batch.input_ids.options());
  const std::int64_t padding = config_row(config, "pad_token_id", std::numeric_limits<std::int64_t>::max());
  Tensor last;  // [B]
  if (padding >= 0)
    last = positions.mul(batch.input_ids.ne(padding)).argmax(-1);
  else if (batch.attention_mask.defined())
    last = positions.mul(batch.attention_mask).argmax(-1);
  else
    last = at::full({rows}, tokens - 1, batch.input_ids.options());
  if (nn::is_tracing())
    return hidden.gather(1, last.unsqueeze(-1).unsqueeze(-1).expand({-1, -1, hidden.size(2)})).select(1, 0);
  const Tensor offsets = at::arange(rows, last.options()).mul_(tokens);
  return hidden.flatten(0, 1).index_select(0, offsets.add_(last));
}

}  // namespace luthier
