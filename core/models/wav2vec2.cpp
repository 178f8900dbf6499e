// Wav2Vec2 (Baevski et al. 2020) with its heads for spelling (CTC) and for labels.
#include <ATen/ops/arange.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/where.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "models/config.h"
#include "models/families.h"
#include "models/prompt.h"
#include "models/wav2vec2_parts.h"
#include "nn/dropout.h"
#include "nn/tracing.h"
#include "nn/uniform_linear.h"

namespace luthier {

namespace {

/// A list of whole numbers from 1 to `most`.
std::vector<std::int64_t> sizes_of(const Json& config, const char* key, std::vector<std::int64_t> fallback,
                                   std::int64_t most) {
  const auto found = config.find(key);
  if (found == config.end() || found->is_null()) return fallback;
  if (!found->is_array() || found->empty() || found->size() > 64)
    wrong_config(key, "this must be a list of whole numbers");
  std::vector<std::int64_t> sizes;
  for (const Json& one : *found) {
    if (!one.is_number_integer() || one < 1 || one > most)
      wrong_config(key, "this must be whole numbers from 1 to " + std::to_string(most) + ", not " + one.dump());
    sizes.push_back(one.get<std::int64_t>());
  }
  return sizes;
}

std::vector<nn::Conv1dShape> convolutions_of(const Json& config) {
  const auto channels = sizes_of(config, "conv_dim", {512, 512, 512, 512, 512, 512, 512}, 1 << 16);
  const auto kernels = sizes_of(config, "conv_kernel", {10, 3, 3, 3, 3, 2, 2}, 1 << 12);
  const auto strides = sizes_of(config, "conv_stride", {5, 2, 2, 2, 2, 2, 2}, 1 << 12);
  if (kernels.size() != channels.size() || strides.size() != channels.size())
    wrong_config("conv_dim", "conv_dim, conv_kernel and conv_stride must be equally long");
  std::vector<nn::Conv1dShape> convolutions;
  for (std::size_t i = 0; i < channels.size(); ++i)
    convolutions.push_back({.in = i == 0 ? 1 : channels[i - 1],
                            .out = channels[i],
                            .kernel = kernels[i],
                            .stride = strides[i],
                            .bias = config_flag(config, "conv_bias", false)});
  return convolutions;
}

}  // namespace

Wav2Vec2Shape wav2vec2_shape(const Json& config, double dropout) {
  for (const char* key : {"add_adapter", "adapter_attn_dim"}) {
    const auto found = config.find(key);
    if (found != config.end() && !found->is_null() && *found != false)
      fail(ErrorKind::unsupported, std::string("Wav2Vec2 models with adapter layers (") + key + ") are not supported",
           std::string("config.json: ") + key, "choose a model without them");
  }
  Wav2Vec2Shape shape;
  shape.convolutions = convolutions_of(config);
  const std::string norm = config_text(config, "feat_extract_norm", "group");
  if (norm != "group" && norm != "layer") wrong_config("feat_extract_norm", "this must be group or layer, not " + norm);
  shape.layer_normed = norm == "layer";
  shape.feature_activation = nn::activation_named(config_text(config, "feat_extract_activation", "gelu"));
  shape.activation = nn::activation_named(config_text(config, "hidden_act", "gelu"));
  shape.channels = config_size(config, "hidden_size", 768, 1 << 16);
  shape.layers = config_size(config, "num_hidden_layers", 12, 4096);
  shape.heads = config_size(config, "num_attention_heads", 12, 1 << 16);
  shape.feed_forward = config_size(config, "intermediate_size", 3072, 1 << 20);
  if (shape.channels % shape.heads != 0)
    wrong_config("num_attention_heads", "the hidden size is not a multiple of the attention heads");
  shape.position_kernel = config_size(config, "num_conv_pos_embeddings", 128, 1 << 14);
  shape.position_groups = config_size(config, "num_conv_pos_embedding_groups", 16, 1 << 16);
  if (shape.channels % shape.position_groups != 0)
    wrong_config("num_conv_pos_embedding_groups", "the hidden size is not a multiple of the groups");
  shape.norm_first = config_flag(config, "do_stable_layer_norm", false);
  shape.epsilon = config_number(config, "layer_norm_eps", 1e-5);
  shape.hidden_dropout = config_dropout(config, "hidden_dropout", 0.1, dropout);
  shape.attention_dropout = config_dropout(config, "attention_dropout", 0.1, dropout);
  shape.activation_dropout = config_dropout(config, "activation_dropout", 0.1, dropout);
  shape.projection_dropout = config_dropout(config, "feat_proj_dropout", 0, dropout);
  shape.final_dropout = config_dropout(config, "final_dropout", 0.1, dropout);
  shape.layer_drop = config_dropout(config, "layerdrop", 0.1, dropout == 0 ? 0 : -1);
  shape.augment = spec_augment_of(config, /*applied=*/true);
  shape.has_mask_vector =
      config_number(config, "mask_time_prob", 0.05) > 0 || config_number(config, "mask_feature_prob", 0) > 0;
  return shape;
}

class Wav2Vec2Backbone::Projection : public torch::nn::Module {
 public:
  explicit Projection(const Wav2Vec2Shape& shape)
      : dropout_(shape.projection_dropout),
        norm_(register_module("layer_norm",
                              std::make_shared<nn::LayerNorm>(shape.convolutions.back().out, shape.epsilon))),
        projection_(register_module(
            "projection", std::make_shared<nn::UniformLinear>(shape.convolutions.back().out, shape.channels))) {}

  Tensor forward(const Tensor& x) {  // [B, T, features] -> [B, T, C]
    return nn::dropout(projection_->forward(norm_->forward(x)), dropout_, is_training());
  }

 private:
  double dropout_;
  std::shared_ptr<nn::LayerNorm> norm_;
  std::shared_ptr<nn::UniformLinear> projection_;
};

Wav2Vec2Backbone::Wav2Vec2Backbone(const Wav2Vec2Shape& shape)
    : shape_(shape),
      features_(register_module("feature_extractor", std::make_shared<Wav2Vec2Features>(shape))),
      projection_(register_module("feature_projection", std::make_shared<Projection>(shape))),
      encoder_(register_module("encoder", std::make_shared<Wav2Vec2Encoder>(shape))) {
  if (shape.has_mask_vector) mask_vector_ = register_parameter("masked_spec_embed", at::empty({shape.channels}));
}

void Wav2Vec2Backbone::start(const std::string&, Tensor& value, const at::Generator& generator) const {
  value.uniform_(0, 1, generator);
}

Tensor Wav2Vec2Backbone::frame_mask(const Batch& batch, const Tensor& frames) const {
  if (!batch.attention_mask.defined()) return {};
  const Tensor counts = shape_.frames(batch.attention_mask.sum(-1)).clamp_min(1);  // [B]
  const Tensor places = nn::is_tracing() ? nn::places_along(frames, 1) : at::arange(frames.size(1), counts.options());
  return places.unsqueeze(0).lt(counts.unsqueeze(1));
}

Tensor Wav2Vec2Backbone::augmented(Tensor x, const Tensor& mask) {
  const SpecAugment& augment = shape_.augment;
  if (!is_training() || (augment.time_share <= 0 && augment.feature_share <= 0)) return x;
  std::vector<std::int64_t> lengths;
  if (mask.defined()) {
    const Tensor counts = mask.sum(-1).to(at::kCPU);
    lengths.assign(counts.const_data_ptr<std::int64_t>(), counts.const_data_ptr<std::int64_t>() + counts.numel());
  }
  Random random = drawn_random();
  if (augment.time_share > 0) {
    const Tensor hidden = hidden_spans(x.size(0), x.size(1), lengths, augment.time_share, augment.time_length,
                                       augment.least_time, random);
    x = at::where(hidden.to(x.device()).unsqueeze(-1), mask_vector_.to(x.scalar_type()), x);
  }
  if (augment.feature_share > 0) {
    const Tensor hidden = hidden_spans(x.size(0), x.size(2), {}, augment.feature_share, augment.feature_length,
                                       augment.least_feature, random);
    x = x.masked_fill(hidden.to(x.device()).unsqueeze(1), 0);
  }
  return x;
}

Tensor Wav2Vec2Backbone::forward(const Batch& batch, bool recompute, std::vector<Tensor>* states) {
  const Tensor features = features_->forward(batch.input_values);  // [B, T, features]
  const Tensor mask = frame_mask(batch, features);
  return encoder_->forward(augmented(projection_->forward(features), mask), mask, recompute, states);
}

namespace {

class Wav2Vec2 : public Model {
 public:
  Wav2Vec2(const Json& config, Head head, const std::vector<std::string>& labels, const Wav2Vec2Shape& shape)
      : Model(config, "wav2vec2", head, labels),
        backbone_(register_module("wav2vec2", std::make_shared<Wav2Vec2Backbone>(shape))) {
    if (head == Head::ctc) {
      out_ =
          register_module("lm_head", std::make_shared<nn::Linear>(shape.channels, config_size(config, "vocab_size")));
      return;
    }
    const std::int64_t width = config_size(config, "classifier_proj_size", 256, 1 << 16);
    if (config_flag(config, "use_weighted_layer_sum", false))
      layer_weights_ = register_parameter("layer_weights", at::empty({shape.layers + 1}));
    projector_ = register_module("projector", std::make_shared<nn::Linear>(shape.channels, width));
    out_ = register_module("classifier", std::make_shared<nn::Linear>(width, static_cast<std::int64_t>(labels.size())));
  }

  Tensor hidden(const Batch& batch, KeyValueCache* cache) override {
    if (cache) fail(ErrorKind::internal, "an encoder keeps no keys and values");
    if (!batch.input_values.defined())
      fail(ErrorKind::bad_input, "a wav2vec2 reads waveforms (input_values)", {}, "choose a data set of recordings");
    const bool recompute = pass_settings().recompute;
    if (!layer_weights_.defined()) return backbone_->forward(batch, recompute);
    std::vector<Tensor> states;
    backbone_->forward(batch, recompute, &states);
    const Tensor shares = at::softmax(layer_weights_, -1).view({-1, 1, 1, 1});
    return at::stack(states).mul(shares).sum(0);  // [B, T, C]
  }

  Tensor head(const Tensor& hidden, const Batch& batch) override {
    if (head_kind() == Head::ctc) return token_logits(hidden);  // [B, T, V]
    const Tensor projected = projector_->forward(hidden), mask = backbone_->frame_mask(batch, hidden);
    if (!mask.defined()) return out_->forward(projected.mean(1));
    const Tensor kept = projected.masked_fill(mask.logical_not().unsqueeze(-1), 0);
    return out_->forward(kept.sum(1).div(mask.sum(1, /*keepdim=*/true)));  // [B, L]
  }

  Tensor token_logits(const Tensor& rows) override {
    if (head_kind() != Head::ctc) return Model::token_logits(rows);
    return out_->forward(nn::dropout(rows, backbone_->shape().final_dropout, is_training()));
  }

  Tensor frame_lengths(const Batch& batch, std::int64_t frames) override {
    if (!batch.attention_mask.defined())
      return at::full({batch.input_values.size(0)}, frames, batch.input_values.options().dtype(at::kLong));
    return backbone_->shape().frames(batch.attention_mask.sum(-1));
  }

  void set_vocabulary(std::int64_t size) override {
    if (head_kind() != Head::ctc || size <= vocabulary()) return;
    out_->grow_outputs(size);
    mutable_config()["vocab_size"] = size;
  }

  /// A recording may be as long as memory allows.
  std::int64_t max_positions() const override { return std::numeric_limits<std::int32_t>::max(); }

  std::vector<std::string> head_modules() const override {
    if (head_kind() == Head::ctc) return {"lm_head"};
    return {"projector", "classifier"};
  }

 private:
  std::shared_ptr<Wav2Vec2Backbone> backbone_;
  std::shared_ptr<nn::Linear> projector_, out_;
  Tensor layer_weights_;  ///< [layers + 1] or undefined
};

}  // namespace

std::shared_ptr<Model> make_wav2vec2(const Json& config, Head head, const std::vector<std::string>& labels,
                                     double dropout) {
  if (head != Head::ctc && head != Head::audio_classification)
    fail(ErrorKind::unsupported, "a wav2vec2 has no " + to_string(head) + " head", {},
         "choose spelling recordings (ctc) or classification");
  return std::make_shared<Wav2Vec2>(config, head, labels, wav2vec2_shape(config, dropout));
}

std::string wav2vec2_name(const std::string& stored) {
  const std::pair<std::string, std::string> older[] = {{".weight_g", ".parametrizations.weight.original0"},
                                                       {".weight_v", ".parametrizations.weight.original1"}};
  for (const auto& [end, name] : older)
    if (stored.ends_with(end)) return stored.substr(0, stored.size() - end.size()) + name;
  return stored;
}

}  // namespace luthier
