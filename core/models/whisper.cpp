// Whisper (Radford et al. 2022): writing down speech, and labels for recordings.
#include <ATen/ops/empty.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/stack.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "models/config.h"
#include "models/families.h"
#include "models/whisper_parts.h"

namespace luthier {

namespace {

WhisperStack stack_of(const Json& config, const std::string& name, std::int64_t channels, double dropout) {
  WhisperStack stack;
  stack.layers = config_size(config, name + "_layers", {}, 4096);
  stack.heads = config_size(config, name + "_attention_heads", {}, 1 << 16);
  stack.feed_forward = config_size(config, name + "_ffn_dim", {}, 1 << 20);
  stack.layer_drop = config_dropout(config, name + "_layerdrop", 0, dropout == 0 ? 0 : -1);
  if (channels % stack.heads != 0)
    fail(ErrorKind::bad_input, "d_model is not a multiple of the attention heads",
         "config.json: " + name + "_attention_heads", "get the model's config.json again from where it came");
  return stack;
}

WhisperShape whisper_shape(const Json& config, double dropout) {
  WhisperShape shape;
  shape.vocabulary = config_size(config, "vocab_size");
  shape.padding = config_row(config, "pad_token_id", shape.vocabulary);
  shape.bands = config_size(config, "num_mel_bins", 80, 1 << 12);
  shape.channels = config_size(config, "d_model", {}, 1 << 16);
  shape.source_positions = config_size(config, "max_source_positions", 1500, 1 << 20);
  shape.target_positions = config_size(config, "max_target_positions", 448, 1 << 20);
  if (shape.channels % 2 != 0)
    fail(ErrorKind::bad_input, "d_model must be even", "config.json: d_model",
         "get the model's config.json again from where it came");
  shape.encoder = stack_of(config, "encoder", shape.channels, dropout);
  shape.decoder = stack_of(config, "decoder", shape.channels, dropout);
  shape.activation = nn::activation_named(config_text(config, "activation_function", "gelu"));
  shape.dropout = config_dropout(config, "dropout", 0, dropout);
  shape.attention_dropout = config_dropout(config, "attention_dropout", 0, dropout);
  shape.activation_dropout = config_dropout(config, "activation_dropout", 0, dropout);
  shape.start_range = config_number(config, "init_std", 0.02);
  shape.augment = spec_augment_of(config, /*applied=*/false);
  return shape;
}

/// "model" in the checkpoint.
class WhisperBackbone : public torch::nn::Module {
 public:
  explicit WhisperBackbone(const WhisperShape& shape)
      : encoder(register_module("encoder", std::make_shared<WhisperEncoder>(shape))),
        decoder(register_module("decoder", std::make_shared<WhisperDecoder>(shape))) {}
  std::shared_ptr<WhisperEncoder> encoder;
  std::shared_ptr<WhisperDecoder> decoder;
};

/// Some frames and bands of [B, M, F] set to zero, in training.
Tensor augmented(const Tensor& features, const SpecAugment& augment) {
  if (augment.time_share <= 0 && augment.feature_share <= 0) return features;
  const std::int64_t rows = features.size(0), bands = features.size(1), frames = features.size(2);
  Random random = drawn_random();
  const Tensor times =
      hidden_spans(rows, frames, {}, augment.time_share, augment.time_length, augment.least_time, random);
  const Tensor hidden_bands =
      hidden_spans(rows, bands, {}, augment.feature_share, augment.feature_length, augment.least_feature, random);
  const Tensor hidden = times.unsqueeze(1).logical_or(hidden_bands.unsqueeze(2));  // [B, M, F]
  return features.masked_fill(hidden.to(features.device()), 0);
}

class WhisperWriter : public Model {
 public:
  WhisperWriter(const Json& config, const WhisperShape& shape)
      : Model(config, "whisper", Head::seq2seq_lm, {}),
        shape_(shape),
        backbone_(register_module("model", std::make_shared<WhisperBackbone>(shape))),
        output_(register_module("proj_out",
                                std::make_shared<nn::Linear>(shape.channels, shape.vocabulary, /*with_bias=*/false))) {
    if (config_flag(config, "tie_word_embeddings", true)) output_->tie_weight(backbone_->decoder->tokens().weight);
  }

  bool is_encoder_decoder() const override { return true; }
  std::int64_t max_positions() const override { return shape_.target_positions; }

  Tensor encode(const Batch& batch) override {
    const bool augments = is_training() && batch.input_features.defined();
    return backbone_->encoder->forward(
        augments ? augmented(batch.input_features, shape_.augment) : batch.input_features, pass_settings());
  }

  Tensor hidden(const Batch& batch, KeyValueCache* cache) override {
    if (!batch.decoder_input_ids.defined())
      fail(ErrorKind::bad_input, "a whisper needs the tokens that its decoder reads (decoder_input_ids)");
    const bool known = cache && !cache->cross_keys.empty() && cache->cross_keys[0].defined();
    const Tensor states = known ? Tensor() : batch.encoder_states.defined() ? batch.encoder_states : encode(batch);
    return backbone_->decoder->forward(batch.decoder_input_ids, states, pass_settings(), cache);
  }

  Tensor head(const Tensor& hidden, const Batch&) override { return output_->forward(hidden); }  // [B, U, V]
  Tensor token_logits(const Tensor& rows) override { return output_->forward(rows); }
  Tensor output_weight() override { return output_->weight; }
  Tensor input_embedding() override { return backbone_->decoder->tokens().weight; }

  void set_vocabulary(std::int64_t size) override {
    if (size <= vocabulary()) return;
    backbone_->decoder->tokens().grow(size);
    output_->grow_outputs(size);
    mutable_config()["vocab_size"] = size;
  }

  std::vector<std::string> head_modules() const override { return {"proj_out"}; }

 private:
  WhisperShape shape_;
  std::shared_ptr<WhisperBackbone> backbone_;
  std::shared_ptr<nn::Linear> output_;
};

class WhisperClassifier : public Model {
 public:
  WhisperClassifier(const Json& config, const std::vector<std::string>& labels, const WhisperShape& shape)
      : Model(config, "whisper", Head::audio_classification, labels),
        positions_(shape.target_positions),
        encoder_(register_module("encoder", std::make_shared<WhisperEncoder>(shape))) {
    const std::int64_t width = config_size(config, "classifier_proj_size", 256, 1 << 16);
    if (config_flag(config, "use_weighted_layer_sum", false))
      layer_weights_ = register_parameter("layer_weights", at::empty({shape.encoder.layers + 1}));
    projector_ = register_module("projector", std::make_shared<nn::Linear>(shape.channels, width));
    classifier_ =
        register_module("classifier", std::make_shared<nn::Linear>(width, static_cast<std::int64_t>(labels.size())));
  }

  std::int64_t max_positions() const override { return positions_; }

  Tensor hidden(const Batch& batch, KeyValueCache* cache) override {
    if (cache) fail(ErrorKind::internal, "an encoder keeps no keys and values");
    if (!layer_weights_.defined()) return encoder_->forward(batch.input_features, pass_settings());
    std::vector<Tensor> states;
    encoder_->forward(batch.input_features, pass_settings(), &states);
    return at::stack(states).mul(at::softmax(layer_weights_, -1).view({-1, 1, 1, 1})).sum(0);  // [B, T, C]
  }

  Tensor head(const Tensor& hidden, const Batch&) override {
    return classifier_->forward(projector_->forward(hidden).mean(1));  // [B, L]
  }

  std::vector<std::string> head_modules() const override { return {"projector", "classifier"}; }

 private:
  std::int64_t positions_;
  std::shared_ptr<WhisperEncoder> encoder_;
  std::shared_ptr<nn::Linear> projector_, classifier_;
  Tensor layer_weights_;  ///< [layers + 1] or undefined
};

}  // namespace

std::shared_ptr<Model> make_whisper(const Json& config, Head head, const std::vector<std::string>& labels,
                                    double dropout) {
  const WhisperShape shape = whisper_shape(config, dropout);
  if (head == Head::seq2seq_lm) return std::make_shared<WhisperWriter>(config, shape);
  if (head == Head::audio_classification) return std::make_shared<WhisperClassifier>(config, labels, shape);
  fail(ErrorKind::unsupported, "a whisper has no " + to_string(head) + " head", {},
       "choose turning recordings into text (seq2seq) or classification");
}

}  // namespace luthier
