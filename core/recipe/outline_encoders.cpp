// BERT, RoBERTa and DistilBERT.
#include "recipe/sheet.h"

namespace luthier {

namespace {

/// BERT and RoBERTa share everything below their heads.
void bert_body(Sheet& sheet, const std::string& prefix, bool pooler) {
  const ModelSizes s = model_sizes(sheet.config);
  const std::string embeddings = prefix + ".embeddings.";
  sheet.embedding(embeddings + "word_embeddings", s.vocabulary, s.channels);
  sheet.embedding(embeddings + "position_embeddings", s.positions, s.channels);
  sheet.embedding(embeddings + "token_type_embeddings", sheet_size(sheet.config, "type_vocab_size", 2), s.channels);
  sheet.norm(embeddings + "LayerNorm", s.channels);
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const std::string layer = prefix + ".encoder.layer." + std::to_string(i) + ".";
    for (const char* name : {"query", "key", "value"})
      sheet.linear(layer + "attention.self." + name, s.channels, s.channels);
    sheet.linear(layer + "attention.output.dense", s.channels, s.channels);
    sheet.norm(layer + "attention.output.LayerNorm", s.channels);
    sheet.linear(layer + "intermediate.dense", s.feed_forward, s.channels);
    sheet.linear(layer + "output.dense", s.channels, s.feed_forward);
    sheet.norm(layer + "output.LayerNorm", s.channels);
  }
  if (pooler) sheet.linear(prefix + ".pooler.dense", s.channels, s.channels);
}

ModelSizes sizes(const Json& config, bool distil) {
  ModelSizes s;
  s.vocabulary = sheet_size(config, "vocab_size");
  s.channels = sheet_size(config, distil ? "dim" : "hidden_size", {}, 1 << 17);
  s.layers = sheet_size(config, distil ? "n_layers" : "num_hidden_layers", {}, 1024);
  s.heads = sheet_size(config, distil ? "n_heads" : "num_attention_heads", {}, 4096);
  s.feed_forward = sheet_size(config, distil ? "hidden_dim" : "intermediate_size", {}, 1 << 20);
  s.positions = sheet_size(config, "max_position_embeddings", 512);
  s.attention_dropout = sheet_share(config, distil ? "attention_dropout" : "attention_probs_dropout_prob");
  return s;
}

}  // namespace

ModelSizes encoder_sizes(const Json& config) { return sizes(config, false); }
ModelSizes distilbert_sizes(const Json& config) { return sizes(config, true); }

void outline_bert(Sheet& sheet) {
  const ModelSizes s = model_sizes(sheet.config);
  bert_body(sheet, "bert", sheet.head == "sequence_classification");
  if (sheet.head != "masked_lm") return sheet.linear("classifier", sheet.labels, s.channels, true, true);
  sheet.linear("cls.predictions.transform.dense", s.channels, s.channels, true, true);
  sheet.norm("cls.predictions.transform.LayerNorm", s.channels, true, true);
  sheet.output("cls.predictions.decoder", s.vocabulary, s.channels, "bert.embeddings.word_embeddings.weight");
  sheet.output_bias("cls.predictions.bias", s.vocabulary);
}

void outline_roberta(Sheet& sheet) {
  const ModelSizes s = model_sizes(sheet.config);
  bert_body(sheet, "roberta", false);
  if (sheet.head == "sequence_classification") {
    sheet.linear("classifier.dense", s.channels, s.channels, true, true);
    return sheet.linear("classifier.out_proj", sheet.labels, s.channels, true, true);
  }
  if (sheet.head == "token_classification") return sheet.linear("classifier", sheet.labels, s.channels, true, true);
  sheet.linear("lm_head.dense", s.channels, s.channels, true, true);
  sheet.norm("lm_head.layer_norm", s.channels, true, true);
  sheet.output("lm_head.decoder", s.vocabulary, s.channels, "roberta.embeddings.word_embeddings.weight");
  sheet.output_bias("lm_head.bias", s.vocabulary);
}

void outline_distilbert(Sheet& sheet) {
  const ModelSizes s = model_sizes(sheet.config);
  sheet.embedding("distilbert.embeddings.word_embeddings", s.vocabulary, s.channels);
  sheet.embedding("distilbert.embeddings.position_embeddings", s.positions, s.channels);
  sheet.norm("distilbert.embeddings.LayerNorm", s.channels);
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const std::string layer = "distilbert.transformer.layer." + std::to_string(i) + ".";
    for (const char* name : {"q_lin", "k_lin", "v_lin", "out_lin"})
      sheet.linear(layer + "attention." + name, s.channels, s.channels);
    sheet.norm(layer + "sa_layer_norm", s.channels);
    sheet.linear(layer + "ffn.lin1", s.feed_forward, s.channels);
    sheet.linear(layer + "ffn.lin2", s.channels, s.feed_forward);
    sheet.norm(layer + "output_layer_norm", s.channels);
  }
  if (sheet.head == "masked_lm") {
    sheet.linear("vocab_transform", s.channels, s.channels, true, true);
    sheet.norm("vocab_layer_norm", s.channels, true, true);
    sheet.output("vocab_projector", s.vocabulary, s.channels, "distilbert.embeddings.word_embeddings.weight");
    return sheet.output_bias("vocab_projector.bias", s.vocabulary);
  }
  if (sheet.head == "sequence_classification") sheet.linear("pre_classifier", s.channels, s.channels, true, true);
  sheet.linear("classifier", sheet.labels, s.channels, true, true);
}

}  // namespace luthier
