#include <ATen/ops/alias.h>

#include "base/error.h"
#include "models/encoder.h"
#include "models/whisper_parts.h"
#include "nn/adapter_site.h"
#include "nn/dropout.h"
#include "nn/recompute.h"
#include "nn/tracing.h"

namespace luthier {

class WhisperDecoder::Layer : public torch::nn::Module {
 public:
  Layer(const WhisperShape& shape, std::size_t index)
      : index_(index),
        dropout_(shape.dropout),
        self_attn_(register_module("self_attn", std::make_shared<WhisperAttention>(shape, shape.decoder.heads))),
        self_norm_(norm("self_attn_layer_norm", shape)),
        encoder_attn_(register_module("encoder_attn", std::make_shared<WhisperAttention>(shape, shape.decoder.heads))),
        encoder_norm_(norm("encoder_attn_layer_norm", shape)),
        feed_forward_(*this, shape, shape.decoder.feed_forward),
        final_norm_(norm("final_layer_norm", shape)),
        attention_site_(luthier::add<nn::AdapterSite>(*this, "attention_adapters.adapters", nn::SubLayer::attention,
                                                      shape.channels)),
        output_site_(luthier::add<nn::AdapterSite>(*this, "output_adapters.adapters", nn::SubLayer::feed_forward,
                                                   shape.channels)) {}

  /// x [B, U, C], states [B, T, C] or undefined when the cache has their keys.
  Tensor forward(const Tensor& x, const Tensor& states, const CausalView& view, KeyValueCache* cache) {
    Tensor normed = self_norm_->forward(x);
    auto [keys, values] = self_attn_->keys_and_values(normed);
    if (cache) {
      keys = append_to_cache(cache->keys[index_], keys);
      values = append_to_cache(cache->values[index_], values);
    }
    const bool training = is_training();
    Tensor y = attention_site_->add(x, self_attn_->forward(normed, keys, values, view), dropout_, training);
    const auto [source_keys, source_values] = source(states, cache);
    y = nn::add_dropout(y, encoder_attn_->forward(encoder_norm_->forward(y), source_keys, source_values), dropout_,
                        training);
    return output_site_->add(y, feed_forward_.forward(final_norm_->forward(y), training), dropout_, training);
  }

 private:
  std::shared_ptr<nn::LayerNorm> norm(const char* name, const WhisperShape& shape) {
    return register_module(name, std::make_shared<nn::LayerNorm>(shape.channels, 1e-5));
  }

  /// Keys and values of the encoder's states: made once for a cache.
  std::pair<Tensor, Tensor> source(const Tensor& states, KeyValueCache* cache) {
    // An alias: the states' gradient is summed layer by layer, whether layers are kept or made again.
    if (!cache) return encoder_attn_->keys_and_values(at::alias(states));
    Tensor &keys = cache->cross_keys[index_], &values = cache->cross_values[index_];
    if (!keys.defined()) std::tie(keys, values) = encoder_attn_->keys_and_values(states);
    return {keys, values};
  }

  std::size_t index_;
  double dropout_;
  std::shared_ptr<WhisperAttention> self_attn_;
  std::shared_ptr<nn::LayerNorm> self_norm_;
  std::shared_ptr<WhisperAttention> encoder_attn_;
  std::shared_ptr<nn::LayerNorm> encoder_norm_;
  WhisperFeedForward feed_forward_;
  std::shared_ptr<nn::LayerNorm> final_norm_;
  std::shared_ptr<nn::AdapterSite> attention_site_, output_site_;
};

WhisperDecoder::WhisperDecoder(const WhisperShape& shape)
    : shape_(shape),
      tokens_(register_module("embed_tokens",
                              std::make_shared<nn::Embedding>(shape.vocabulary, shape.channels, shape.padding))),
      positions_(
          register_module("embed_positions", std::make_shared<nn::Embedding>(shape.target_positions, shape.channels))) {
  const auto list = register_module("layers", std::make_shared<torch::nn::Module>());
  for (std::int64_t i = 0; i < shape.decoder.layers; ++i)
    layers_.push_back(
        list->register_module(std::to_string(i), std::make_shared<Layer>(shape, static_cast<std::size_t>(i))));
  norm_ = register_module("layer_norm", std::make_shared<nn::LayerNorm>(shape.channels, 1e-5));
}

Tensor WhisperDecoder::forward(const Tensor& ids, const Tensor& states, const PassSettings& settings,
                               KeyValueCache* cache) {
  if (cache && cache->keys.empty())
    for (auto* list : {&cache->keys, &cache->values, &cache->cross_keys, &cache->cross_values})
      list->resize(layers_.size());
  const std::int64_t seen = cache ? cache->length() : 0, count = ids.size(1);
  if (seen + count > shape_.target_positions)
    fail(ErrorKind::bad_input,
         "the text has " + std::to_string(seen + count) + " tokens, but the model writes at most " +
             std::to_string(shape_.target_positions),
         "decoder_input_ids", "cut the texts to that length (max_target_tokens)");
  TokenPlaces places;
  if (nn::is_tracing()) places = traced_places(ids, cache);
  const CausalView view = nn::is_tracing() ? causal_view({}, places, 0) : causal_view({}, seen, count, 0, ids.device());
  Tensor x = with_noise(tokens_->forward(ids), {}, settings.embedding_noise);
  x = x.add(nn::is_tracing() ? positions_->weight.index_select(0, places.query)
                             : positions_->weight.narrow(0, seen, count));  // [B, U, C]
  x = nn::dropout(x, shape_.dropout, is_training());
  for (const auto& layer : layers_) {
    if (leaves_out(shape_.decoder.layer_drop, is_training())) continue;
    const auto part = [layer, view, cache](const std::vector<Tensor>& in) {
      return layer->forward(in[0], in[1], view, cache);
    };
    x = nn::recomputed(settings.recompute && !cache, *layer, part, {x, states});
  }
  return norm_->forward(x);
}

}  // namespace luthier
