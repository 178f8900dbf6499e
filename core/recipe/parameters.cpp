#include "recipe/parameters.h"

#include <nlohmann/json.hpp>
#include <optional>

#include "base/error.h"
#include "recipe/catalog.h"

namespace luthier {

namespace {

using Kind = ParameterOutline::Kind;

std::int64_t size(const Json& config, const std::string& key, std::optional<std::int64_t> otherwise = {},
                  std::int64_t most = 1 << 26) {
  const auto found = config.find(key);
  if (found == config.end() || found->is_null()) {
    if (otherwise) return *otherwise;
    fail(ErrorKind::bad_input, "the model's config has no \"" + key + "\"", "config.json: " + key,
         "fetch the model again");
  }
  if (!found->is_number_integer() || found->get<double>() < 1 || found->get<double>() > static_cast<double>(most))
    fail(ErrorKind::bad_input, "\"" + key + "\" must be a whole number from 1 to " + std::to_string(most),
         "config.json: " + key, "fetch the model again");
  return found->get<std::int64_t>();
}

bool flag(const Json& config, const std::string& key, bool otherwise) {
  const auto found = config.find(key);
  return found != config.end() && found->is_boolean() ? found->get<bool>() : otherwise;
}

double share(const Json& config, const std::string& key) {
  const auto found = config.find(key);
  return found != config.end() && found->is_number() ? found->get<double>() : 0.0;
}

std::string type_of(const Json& config) {
  const auto found = config.find("model_type");
  return found != config.end() && found->is_string() ? found->get<std::string>() : "";
}

/// Writes parameters down module by module.
class Sheet {
 public:
  Sheet(const Json& config, std::string head, std::int64_t labels)
      : config(config), head(std::move(head)), labels(labels), tied(flag(config, "tie_word_embeddings", true)) {}

  const Json& config;
  const std::string head;
  const std::int64_t labels;
  const bool tied;
  std::vector<ParameterOutline> list;

  void linear(const std::string& name, std::int64_t out, std::int64_t in, bool bias = true, bool in_head = false) {
    list.push_back({name + ".weight", {out, in}, Kind::linear, in_head, false, {}});
    if (bias) list.push_back({name + ".bias", {out}, Kind::bias, in_head, false, {}});
  }
  void embedding(const std::string& name, std::int64_t rows, std::int64_t channels) {
    list.push_back({name + ".weight", {rows, channels}, Kind::embedding, false, false, {}});
  }
  void norm(const std::string& name, std::int64_t channels, bool bias = true, bool in_head = false) {
    list.push_back({name + ".weight", {channels}, Kind::norm, in_head, false, {}});
    if (bias) list.push_back({name + ".bias", {channels}, Kind::norm, in_head, false, {}});
  }
  /// The projection to the vocabulary; its weight may be the embedding itself.
  void output(const std::string& name, std::int64_t vocabulary, std::int64_t channels, const std::string& embedding) {
    list.push_back({name + ".weight", {vocabulary, channels}, Kind::linear, true, true, tied ? embedding : ""});
  }
  void output_bias(const std::string& name, std::int64_t vocabulary) {
    list.push_back({name, {vocabulary}, Kind::bias, true, true, {}});
  }
};

/// BERT and RoBERTa share everything below their heads.
void bert_body(Sheet& sheet, const std::string& prefix, bool pooler) {
  const ModelSizes s = model_sizes(sheet.config);
  const std::string embeddings = prefix + ".embeddings.";
  sheet.embedding(embeddings + "word_embeddings", s.vocabulary, s.channels);
  sheet.embedding(embeddings + "position_embeddings", s.positions, s.channels);
  sheet.embedding(embeddings + "token_type_embeddings", size(sheet.config, "type_vocab_size", 2), s.channels);
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

void bert(Sheet& sheet) {
  const ModelSizes s = model_sizes(sheet.config);
  bert_body(sheet, "bert", sheet.head == "sequence_classification");
  if (sheet.head != "masked_lm") return sheet.linear("classifier", sheet.labels, s.channels, true, true);
  sheet.linear("cls.predictions.transform.dense", s.channels, s.channels, true, true);
  sheet.norm("cls.predictions.transform.LayerNorm", s.channels, true, true);
  sheet.output("cls.predictions.decoder", s.vocabulary, s.channels, "bert.embeddings.word_embeddings.weight");
  sheet.output_bias("cls.predictions.bias", s.vocabulary);
}

void roberta(Sheet& sheet) {
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

void distilbert(Sheet& sheet) {
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

void llama(Sheet& sheet) {
  const ModelSizes s = model_sizes(sheet.config);
  const std::int64_t head_size = size(sheet.config, "head_dim", s.channels / s.heads);
  const std::int64_t queries = s.heads * head_size;
  const std::int64_t keys = size(sheet.config, "num_key_value_heads", s.heads) * head_size;
  const bool qwen = type_of(sheet.config) == "qwen2";
  const bool bias = qwen || flag(sheet.config, "attention_bias", false);
  const bool inner_bias = flag(sheet.config, "mlp_bias", false);
  sheet.embedding("model.embed_tokens", s.vocabulary, s.channels);
  for (std::int64_t i = 0; i < s.layers; ++i) {
    const std::string layer = "model.layers." + std::to_string(i) + ".";
    sheet.linear(layer + "self_attn.q_proj", queries, s.channels, bias);
    sheet.linear(layer + "self_attn.k_proj", keys, s.channels, bias);
    sheet.linear(layer + "self_attn.v_proj", keys, s.channels, bias);
    sheet.linear(layer + "self_attn.o_proj", s.channels, queries, bias && !qwen);
    sheet.linear(layer + "mlp.gate_proj", s.feed_forward, s.channels, inner_bias);
    sheet.linear(layer + "mlp.up_proj", s.feed_forward, s.channels, inner_bias);
    sheet.linear(layer + "mlp.down_proj", s.channels, s.feed_forward, inner_bias);
    sheet.norm(layer + "input_layernorm", s.channels, false);
    sheet.norm(layer + "post_attention_layernorm", s.channels, false);
  }
  sheet.norm("model.norm", s.channels, false);
  if (sheet.head == "causal_lm") return sheet.output("lm_head", s.vocabulary, s.channels, "model.embed_tokens.weight");
  sheet.linear("score", sheet.labels, s.channels, false, true);
}

}  // namespace

std::int64_t ParameterOutline::elements() const {
  std::int64_t count = 1;
  for (const std::int64_t one : shape) count *= one;
  return count;
}

std::string ParameterOutline::module() const { return name.substr(0, name.rfind('.')); }

ModelSizes model_sizes(const Json& config) {
  const bool distil = family_of_model_type(type_of(config)).kind == "distilbert";
  const bool decoder = family_of_model_type(type_of(config)).kind == "llama";
  ModelSizes s;
  s.vocabulary = size(config, "vocab_size");
  s.channels = size(config, distil ? "dim" : "hidden_size", {}, 1 << 17);
  s.layers = size(config, distil ? "n_layers" : "num_hidden_layers", {}, 1024);
  s.heads = size(config, distil ? "n_heads" : "num_attention_heads", {}, 4096);
  s.feed_forward = size(config, distil ? "hidden_dim" : "intermediate_size", {}, 1 << 20);
  s.positions = size(config, "max_position_embeddings", 512);
  s.gated = decoder;
  const char* dropout = decoder || distil ? "attention_dropout" : "attention_probs_dropout_prob";
  s.attention_dropout = share(config, dropout);
  return s;
}

std::vector<ParameterOutline> outline_parameters(const Json& config, const std::string& head, std::int64_t labels) {
  const std::string family = family_of_model_type(type_of(config)).kind;
  // Llama and Mistral tie nothing unless the config says so; the encoders and small Qwen2 models write it down.
  Json filled = config;
  if (!filled.contains("tie_word_embeddings")) filled["tie_word_embeddings"] = family != "llama";
  Sheet sheet(filled, head, labels);
  if (family == "bert") bert(sheet);
  if (family == "roberta") roberta(sheet);
  if (family == "distilbert") distilbert(sheet);
  if (family == "llama") llama(sheet);
  return std::move(sheet.list);
}

}  // namespace luthier
