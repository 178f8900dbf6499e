#include "models/encoder.h"

#include <ATen/ops/cumsum.h>

#include "base/error.h"
#include "nn/attention.h"
#include "nn/dropout.h"

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

EncoderLayer::EncoderLayer(const EncoderShape& shape, const EncoderNames& names) : shape_(shape) {
  const std::int64_t channels = shape.channels;
  query_ = add<nn::Linear>(*this, names.query, channels, channels);
  key_ = add<nn::Linear>(*this, names.key, channels, channels);
  value_ = add<nn::Linear>(*this, names.value, channels, channels);
  attention_output_ = add<nn::Linear>(*this, names.attention_output, channels, channels);
  attention_norm_ = add<nn::LayerNorm>(*this, names.attention_norm, channels, shape.epsilon);
  in_ = add<nn::Linear>(*this, names.feed_forward_in, channels, shape.feed_forward);
  out_ = add<nn::Linear>(*this, names.feed_forward_out, shape.feed_forward, channels);
  output_norm_ = add<nn::LayerNorm>(*this, names.output_norm, channels, shape.epsilon);
}

Tensor EncoderLayer::forward(const Tensor& x, const Tensor& mask) {
  const bool training = is_training();
  const auto split = [&](const Tensor& y) {  // [B, T, C] -> [B, H, T, D]
    return y.unflatten(-1, {shape_.heads, shape_.channels / shape_.heads}).transpose(1, 2);
  };
  const Tensor mixed =
      nn::attention(split(query_->forward(x)), split(key_->forward(x)), split(value_->forward(x)), mask,
                    /*causal=*/false, training ? shape_.attention_dropout : 0);  // [B, T, C]
  const Tensor y = attention_norm_->forward(nn::add_dropout(x, attention_output_->forward(mixed), shape_.hidden_dropout,
                                                            training && shape_.dropout_after_attention));
  const Tensor widened = shape_.activation(in_->forward(y));  // [B, T, F]
  return output_norm_->forward(nn::add_dropout(y, out_->forward(widened), shape_.hidden_dropout, training));
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
    layers_.push_back(add<EncoderLayer>(*this, names.layers + "." + std::to_string(i), shape, names));
}

Tensor Encoder::embed(const Batch& batch) {
  const std::int64_t tokens = batch.input_ids.size(1), first = shape_.positions_after_padding ? shape_.padding + 1 : 0;
  if (tokens > shape_.positions - first)
    fail(ErrorKind::bad_input,
         "an input has " + std::to_string(tokens) + " tokens, but the model takes at most " +
             std::to_string(shape_.positions - first),
         "input_ids", "cut inputs to that length (max_tokens)");
  Tensor x = words_->forward(batch.input_ids);
  if (shape_.positions_after_padding) {
    const Tensor is_token = batch.input_ids.ne(shape_.padding);
    const Tensor numbers = at::cumsum(is_token, 1).mul_(is_token).add_(shape_.padding);  // [B, T]
    x = x.add_(positions_->forward(numbers));
  } else {
    x = x.add_(positions_->weight.narrow(0, 0, tokens));
  }
  if (segments_)
    x = x.add_(batch.token_type_ids.defined() ? segments_->forward(batch.token_type_ids)
                                              : segments_->weight.select(0, 0));
  return nn::dropout(norm_->forward(x), shape_.hidden_dropout, is_training());
}

Tensor Encoder::forward(const Batch& batch) {
  const Tensor mask = nn::padding_mask(batch.attention_mask);
  Tensor x = embed(batch);
  for (const auto& layer : layers_) x = layer->forward(x, mask);
  return x;
}

}  // namespace luthier
