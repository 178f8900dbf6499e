#include "models/encoder.h"

#include <ATen/ops/arange.h>
#include <ATen/ops/cat.h>
#include <ATen/ops/cumsum.h>
#include <ATen/ops/zeros.h>

#include "base/error.h"
#include "models/packed.h"
#include "nn/attention.h"
#include "nn/dropout.h"
#include "nn/recompute.h"
#include "nn/tracing.h"

namespace luthier {

namespace {
class Group : public torch::nn::Module {};
}  // namespace

void add_part(torch::nn::Module& root, const std::string& dotted, std::shared_ptr<torch::nn::Module> part) {
  const auto dot = dotted.find('.');
  if (dot == std::string::npos) {
    root.register_module(dotted, std::move(part));
    return;
  }
  const std::string first = dotted.substr(0, dot);
  const auto children = root.named_children();
  const auto* found = children.find(first);
  const auto below = found ? *found : root.register_module(first, std::make_shared<Group>());
  add_part(*below, dotted.substr(dot + 1), std::move(part));
}

EncoderLayer::EncoderLayer(const EncoderShape& shape, const EncoderNames& names, std::size_t index)
    : shape_(shape), index_(index) {
  const std::int64_t channels = shape.channels;
  query_ = add<nn::Linear>(*this, names.query, channels, channels);
  key_ = add<nn::Linear>(*this, names.key, channels, channels);
  value_ = add<nn::Linear>(*this, names.value, channels, channels);
  attention_output_ = add<nn::Linear>(*this, names.attention_output, channels, channels);
  attention_norm_ = add<nn::LayerNorm>(*this, names.attention_norm, channels, shape.epsilon);
  in_ = add<nn::Linear>(*this, names.feed_forward_in, channels, shape.feed_forward);
  out_ = add<nn::Linear>(*this, names.feed_forward_out, shape.feed_forward, channels);
  output_norm_ = add<nn::LayerNorm>(*this, names.output_norm, channels, shape.epsilon);
  attention_site_ = add<nn::AdapterSite>(*this, names.attention_site, nn::SubLayer::attention, channels);
  output_site_ = add<nn::AdapterSite>(*this, names.output_site, nn::SubLayer::feed_forward, channels);
}

Tensor EncoderLayer::forward(const Tensor& x, const Tensor& prefix_keys, const Tensor& prefix_values,
                             const Tensor& mask, KeyValueCache* kept, const std::vector<std::int64_t>& segments) {
  const bool training = is_training();
  const auto split = [&](const Tensor& y) {  // [B, T, C] -> [B, H, T, D]
    return y.unflatten(-1, {shape_.heads, shape_.channels / shape_.heads}).transpose(1, 2);
  };
  const Tensor q = split(query_->forward(x)), k = split(key_->forward(x)), v = split(value_->forward(x));
  if (kept) {
    kept->keys[index_] = k;
    kept->values[index_] = v;
  }
  const Tensor mixed = nn::attention(q, after_prefix(k, prefix_keys), after_prefix(v, prefix_values), mask,
                                     /*causal=*/false, training ? shape_.attention_dropout : 0, segments);  // [B, T, C]
  const Tensor y =
      attention_norm_->forward(attention_site_->add(x, attention_output_->forward(mixed), shape_.hidden_dropout,
                                                    training && shape_.dropout_after_attention, attention_norm_.get()));
  const Tensor widened = shape_.activation(in_->forward(y));  // [B, T, F]
  return output_norm_->forward(
      output_site_->add(y, out_->forward(widened), shape_.hidden_dropout, training, output_norm_.get()));
}

Encoder::Encoder(const EncoderShape& shape, const EncoderNames& names) : shape_(shape) {
  if (shape.channels % shape.heads != 0)
    fail(ErrorKind::bad_input,
         "the hidden size " + std::to_string(shape.channels) + " is not a multiple of the " +
             std::to_string(shape.heads) + " attention heads",
         "config.json", "get the model's config.json again from where it came");
  words_ = add<nn::Embedding>(*this, "embeddings.word_embeddings", shape.vocabulary, shape.channels, shape.padding);
  positions_ = add<nn::Embedding>(*this, "embeddings.position_embeddings", shape.positions, shape.channels,
                                  shape.positions_after_padding ? shape.padding : -1);
  if (shape.segments > 0)
    segments_ = add<nn::Embedding>(*this, "embeddings.token_type_embeddings", shape.segments, shape.channels);
  norm_ = add<nn::LayerNorm>(*this, "embeddings.LayerNorm", shape.channels, shape.epsilon);
  for (std::int64_t i = 0; i < shape.layers; ++i)
    layers_.push_back(
        add<EncoderLayer>(*this, names.layers + "." + std::to_string(i), shape, names, static_cast<std::size_t>(i)));
}

/// Row numbers in the table of positions: [B or 1, T] int64, with a prompt [1, P + T]; embedded [B, T or P + T, C].
Tensor Encoder::positions_of(const Batch& batch, const PassSettings& settings, const Tensor& embedded) {
  if (is_packed(batch) && !shape_.positions_after_padding) return segment_positions(batch).unsqueeze(0);
  const std::int64_t before = settings.prompt.defined() ? 0 : settings.prompt_tokens();
  if (!shape_.positions_after_padding || settings.prompt.defined()) {
    const std::int64_t first = before + (shape_.positions_after_padding ? shape_.padding + 1 : 0);
    if (nn::is_tracing()) return nn::places_along(embedded, 1).add(first).unsqueeze(0);
    return at::arange(first, first + embedded.size(1), batch.input_ids.options()).unsqueeze(0);
  }
  const Tensor is_token = batch.input_ids.ne(shape_.padding).to(at::kLong);
  Tensor numbers = at::cumsum(is_token, 1);  // [B, T]
  if (is_packed(batch)) {                    // each text counts from its own first token
    const Tensor places = segment_positions(batch);
    const Tensor firsts = at::arange(places.size(0), places.options()).sub_(places);
    numbers = numbers.sub(numbers.sub(is_token).index_select(1, firsts));
  }
  return numbers.add_(before).mul_(is_token).add_(shape_.padding);
}

Tensor Encoder::embed(const Batch& batch, const PassSettings& settings) {
  const std::int64_t learned = settings.prompt_tokens(), tokens = longest_text(batch) + learned,
                     first = shape_.positions_after_padding ? shape_.padding + 1 : 0;
  if (tokens > shape_.positions - first)
    fail(ErrorKind::bad_input,
         "an input has " + std::to_string(tokens) + " tokens, but the model takes at most " +
             std::to_string(shape_.positions - first),
         "input_ids", "cut inputs to that length (max_tokens)");
  Tensor x =
      with_noise(words_->forward(batch.input_ids), batch.attention_mask, settings.embedding_noise, batch.segments);
  if (settings.prompt.defined()) x = after_prompt(x, settings.prompt);
  x = x.add_(positions_->forward(positions_of(batch, settings, x)));
  if (segments_) {
    Tensor types = batch.token_type_ids;
    if (types.defined() && settings.prompt.defined())
      types = at::cat({nn::for_every_row(at::zeros({1, learned}, types.options()), types), types}, 1);
    x = x.add_(types.defined() ? segments_->forward(types) : segments_->weight.select(0, 0));
  }
  return nn::dropout(norm_->forward(x), shape_.hidden_dropout, is_training());
}

Tensor Encoder::forward(const Batch& batch, const PassSettings& settings, KeyValueCache* cache) {
  const Tensor mask = nn::padding_mask(with_virtual(batch.attention_mask, settings.prompt_tokens()));
  Tensor x = embed(batch, settings);
  if (cache) {
    cache->keys.resize(layers_.size());
    cache->values.resize(layers_.size());
  }
  for (std::size_t i = 0; i < layers_.size(); ++i) {
    const auto layer = layers_[i];
    x = nn::recomputed(settings.recompute && !cache, *layer,
                       [layer, mask, cache, segments = batch.segments](const std::vector<Tensor>& in) {
                         return layer->forward(in[0], in[1], in[2], mask, cache, segments);
                       },
                       {x, settings.key(i), settings.value(i)});
  }
  return x;
}

}  // namespace luthier
