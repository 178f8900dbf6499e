#include "gguf/architecture.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <numbers>
#include <set>

#include "base/error.h"

namespace luthier::gguf {

namespace {

using Names = std::vector<std::pair<const char*, const char*>>;

const Names kLlamaLayer = {{"input_layernorm", "attn_norm"},    {"self_attn.q_proj", "attn_q"},
                           {"self_attn.k_proj", "attn_k"},      {"self_attn.v_proj", "attn_v"},
                           {"self_attn.o_proj", "attn_output"}, {"self_attn.q_norm", "attn_q_norm"},
                           {"self_attn.k_norm", "attn_k_norm"}, {"post_attention_layernorm", "ffn_norm"},
                           {"mlp.gate_proj", "ffn_gate"},       {"mlp.up_proj", "ffn_up"},
                           {"mlp.down_proj", "ffn_down"}};
const Names kGpt2Layer = {{"ln_1", "attn_norm"}, {"attn.c_attn", "attn_qkv"}, {"attn.c_proj", "attn_output"},
                          {"ln_2", "ffn_norm"},  {"mlp.c_fc", "ffn_up"},      {"mlp.c_proj", "ffn_down"}};

const Names kBertLayer = {{"attention.self.query", "attn_q"},
                          {"attention.self.key", "attn_k"},
                          {"attention.self.value", "attn_v"},
                          {"attention.output.dense", "attn_output"},
                          {"attention.output.LayerNorm", "attn_output_norm"},
                          {"intermediate.dense", "ffn_up"},
                          {"output.dense", "ffn_down"},
                          {"output.LayerNorm", "layer_output_norm"}};
constexpr std::int64_t kRankPooling = 4;  ///< of llama.cpp: the first token through the classifier

std::string type_of(const Json& config) { return config.value("model_type", std::string()); }

std::int64_t whole(const Json& config, const char* key, std::int64_t fallback = -1) {
  const auto found = config.find(key);
  if (found == config.end() || found->is_null()) {
    if (fallback >= 0) return fallback;
    fail(ErrorKind::bad_input, std::string("config.json has no ") + key, "config.json");
  }
  if (!found->is_number_integer()) fail(ErrorKind::bad_input, std::string(key) + " is no whole number", "config.json");
  return found->get<std::int64_t>();
}

double real(const Json& config, const char* key, double fallback) {
  const auto found = config.find(key);
  return found != config.end() && found->is_number() ? found->get<double>() : fallback;
}

/// transformers 5 writes rope_parameters, older ones rope_theta and rope_scaling.
Json rope_of(const Json& config) {
  Json rope = Json::object();
  for (const char* key : {"rope_scaling", "rope_parameters"})
    if (const auto found = config.find(key); found != config.end() && found->is_object()) rope = *found;
  if (!rope.contains("rope_theta")) rope["rope_theta"] = real(config, "rope_theta", 10000);
  if (!rope.contains("rope_type")) rope["rope_type"] = rope.value("type", std::string("default"));
  return rope;
}

std::int64_t heads_of(const Json& config) { return whole(config, "num_attention_heads"); }
std::int64_t kv_heads_of(const Json& config) { return whole(config, "num_key_value_heads", heads_of(config)); }
std::int64_t head_size(const Json& config) {
  return whole(config, "head_dim", whole(config, "hidden_size") / std::max<std::int64_t>(1, heads_of(config)));
}

/// By Llama 3's rule: what each rotary frequency is divided by.
std::vector<float> llama3_factors(const Json& config, const Json& rope) {
  const double factor = real(rope, "factor", 8), low = real(rope, "low_freq_factor", 1),
               high = real(rope, "high_freq_factor", 4), trained = real(rope, "original_max_position_embeddings", 8192),
               theta = real(rope, "rope_theta", 10000);
  const std::int64_t size = head_size(config);
  std::vector<float> factors;
  for (std::int64_t i = 0; i < size; i += 2) {
    const double wave = 2 * std::numbers::pi * std::pow(theta, static_cast<double>(i) / static_cast<double>(size));
    double divided = 1;
    if (wave > trained / low) {
      divided = factor;
    } else if (wave >= trained / high) {
      const double smooth = (trained / wave - low) / (high - low);
      divided = 1 / ((1 - smooth) / factor + smooth);
    }
    factors.push_back(static_cast<float>(divided));
  }
  return factors;
}

/// Follows the checkpoint's names; what is left over has no place in the file.
class Plan {
 public:
  Plan(const Weights& weights, Architecture& made) : weights_(weights), made_(made) {
    for (const TensorEntry& one : weights.tensors()) left_.insert(one.name);
  }

  bool has(const std::string& source) const { return weights_.find(source) != nullptr; }
  void add(const std::string& source, const std::string& name, Order order = Order::as_is, std::int64_t heads = 0,
           double factor = 1) {
    if (!has(source)) fail(ErrorKind::bad_input, "the checkpoint has no tensor " + source, source);
    left_.erase(source);
    made_.tensors.push_back({name, source, order, heads, factor});
  }
  void skip(const std::string& source) { left_.erase(source); }
  /// Weight and, where there is one, bias.
  void add_both(const std::string& source, const std::string& name, Order order = Order::as_is,
                std::int64_t heads = 0) {
    add(source + ".weight", name + ".weight", order, heads);
    // A bias has the rows' order, not the matrix's.
    const Order of_bias = order == Order::transposed ? Order::as_is : order;
    if (has(source + ".bias")) add(source + ".bias", name + ".bias", of_bias, heads);
  }
  void check_nothing_left() const {
    if (!left_.empty())
      fail(ErrorKind::unsupported, "a GGUF file has no place for the tensor " + *left_.begin(), *left_.begin(),
           "export a Hugging Face folder instead");
  }

 private:
  const Weights& weights_;
  Architecture& made_;
  std::set<std::string> left_;
};

void plan_llama(const Json& config, Plan& plan, const std::string& type) {
  // llama.cpp rotates neighbouring channels for "llama", the two halves for Qwen, as the checkpoints do.
  const bool paired = type == "llama" || type == "mistral";
  plan.add("model.embed_tokens.weight", "token_embd.weight");
  plan.add("model.norm.weight", "output_norm.weight");
  if (config.value("tie_word_embeddings", false))
    plan.skip("lm_head.weight");
  else
    plan.add("lm_head.weight", "output.weight");
  for (std::int64_t i = 0; i < whole(config, "num_hidden_layers"); ++i) {
    const std::string from = "model.layers." + std::to_string(i) + ".", to = "blk." + std::to_string(i) + ".";
    plan.skip(from + "self_attn.rotary_emb.inv_freq");
    for (const auto& [source, name] : kLlamaLayer) {
      const std::string full = from + source;
      const bool norm = std::string(source).ends_with("_norm");
      if (norm && !plan.has(full + ".weight")) continue;  // Qwen 3 alone has them
      const bool query = std::string(source) == "self_attn.q_proj", key = std::string(source) == "self_attn.k_proj";
      const Order order = paired && (query || key) ? Order::halves_paired : Order::as_is;
      plan.add_both(full, to + name, order, query ? heads_of(config) : kv_heads_of(config));
    }
  }
}

void plan_gpt2(const Json& config, Plan& plan) {
  const std::string top = plan.has("transformer.wte.weight") ? "transformer." : "";
  plan.add(top + "wte.weight", "token_embd.weight");
  plan.add(top + "wpe.weight", "position_embd.weight");
  plan.add_both(top + "ln_f", "output_norm");
  if (config.value("tie_word_embeddings", true))
    plan.skip("lm_head.weight");
  else
    plan.add("lm_head.weight", "output.weight");
  for (std::int64_t i = 0; i < whole(config, "n_layer"); ++i) {
    const std::string from = top + "h." + std::to_string(i) + ".", to = "blk." + std::to_string(i) + ".";
    for (const char* mask : {"attn.bias", "attn.masked_bias"}) plan.skip(from + mask);
    for (const auto& [source, name] : kGpt2Layer)
      plan.add_both(from + source, to + name,
                    std::string(source).starts_with("ln_") ? Order::as_is : Order::transposed);
  }
}

/// A classifier of whole texts: what stands before every row's first token is read by two layers.
void plan_bert(const Json& config, Plan& plan) {
  const std::string top = "bert.embeddings.";
  plan.add(top + "word_embeddings.weight", "token_embd.weight");
  plan.add(top + "position_embeddings.weight", "position_embd.weight");
  plan.add(top + "token_type_embeddings.weight", "token_types.weight");
  plan.skip(top + "position_ids");
  plan.add_both(top + "LayerNorm", "token_embd_norm");
  for (std::int64_t i = 0; i < whole(config, "num_hidden_layers"); ++i)
    for (const auto& [source, name] : kBertLayer)
      plan.add_both("bert.encoder.layer." + std::to_string(i) + "." + source, "blk." + std::to_string(i) + "." + name);
  plan.add_both("bert.pooler.dense", "cls");
  plan.add_both("classifier", "cls.output");
}

/// T5's attention of one kind: queries, keys, values and what comes of them, with their norm.
void plan_t5_attention(Plan& plan, const std::string& from, const std::string& kind, const std::string& to,
                       const std::string& prefix) {
  plan.add(from + ".layer_norm.weight", to + prefix + "attn_norm.weight");
  for (const char* part : {"q", "k", "v", "o"})
    plan.add(from + "." + kind + "." + part + ".weight", to + prefix + "attn_" + part + ".weight");
}

void plan_t5_feed_forward(Plan& plan, const std::string& from, const std::string& to) {
  plan.add(from + ".layer_norm.weight", to + "ffn_norm.weight");
  const std::string inner = from + ".DenseReluDense.";
  if (plan.has(inner + "wi_0.weight")) plan.add(inner + "wi_0.weight", to + "ffn_gate.weight");
  plan.add(inner + (plan.has(inner + "wi_1.weight") ? "wi_1.weight" : "wi.weight"), to + "ffn_up.weight");
  plan.add(inner + "wo.weight", to + "ffn_down.weight");
}

void plan_t5(const Json& config, Plan& plan) {
  const bool tied = config.value("tie_word_embeddings", true);
  const bool scales = type_of(config) == "t5" && config.value("scale_decoder_outputs", tied);
  // llama.cpp does not scale what its output layer reads, so the layer is scaled.
  const double factor = scales ? 1 / std::sqrt(static_cast<double>(whole(config, "d_model"))) : 1;
  plan.add("shared.weight", "token_embd.weight");
  plan.add(tied ? "shared.weight" : "lm_head.weight", "output.weight", Order::as_is, 0, factor);
  for (const char* same : {"lm_head.weight", "encoder.embed_tokens.weight", "decoder.embed_tokens.weight"})
    plan.skip(same);
  const std::string bias = ".layer.0.SelfAttention.relative_attention_bias.weight";
  for (std::int64_t i = 0; i < whole(config, "num_layers"); ++i) {
    const std::string from = "encoder.block." + std::to_string(i), to = "enc.blk." + std::to_string(i) + ".";
    plan_t5_attention(plan, from + ".layer.0", "SelfAttention", to, "");
    if (plan.has(from + bias)) plan.add(from + bias, to + "attn_rel_b.weight");
    plan_t5_feed_forward(plan, from + ".layer.1", to);
  }
  plan.add("encoder.final_layer_norm.weight", "enc.output_norm.weight");
  for (std::int64_t i = 0; i < whole(config, "num_decoder_layers", whole(config, "num_layers")); ++i) {
    const std::string from = "decoder.block." + std::to_string(i), to = "dec.blk." + std::to_string(i) + ".";
    plan_t5_attention(plan, from + ".layer.0", "SelfAttention", to, "");
    if (plan.has(from + bias)) plan.add(from + bias, to + "attn_rel_b.weight");
    plan_t5_attention(plan, from + ".layer.1", "EncDecAttention", to, "cross_");
    plan_t5_feed_forward(plan, from + ".layer.2", to);
  }
  plan.add("decoder.final_layer_norm.weight", "dec.output_norm.weight");
}

std::string obstacle_of_t5(const Json& config) {
  const std::string inner =
      config.value("feed_forward_proj", std::string(type_of(config) == "mt5" ? "gated-gelu" : "relu"));
  if (inner != "relu" && inner != "gated-gelu")
    return "llama.cpp computes T5 with ReLU or a gated GELU, this model has " + inner;
  if (config.value("relative_attention_max_distance", 128) != 128)
    return "llama.cpp sees relative positions up to a distance of 128, this model others";
  if (whole(config, "num_decoder_layers", whole(config, "num_layers")) != whole(config, "num_layers"))
    return "llama.cpp opens T5 with as many layers in the decoder as in the encoder, this model has others";
  return {};
}

std::string obstacle_of_bert(const Json& config, const std::string& head) {
  if (!head.ends_with("ForSequenceClassification")) return "a GGUF file has no place for the head of " + head;
  const std::string activation = config.value("hidden_act", std::string("gelu"));
  if (!activation.starts_with("gelu")) return "llama.cpp computes BERT with GELU, this model has " + activation;
  return {};
}

}  // namespace

std::string obstacle_of(const Json& config) {
  const std::string type = type_of(config);
  static const std::set<std::string> known = {"llama", "mistral", "qwen2", "qwen3", "gpt2", "bert", "t5", "mt5"};
  if (!known.contains(type))
    return "llama.cpp continues text with Llama, Mistral, Qwen2, Qwen3 and GPT-2 models, answers with T5 and "
           "classifies with BERT, not with \"" +
           type + "\"";
  const auto names = config.find("architectures");
  if (names != config.end() && names->is_array() && !names->empty() && (*names)[0].is_string()) {
    const std::string head = (*names)[0];
    if (type == "bert") return obstacle_of_bert(config, head);
    if (type == "t5" || type == "mt5")
      return head.ends_with("ForConditionalGeneration") ? obstacle_of_t5(config)
                                                        : "a GGUF file has no place for the head of " + head;
    if (!head.ends_with("ForCausalLM") && !head.ends_with("LMHeadModel"))
      return "a GGUF file has no place for the head of " + head;
  }
  if (type == "gpt2") {
    const std::string activation = config.value("activation_function", std::string("gelu_new"));
    if (!activation.starts_with("gelu")) return "llama.cpp computes GPT-2 with GELU, this model has " + activation;
    if (config.value("scale_attn_by_inverse_layer_idx", false)) return "llama.cpp does not scale attention by layer";
    return {};
  }
  if (config.value("hidden_act", std::string("silu")) != "silu")
    return "llama.cpp computes this family with SiLU, this model has " + config.value("hidden_act", std::string());
  const std::string scaling = rope_of(config).value("rope_type", std::string("default"));
  if (scaling != "default" && scaling != "linear" && !(scaling == "llama3" && type == "llama"))
    return "the rope scaling \"" + scaling + "\" is not carried over";
  if (config.value("use_sliding_window", false)) return "llama.cpp does not compute Qwen's sliding window";
  return {};
}

Architecture architecture_of(const Json& config, const Weights& weights) {
  const std::string type = type_of(config);
  Architecture made;
  made.name = type == "mistral" ? "llama" : type == "mt5" ? "t5" : type;
  Plan plan(weights, made);
  if (type == "gpt2")
    plan_gpt2(config, plan);
  else if (type == "bert")
    plan_bert(config, plan);
  else if (made.name == "t5")
    plan_t5(config, plan);
  else
    plan_llama(config, plan, type);
  plan.check_nothing_left();
  if (type != "gpt2" && type != "bert" && made.name != "t5")
    if (const Json rope = rope_of(config); rope.at("rope_type") == "llama3")
      made.rotary_factors = llama3_factors(config, rope);
  return made;
}

namespace {
void write_bert_settings(Writer& writer, const Json& config) {
  writer.count(".context_length", whole(config, "max_position_embeddings"));
  writer.count(".embedding_length", whole(config, "hidden_size"));
  writer.count(".feed_forward_length", whole(config, "intermediate_size"));
  writer.count(".block_count", whole(config, "num_hidden_layers"));
  writer.count(".attention.head_count", heads_of(config));
  writer.number(".attention.layer_norm_epsilon", real(config, "layer_norm_eps", 1e-12));
  writer.flag(".attention.causal", false);
  writer.count(".pooling_type", kRankPooling);
  writer.count("tokenizer.ggml.token_type_count", whole(config, "type_vocab_size", 2));
  std::vector<std::string> labels;
  const Json names = config.value("id2label", Json::object());
  for (std::size_t i = 0; i < names.size(); ++i)
    labels.push_back(names.value(std::to_string(i), "LABEL_" + std::to_string(i)));
  if (labels.empty()) labels = {"LABEL_0", "LABEL_1"};  // what transformers takes where the config says nothing
  writer.texts(".classifier.output_labels", labels);
}

void write_t5_settings(Writer& writer, const Json& config) {
  writer.count(".context_length", whole(config, "n_positions", 512));
  writer.count(".embedding_length", whole(config, "d_model"));
  writer.count(".feed_forward_length", whole(config, "d_ff"));
  writer.count(".block_count", whole(config, "num_layers"));
  writer.count(".decoder_block_count", whole(config, "num_decoder_layers", whole(config, "num_layers")));
  writer.count(".attention.head_count", whole(config, "num_heads"));
  writer.count(".attention.key_length", whole(config, "d_kv", 64));
  writer.count(".attention.value_length", whole(config, "d_kv", 64));
  writer.number(".attention.layer_norm_epsilon", real(config, "layer_norm_epsilon", 1e-6));
  writer.number(".attention.layer_norm_rms_epsilon", real(config, "layer_norm_epsilon", 1e-6));
  writer.count(".attention.relative_buckets_count", whole(config, "relative_attention_num_buckets", 32));
  writer.count(".decoder_start_token_id", whole(config, "decoder_start_token_id", whole(config, "pad_token_id", 0)));
}
}  // namespace

std::optional<std::int64_t> window_of(const Json& config) {
  // Within the window a model with sliding attention and one without compute the same.
  if (type_of(config) != "mistral") return std::nullopt;
  const auto window = config.find("sliding_window");
  if (window == config.end() || !window->is_number_integer()) return std::nullopt;
  return window->get<std::int64_t>();
}

void write_settings(Writer& writer, const Json& config) {
  if (type_of(config) == "t5" || type_of(config) == "mt5") return write_t5_settings(writer, config);
  if (type_of(config) == "bert") return write_bert_settings(writer, config);
  if (type_of(config) == "gpt2") {
    const std::int64_t channels = whole(config, "n_embd");
    writer.count(".context_length", whole(config, "n_positions"));
    writer.count(".embedding_length", channels);
    writer.count(".feed_forward_length", whole(config, "n_inner", 4 * channels));
    writer.count(".block_count", whole(config, "n_layer"));
    writer.count(".attention.head_count", whole(config, "n_head"));
    writer.number(".attention.layer_norm_epsilon", real(config, "layer_norm_epsilon", 1e-5));
    return;
  }
  const std::int64_t positions = whole(config, "max_position_embeddings");
  writer.count(".context_length", std::min(positions, window_of(config).value_or(positions)));
  writer.count(".embedding_length", whole(config, "hidden_size"));
  writer.count(".feed_forward_length", whole(config, "intermediate_size"));
  writer.count(".block_count", whole(config, "num_hidden_layers"));
  writer.count(".attention.head_count", heads_of(config));
  writer.count(".attention.head_count_kv", kv_heads_of(config));
  writer.count(".attention.key_length", head_size(config));
  writer.count(".attention.value_length", head_size(config));
  writer.number(".attention.layer_norm_rms_epsilon", real(config, "rms_norm_eps", 1e-6));
  writer.count(".rope.dimension_count", head_size(config));
  const Json rope = rope_of(config);
  writer.number(".rope.freq_base", real(rope, "rope_theta", 10000));
  if (rope.at("rope_type") == "linear") {
    writer.text(".rope.scaling.type", "linear");
    writer.number(".rope.scaling.factor", real(rope, "factor", 1));
  }
}

}  // namespace luthier::gguf
