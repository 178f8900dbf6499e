// Whisper's encoder, and the parts that it shares with the decoder.
#include <ATen/ops/empty.h>
#include <ATen/ops/gelu.h>

#include <cmath>

#include "base/error.h"
#include "models/encoder.h"
#include "models/whisper_parts.h"
#include "nn/adapter_site.h"
#include "nn/attention.h"
#include "nn/dropout.h"
#include "nn/recompute.h"

namespace luthier {

bool leaves_out(double probability, bool training) {
  return training && probability > 0 && drawn_random().uniform() < probability;
}

WhisperAttention::WhisperAttention(const WhisperShape& shape, std::int64_t heads)
    : head_size_(shape.channels / heads), dropout_(shape.attention_dropout) {
  const auto projection = [&](const char* name, bool bias) {
    return register_module(name, std::make_shared<nn::Linear>(shape.channels, shape.channels, bias));
  };
  k_proj_ = projection("k_proj", false);
  v_proj_ = projection("v_proj", true);
  q_proj_ = projection("q_proj", true);
  out_proj_ = projection("out_proj", true);
}

Tensor WhisperAttention::split(const Tensor& x) const {  // [B, S, C] -> [B, H, S, D]
  return x.unflatten(-1, {-1, head_size_}).transpose(1, 2);
}

std::pair<Tensor, Tensor> WhisperAttention::keys_and_values(const Tensor& states) {
  return {split(k_proj_->forward(states)), split(v_proj_->forward(states))};
}

Tensor WhisperAttention::forward(const Tensor& x, const Tensor& keys, const Tensor& values, const CausalView& view) {
  const Tensor q = split(q_proj_->forward(x));
  return out_proj_->forward(nn::attention(q, keys, values, view.mask, view.causal, is_training() ? dropout_ : 0));
}

WhisperFeedForward::WhisperFeedForward(torch::nn::Module& layer, const WhisperShape& shape, std::int64_t inner)
    : activation_(shape.activation),
      dropout_(shape.activation_dropout),
      fc1_(layer.register_module("fc1", std::make_shared<nn::Linear>(shape.channels, inner))),
      fc2_(layer.register_module("fc2", std::make_shared<nn::Linear>(inner, shape.channels))) {}

Tensor WhisperFeedForward::forward(const Tensor& x, bool training) {
  return fc2_->forward(nn::dropout(activation_(fc1_->forward(x)), dropout_, training));
}

namespace {

/// Sines, then cosines, over wavelengths from 2 pi to 20000 pi: [length, channels].
Tensor sinusoids(std::int64_t length, std::int64_t channels) {
  const Tensor table = at::empty({length, channels}, at::kFloat);
  float* const rows = table.mutable_data_ptr<float>();
  const std::int64_t half = channels / 2;
  for (std::int64_t t = 0; t < length; ++t)
    for (std::int64_t c = 0; c < half; ++c) {
      const double step = half > 1 ? std::log(10000.0) / static_cast<double>(half - 1) : 0;
      const double angle = static_cast<double>(t) * std::exp(-step * static_cast<double>(c));
      rows[t * channels + c] = static_cast<float>(std::sin(angle));
      rows[t * channels + half + c] = static_cast<float>(std::cos(angle));
    }
  return table;
}

/// Where a state stands: a table that belongs to the checkpoint and is never trained.
class FixedPositions : public torch::nn::Module {
 public:
  FixedPositions(std::int64_t length, std::int64_t channels) {
    weight = register_buffer("weight", sinusoids(length, channels));
  }
  Tensor weight;
};

}  // namespace

class WhisperEncoder::Layer : public torch::nn::Module {
 public:
  explicit Layer(const WhisperShape& shape)
      : dropout_(shape.dropout),
        self_attn_(register_module("self_attn", std::make_shared<WhisperAttention>(shape, shape.encoder.heads))),
        attention_norm_(register_module("self_attn_layer_norm", std::make_shared<nn::LayerNorm>(shape.channels, 1e-5))),
        feed_forward_(*this, shape, shape.encoder.feed_forward),
        final_norm_(register_module("final_layer_norm", std::make_shared<nn::LayerNorm>(shape.channels, 1e-5))),
        attention_site_(
            add<nn::AdapterSite>(*this, "attention_adapters.adapters", nn::SubLayer::attention, shape.channels)),
        output_site_(
            add<nn::AdapterSite>(*this, "output_adapters.adapters", nn::SubLayer::feed_forward, shape.channels)) {}

  Tensor forward(const Tensor& x) {  // [B, T, C] -> [B, T, C]
    const Tensor normed = attention_norm_->forward(x);
    const auto [keys, values] = self_attn_->keys_and_values(normed);
    const Tensor y = attention_site_->add(x, self_attn_->forward(normed, keys, values), dropout_, is_training());
    return output_site_->add(y, feed_forward_.forward(final_norm_->forward(y), is_training()), dropout_, is_training());
  }

 private:
  double dropout_;
  std::shared_ptr<WhisperAttention> self_attn_;
  std::shared_ptr<nn::LayerNorm> attention_norm_;
  WhisperFeedForward feed_forward_;
  std::shared_ptr<nn::LayerNorm> final_norm_;
  std::shared_ptr<nn::AdapterSite> attention_site_, output_site_;
};

WhisperEncoder::WhisperEncoder(const WhisperShape& shape) : shape_(shape) {
  const auto convolution = [&](const char* name, std::int64_t in, std::int64_t stride) {
    return register_module(name, std::make_shared<nn::Conv1d>(nn::Conv1dShape{.in = in,
                                                                              .out = shape.channels,
                                                                              .kernel = 3,
                                                                              .stride = stride,
                                                                              .padding = 1,
                                                                              .start_range = shape.start_range}));
  };
  conv1_ = convolution("conv1", shape.bands, 1);
  conv2_ = convolution("conv2", shape.channels, 2);
  positions_ =
      register_module("embed_positions", std::make_shared<FixedPositions>(shape.source_positions, shape.channels))
          ->weight;
  const auto list = register_module("layers", std::make_shared<torch::nn::Module>());
  for (std::int64_t i = 0; i < shape.encoder.layers; ++i)
    layers_.push_back(list->register_module(std::to_string(i), std::make_shared<Layer>(shape)));
  norm_ = register_module("layer_norm", std::make_shared<nn::LayerNorm>(shape.channels, 1e-5));
}

Tensor WhisperEncoder::forward(const Tensor& features, const PassSettings& settings, std::vector<Tensor>* states) {
  if (!features.defined())
    fail(ErrorKind::bad_input, "a whisper reads log-mel spectrograms (input_features)", {},
         "choose a data set of recordings");
  if (features.size(1) != shape_.bands || features.size(2) != 2 * shape_.source_positions)
    fail(ErrorKind::bad_input,
         "the model reads spectrograms of " + std::to_string(shape_.bands) + " bands and " +
             std::to_string(2 * shape_.source_positions) + " frames, not " + std::to_string(features.size(1)) +
             " and " + std::to_string(features.size(2)),
         "input_features", "pad or cut recordings to the length that preprocessor_config.json names");
  const Tensor narrow = at::gelu(conv2_->forward(at::gelu(conv1_->forward(features))));  // [B, C, T]
  Tensor x = nn::dropout(narrow.transpose(1, 2).add(positions_), shape_.dropout, is_training());
  for (const auto& layer : layers_) {
    if (states) states->push_back(x);
    if (leaves_out(shape_.encoder.layer_drop, is_training())) continue;
    x = nn::recomputed(settings.recompute, *layer, [layer](const auto& in) { return layer->forward(in[0]); }, {x});
  }
  x = norm_->forward(x);
  if (states) states->push_back(x);
  return x;
}

}  // namespace luthier
