// Wav2Vec2's transformer over frames.
#include "base/error.h"
#include "models/encoder.h"
#include "models/wav2vec2_parts.h"
#include "nn/adapter_site.h"
#include "nn/attention.h"
#include "nn/dropout.h"
#include "nn/recompute.h"

namespace luthier {

/// What a frame's neighbours tell about where it stands: a convolution as wide as a few seconds.
class Wav2Vec2Encoder::Positions : public torch::nn::Module {
 public:
  explicit Positions(const Wav2Vec2Shape& shape)
      : is_even_(shape.position_kernel % 2 == 0),
        activation_(shape.feature_activation),
        conv_(register_module(
            "conv", std::make_shared<nn::WeightNormConv1d>(nn::Conv1dShape{.in = shape.channels,
                                                                           .out = shape.channels,
                                                                           .kernel = shape.position_kernel,
                                                                           .padding = shape.position_kernel / 2,
                                                                           .groups = shape.position_groups}))) {}

  Tensor forward(const Tensor& x) {  // [B, T, C] -> [B, T, C]
    Tensor y = conv_->forward(x.transpose(1, 2));
    if (is_even_) y = y.slice(2, 0, -1);  // padding on both sides gives one frame too many
    return activation_(y).transpose(1, 2);
  }

 private:
  bool is_even_;
  nn::Activation activation_;
  std::shared_ptr<nn::WeightNormConv1d> conv_;
};

namespace {

class Attention : public torch::nn::Module {
 public:
  explicit Attention(const Wav2Vec2Shape& shape)
      : head_size_(shape.channels / shape.heads), dropout_(shape.attention_dropout) {
    const auto projection = [&](const char* name) {
      return register_module(name, std::make_shared<nn::Linear>(shape.channels, shape.channels));
    };
    k_proj_ = projection("k_proj");
    v_proj_ = projection("v_proj");
    q_proj_ = projection("q_proj");
    out_proj_ = projection("out_proj");
  }

  Tensor forward(const Tensor& x, const Tensor& mask) {  // [B, T, C], mask [B, 1, 1, T] or undefined
    const auto split = [&](const Tensor& y) { return y.unflatten(-1, {-1, head_size_}).transpose(1, 2); };
    return out_proj_->forward(nn::attention(split(q_proj_->forward(x)), split(k_proj_->forward(x)),
                                            split(v_proj_->forward(x)), mask, /*causal=*/false,
                                            is_training() ? dropout_ : 0));
  }

 private:
  std::int64_t head_size_;
  double dropout_;
  std::shared_ptr<nn::Linear> k_proj_, v_proj_, q_proj_, out_proj_;
};

class FeedForward : public torch::nn::Module {
 public:
  explicit FeedForward(const Wav2Vec2Shape& shape)
      : activation_(shape.activation),
        dropout_(shape.activation_dropout),
        in_(register_module("intermediate_dense", std::make_shared<nn::Linear>(shape.channels, shape.feed_forward))),
        out_(register_module("output_dense", std::make_shared<nn::Linear>(shape.feed_forward, shape.channels))) {}

  Tensor forward(const Tensor& x) {  // [B, T, C] -> [B, T, C]
    return out_->forward(nn::dropout(activation_(in_->forward(x)), dropout_, is_training()));
  }

 private:
  nn::Activation activation_;
  double dropout_;
  std::shared_ptr<nn::Linear> in_, out_;
};

}  // namespace

class Wav2Vec2Encoder::Layer : public torch::nn::Module {
 public:
  explicit Layer(const Wav2Vec2Shape& shape)
      : norm_first_(shape.norm_first),
        dropout_(shape.hidden_dropout),
        attention_(register_module("attention", std::make_shared<Attention>(shape))),
        layer_norm_(register_module("layer_norm", std::make_shared<nn::LayerNorm>(shape.channels, shape.epsilon))),
        feed_forward_(register_module("feed_forward", std::make_shared<FeedForward>(shape))),
        final_layer_norm_(
            register_module("final_layer_norm", std::make_shared<nn::LayerNorm>(shape.channels, shape.epsilon))),
        attention_site_(
            add<nn::AdapterSite>(*this, "attention_adapters.adapters", nn::SubLayer::attention, shape.channels)),
        output_site_(
            add<nn::AdapterSite>(*this, "output_adapters.adapters", nn::SubLayer::feed_forward, shape.channels)) {}

  Tensor forward(const Tensor& x, const Tensor& mask) {  // [B, T, C], mask [B, 1, 1, T] or undefined
    const bool training = is_training();
    if (norm_first_) {
      const Tensor y = attention_site_->add(x, attention_->forward(layer_norm_->forward(x), mask), dropout_, training);
      return output_site_->add(y, feed_forward_->forward(final_layer_norm_->forward(y)), dropout_, training);
    }
    const Tensor y = layer_norm_->forward(
        attention_site_->add(x, attention_->forward(x, mask), dropout_, training, layer_norm_.get()));
    return final_layer_norm_->forward(
        output_site_->add(y, feed_forward_->forward(y), dropout_, training, final_layer_norm_.get()));
  }

 private:
  bool norm_first_;
  double dropout_;
  std::shared_ptr<Attention> attention_;
  std::shared_ptr<nn::LayerNorm> layer_norm_;
  std::shared_ptr<FeedForward> feed_forward_;
  std::shared_ptr<nn::LayerNorm> final_layer_norm_;
  std::shared_ptr<nn::AdapterSite> attention_site_, output_site_;
};

Wav2Vec2Encoder::Wav2Vec2Encoder(const Wav2Vec2Shape& shape)
    : shape_(shape),
      positions_(register_module("pos_conv_embed", std::make_shared<Positions>(shape))),
      norm_(register_module("layer_norm", std::make_shared<nn::LayerNorm>(shape.channels, shape.epsilon))) {
  const auto list = register_module("layers", std::make_shared<torch::nn::Module>());
  for (std::int64_t i = 0; i < shape.layers; ++i)
    layers_.push_back(list->register_module(std::to_string(i), std::make_shared<Layer>(shape)));
}

Tensor Wav2Vec2Encoder::forward(const Tensor& features, const Tensor& mask, bool recompute,
                                std::vector<Tensor>* states) {
  Tensor x = mask.defined() ? features.masked_fill(mask.logical_not().unsqueeze(-1), 0) : features;
  const Tensor seen = nn::padding_mask(mask);
  x = x.add(positions_->forward(x));
  if (!shape_.norm_first) x = norm_->forward(x);
  x = nn::dropout(x, shape_.hidden_dropout, is_training());
  for (const auto& layer : layers_) {
    if (states) states->push_back(x);
    const bool is_left_out = is_training() && shape_.layer_drop > 0 && drawn_random().uniform() < shape_.layer_drop;
    if (is_left_out) continue;
    x = nn::recomputed(recompute, *layer,
                       [layer, seen](const std::vector<Tensor>& in) { return layer->forward(in[0], seen); }, {x});
  }
  if (shape_.norm_first) x = norm_->forward(x);
  if (states) states->push_back(x);
  return x;
}

}  // namespace luthier
