#include "models/encoder_model.h"

#include <ATen/ops/empty.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "models/config.h"
#include "nn/dropout.h"

namespace luthier {

namespace {

/// Holds the decoder's bias a second time, under the name that checkpoints keep it by.
class SharedBias : public torch::nn::Module {
 public:
  explicit SharedBias(std::int64_t rows) { bias = register_parameter("bias", at::empty({rows})); }
  Tensor bias;
};

}  // namespace

EncoderModel::EncoderModel(Json config, Head head, std::vector<std::string> labels, EncoderFamily family)
    : Model(std::move(config), family.family, head, std::move(labels)), parts_(std::move(family)) {
  if (config_flag(*config_, "is_decoder", false) || config_flag(*config_, "add_cross_attention", false))
    fail(ErrorKind::unsupported, "this encoder is set up as a decoder", "config.json: is_decoder",
         "choose a model without is_decoder and add_cross_attention");
  if (config_text(*config_, "position_embedding_type", "absolute") != "absolute")
    fail(ErrorKind::unsupported, "only absolute position embeddings are supported",
         "config.json: position_embedding_type");
  encoder_ = register_module(parts_.prefix, std::make_shared<Encoder>(parts_.shape, parts_.names));
  make_head();
}

void EncoderModel::make_head() {
  const std::int64_t channels = parts_.shape.channels, labels = static_cast<std::int64_t>(label_names().size());
  if (head_ == Head::sequence_classification) {
    dense_ = add<nn::Linear>(*this, parts_.sentence.dense, channels, channels);
    out_ = add<nn::Linear>(*this, parts_.sentence.out, channels, labels);
  } else if (head_ == Head::token_classification) {
    out_ = add<nn::Linear>(*this, "classifier", channels, labels);
  } else if (head_ == Head::masked_lm) {
    const MaskedLmNames& names = parts_.masked_lm;
    const std::shared_ptr<SharedBias> shared =
        names.bias_at.empty() ? nullptr : add<SharedBias>(*this, names.bias_at, parts_.shape.vocabulary);
    dense_ = add<nn::Linear>(*this, names.dense, channels, channels);
    norm_ = add<nn::LayerNorm>(*this, names.norm, channels, parts_.shape.epsilon);
    out_ = add<nn::Linear>(*this, names.decoder, channels, parts_.shape.vocabulary);
    if (!config_flag(*config_, "tie_word_embeddings", true)) return;
    out_->tie_weight(encoder_->words()->weight);
    if (shared) out_->tie_bias(shared->bias);
  } else {
    fail(ErrorKind::unsupported, "a " + family_ + " has no " + to_string(head_) + " head", {},
         "choose classification, tagging or masked language modelling");
  }
}

Tensor EncoderModel::hidden(const Batch& batch, KeyValueCache* cache) {
  const PassSettings settings = pass_settings();
  const Tensor x = encoder_->forward(batch, settings, cache);
  // Where a sentence is labelled by its first state, that is the prompt's first, as in PEFT.
  if (!settings.prompt.defined() || head_ == Head::sequence_classification || batch.virtual_tokens) return x;
  return x.slice(1, settings.prompt_tokens());
}

PromptPlaces EncoderModel::prompt_places() const {
  if (head_ == Head::masked_lm) return {};
  // transformers' DistilBERT takes no keys and values from outside.
  if (family_ == "distilbert") return {.embeddings = true};
  return {.embeddings = true,
          .layers = parts_.shape.layers,
          .key_heads = parts_.shape.heads,
          .head_size = parts_.shape.channels / parts_.shape.heads};
}

Tensor EncoderModel::head(const Tensor& hidden, const Batch&) {
  if (head_ != Head::sequence_classification) return token_logits(hidden);
  const SentenceHeadNames& sentence = parts_.sentence;
  const double p = parts_.sentence_dropout;
  Tensor first = hidden.select(1, 0);  // [B, C]
  if (sentence.dropout_before_dense) first = nn::dropout(first, p, is_training());
  return out_->forward(nn::dropout(sentence.activation(dense_->forward(first)), p, is_training()));
}

Tensor EncoderModel::token_logits(const Tensor& rows) {
  if (head_ == Head::sequence_classification) fail(ErrorKind::internal, "this head has no logits for single tokens");
  if (head_ == Head::masked_lm) return out_->forward(output_rows(rows));
  return out_->forward(nn::dropout(rows, parts_.token_dropout, is_training()));
}

Tensor EncoderModel::output_rows(const Tensor& rows) {
  if (head_ != Head::masked_lm) return rows;
  return norm_->forward(parts_.masked_lm.activation(dense_->forward(rows)));
}

Tensor EncoderModel::output_weight() {
  return head_ == Head::masked_lm && !out_->has_adapter() ? out_->weight : Tensor();
}
Tensor EncoderModel::output_bias() { return head_ == Head::masked_lm ? out_->bias : Tensor(); }

void EncoderModel::set_vocabulary(std::int64_t size) {
  if (size <= vocabulary()) return;
  encoder_->words()->grow(size);
  if (head_ == Head::masked_lm) {
    out_->grow_outputs(size);
    for (auto& parameter : named_parameters())  // an untied second bias keeps the size of the first
      if (parameter.key() == parts_.masked_lm.bias_at + ".bias") nn::grow_rows(parameter.value(), size);
  }
  (*config_)["vocab_size"] = size;
}

std::vector<std::string> EncoderModel::head_modules() const {
  std::vector<std::string> names;
  for (const auto& child : named_children())
    if (child.key() != parts_.prefix && child.key() != "prompt_encoder") names.push_back(child.key());
  return names;
}

EncoderShape bert_shape(const Json& config, double dropout) {
  EncoderShape shape;
  shape.vocabulary = config_size(config, "vocab_size");
  shape.channels = config_size(config, "hidden_size", {}, 1 << 16);
  shape.layers = config_size(config, "num_hidden_layers", {}, 4096);
  shape.heads = config_size(config, "num_attention_heads", {}, 1 << 16);
  shape.feed_forward = config_size(config, "intermediate_size", {}, 1 << 20);
  shape.positions = config_size(config, "max_position_embeddings");
  shape.segments = config_size(config, "type_vocab_size", 2, 1 << 16);
  shape.padding = config_row(config, "pad_token_id", shape.vocabulary);
  shape.epsilon = config_number(config, "layer_norm_eps", 1e-12);
  shape.activation = nn::activation_named(config_text(config, "hidden_act", "gelu"));
  shape.hidden_dropout = config_dropout(config, "hidden_dropout_prob", 0.1, dropout);
  shape.attention_dropout = config_dropout(config, "attention_probs_dropout_prob", 0.1, dropout);
  return shape;
}

EncoderNames bert_names() {
  return {.layers = "encoder.layer",
          .query = "attention.self.query",
          .key = "attention.self.key",
          .value = "attention.self.value",
          .attention_output = "attention.output.dense",
          .attention_norm = "attention.output.LayerNorm",
          .feed_forward_in = "intermediate.dense",
          .feed_forward_out = "output.dense",
          .output_norm = "output.LayerNorm",
          .attention_site = "attention.output.adapters",
          .output_site = "output.adapters"};
}

}  // namespace luthier
