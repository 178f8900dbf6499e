// Llama (Touvron et al. 2023), and Qwen2, Qwen3 and Mistral, which differ in biases, in norms of queries and keys and
// in how far a token may look back.
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "models/cached_attention.h"
#include "models/config.h"
#include "models/encoder.h"
#include "models/families.h"
#include "models/packed.h"
#include "models/prompt.h"
#include "nn/activation.h"
#include "nn/adapter_site.h"
#include "nn/attention.h"
#include "nn/embedding.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "nn/recompute.h"
#include "nn/rms_norm.h"
#include "nn/rotary.h"
#include "nn/tracing.h"

namespace luthier {

namespace {

struct LlamaShape {
  std::int64_t vocabulary, channels, inner, layers, heads, key_heads, head_size;
  std::int64_t padding = -1;  ///< row of the padding token, which gets no gradient; -1: none
  bool query_bias, output_bias, feed_forward_bias;
  bool query_norm;             ///< queries and keys are normalised head by head before they turn
  std::int64_t window = 0;     ///< of the layers that have one, in tokens
  std::vector<bool> windowed;  ///< by layer
  double epsilon, attention_dropout;
  std::string activation;
  nn::RotaryOptions rotary;
};

/// rope_parameters (transformers 5) or rope_theta and rope_scaling (before).
nn::RotaryOptions rotary_options(const Json& config, std::int64_t head_size) {
  const auto object = [&](const char* key) {
    const auto found = config.find(key);
    if (found == config.end() || found->is_null()) return Json::object();
    if (!found->is_object()) wrong_config(key, "this must be an object, not " + found->dump());
    return *found;
  };
  Json given = object("rope_parameters");
  if (given.empty()) given = object("rope_scaling");
  nn::RotaryOptions options;
  options.head_size = head_size;
  options.theta = config_number(given, "rope_theta", config_number(config, "rope_theta", 10000));
  options.factor = config_number(given, "factor", 1);
  if (!(options.theta > 0) || !(options.factor > 0))
    wrong_config("rope_theta", "rope_theta and factor must be above zero");
  const std::string type = config_text(given, "rope_type", config_text(given, "type", "default"));
  if (type == "linear") {
    options.scaling = nn::RotaryOptions::Scaling::linear;
  } else if (type == "llama3") {
    options.scaling = nn::RotaryOptions::Scaling::llama3;
    options.low_frequency_factor = config_number(given, "low_freq_factor", 1);
    options.high_frequency_factor = config_number(given, "high_freq_factor", 4);
    options.trained_positions = config_number(given, "original_max_position_embeddings",
                                              config_number(config, "max_position_embeddings", 8192));
    if (!(options.low_frequency_factor > 0) || !(options.high_frequency_factor > options.low_frequency_factor))
      wrong_config("rope_parameters", "high_freq_factor must be above low_freq_factor, and both above zero");
  } else if (type != "default") {
    fail(ErrorKind::unsupported, "rotary positions of type \"" + type + "\" are not supported",
         "config.json: rope_parameters", "supported are default, linear and llama3");
  }
  if (config_number(given, "partial_rotary_factor", config_number(config, "partial_rotary_factor", 1)) != 1)
    fail(ErrorKind::unsupported, "heads that turn in part only (partial_rotary_factor) are not supported",
         "config.json: partial_rotary_factor");
  return options;
}

/// Which layers look back over a window only, and how far.
void read_window(const Json& config, const std::string& model_type, LlamaShape& shape) {
  shape.windowed.assign(static_cast<std::size_t>(shape.layers), false);
  if (model_type == "mistral") {
    const bool none = config.contains("sliding_window") && config["sliding_window"].is_null();
    if (none) return;
    shape.window = config_size(config, "sliding_window", 4096);
    shape.windowed.assign(static_cast<std::size_t>(shape.layers), true);
  } else if (model_type.starts_with("qwen") && config_flag(config, "use_sliding_window", false)) {
    shape.window = config_size(config, "sliding_window", 4096);
    const auto types = config.find("layer_types");
    const bool listed = types != config.end() && !types->is_null();
    if (listed && (!types->is_array() || types->size() != shape.windowed.size()))
      wrong_config("layer_types", "this must be a list of " + std::to_string(shape.layers) + " texts");
    const double first = config_number(config, "max_window_layers", 28);
    for (std::size_t i = 0; i < shape.windowed.size(); ++i)
      shape.windowed[i] = listed ? (*types)[i] == "sliding_attention" : static_cast<double>(i) >= first;
  }
}

LlamaShape llama_shape(const Json& config) {
  const std::string model_type = config_text(config, "model_type", "llama");
  LlamaShape shape;
  shape.vocabulary = config_size(config, "vocab_size");
  shape.padding = config_row(config, "pad_token_id", shape.vocabulary);
  shape.channels = config_size(config, "hidden_size");
  shape.inner = config_size(config, "intermediate_size");
  shape.layers = config_size(config, "num_hidden_layers", {}, 4096);
  shape.heads = config_size(config, "num_attention_heads");
  shape.key_heads = config_size(config, "num_key_value_heads", model_type == "mistral" ? 8 : shape.heads);
  if (shape.heads % shape.key_heads != 0)
    wrong_config("num_key_value_heads", std::to_string(shape.key_heads) + " does not divide num_attention_heads (" +
                                            std::to_string(shape.heads) + ")");
  if (shape.heads > shape.channels) wrong_config("num_attention_heads", "there are more heads than hidden channels");
  const bool qwen2 = model_type == "qwen2", qwen3 = model_type == "qwen3", llama = model_type == "llama";
  shape.head_size = config_size(config, "head_dim", qwen3 ? 128 : shape.channels / shape.heads);
  if (shape.head_size % 2 != 0) wrong_config("head_dim", "rotary positions need an even head size");
  const bool attention_bias = (llama || qwen3) && config_flag(config, "attention_bias", false);
  shape.query_bias = qwen2 || attention_bias;
  shape.output_bias = attention_bias;
  shape.query_norm = qwen3;
  shape.feed_forward_bias = llama && config_flag(config, "mlp_bias", false);
  shape.epsilon = config_number(config, "rms_norm_eps", 1e-6);
  shape.activation = config_text(config, "hidden_act", "silu");
  shape.rotary = rotary_options(config, shape.head_size);
  read_window(config, model_type, shape);
  return shape;
}

/// What all layers of one forward pass share.
struct LlamaPass {
  nn::RotaryTables rotary;
  CausalView full, windowed;
  std::vector<std::int64_t> segments;
  KeyValueCache* cache = nullptr;
};

class LlamaAttention : public torch::nn::Module {
 public:
  LlamaAttention(const LlamaShape& shape, std::size_t layer)
      : shape_(shape),
        layer_(layer),
        q_proj_(projection("q_proj", shape.channels, shape.heads * shape.head_size, shape.query_bias)),
        k_proj_(projection("k_proj", shape.channels, shape.key_heads * shape.head_size, shape.query_bias)),
        v_proj_(projection("v_proj", shape.channels, shape.key_heads * shape.head_size, shape.query_bias)),
        o_proj_(projection("o_proj", shape.heads * shape.head_size, shape.channels, shape.output_bias)) {
    if (!shape.query_norm) return;
    q_norm_ = register_module("q_norm", std::make_shared<nn::RMSNorm>(shape.head_size, shape.epsilon));
    k_norm_ = register_module("k_norm", std::make_shared<nn::RMSNorm>(shape.head_size, shape.epsilon));
  }

  /// x [B, T, C], keys and values of a prefix [H_kv, P, D] or undefined -> [B, T, C]
  Tensor forward(const Tensor& x, const Tensor& prefix_keys, const Tensor& prefix_values, const LlamaPass& pass) {
    const auto split = [&](const Tensor& projected) { return projected.unflatten(-1, {-1, shape_.head_size}); };
    const auto turned = [&](nn::Linear& layer, const std::shared_ptr<nn::RMSNorm>& norm) {
      const Tensor heads = split(layer.forward(x));  // [B, T, H, D]
      return nn::rotate(norm ? norm->forward(heads) : heads, pass.rotary).transpose(1, 2);
    };
    const Tensor q = turned(*q_proj_, q_norm_);  // [B, H, T, D]
    Tensor k = turned(*k_proj_, k_norm_);        // [B, H_kv, T, D]
    Tensor v = split(v_proj_->forward(x)).transpose(1, 2);
    if (pass.cache) {
      k = append_to_cache(pass.cache->keys[layer_], k);
      v = append_to_cache(pass.cache->values[layer_], v);
    } else {
      k = after_prefix(k, prefix_keys);
      v = after_prefix(v, prefix_values);
    }
    const CausalView& view = shape_.windowed[layer_] ? pass.windowed : pass.full;
    if (view.mask.defined() && !x.is_cpu() && shape_.heads != shape_.key_heads) {
      // CUDA's fused kernels take a mask or grouped queries, not both.
      k = k.repeat_interleave(shape_.heads / shape_.key_heads, 1);
      v = v.repeat_interleave(shape_.heads / shape_.key_heads, 1);
    }
    return o_proj_->forward(
        nn::attention(q, k, v, view.mask, view.causal, is_training() ? shape_.attention_dropout : 0, pass.segments));
  }

 private:
  std::shared_ptr<nn::Linear> projection(const char* name, std::int64_t in, std::int64_t out, bool bias) {
    return register_module(name, std::make_shared<nn::Linear>(in, out, bias));
  }

  LlamaShape shape_;
  std::size_t layer_;
  std::shared_ptr<nn::Linear> q_proj_, k_proj_, v_proj_, o_proj_;
  std::shared_ptr<nn::RMSNorm> q_norm_, k_norm_;  ///< Qwen3 alone
};

class LlamaFeedForward : public torch::nn::Module {
 public:
  explicit LlamaFeedForward(const LlamaShape& shape)
      : is_silu_(shape.activation == "silu" || shape.activation == "swish"),
        activation_(nn::activation_named(shape.activation)),
        gate_proj_(register_module("gate_proj",
                                   std::make_shared<nn::Linear>(shape.channels, shape.inner, shape.feed_forward_bias))),
        up_proj_(register_module("up_proj",
                                 std::make_shared<nn::Linear>(shape.channels, shape.inner, shape.feed_forward_bias))),
        down_proj_(register_module(
            "down_proj", std::make_shared<nn::Linear>(shape.inner, shape.channels, shape.feed_forward_bias))) {}

  Tensor forward(const Tensor& x) {                                         // [B, T, C] -> [B, T, C]
    const Tensor gate = gate_proj_->forward(x), up = up_proj_->forward(x);  // [B, T, I]
    return down_proj_->forward(is_silu_ ? nn::gated_silu(gate, up) : activation_(gate).mul(up));
  }

 private:
  bool is_silu_;
  nn::Activation activation_;
  std::shared_ptr<nn::Linear> gate_proj_, up_proj_, down_proj_;
};

class LlamaLayer : public torch::nn::Module {
 public:
  LlamaLayer(const LlamaShape& shape, std::size_t index)
      : epsilon_(shape.epsilon),
        attention_(register_module("self_attn", std::make_shared<LlamaAttention>(shape, index))),
        feed_forward_(register_module("mlp", std::make_shared<LlamaFeedForward>(shape))),
        before_attention_(
            register_module("input_layernorm", std::make_shared<nn::RMSNorm>(shape.channels, shape.epsilon))),
        before_feed_forward_(
            register_module("post_attention_layernorm", std::make_shared<nn::RMSNorm>(shape.channels, shape.epsilon))),
        attention_site_(
            add<nn::AdapterSite>(*this, "attention_adapters.adapters", nn::SubLayer::attention, shape.channels)),
        output_site_(
            add<nn::AdapterSite>(*this, "output_adapters.adapters", nn::SubLayer::feed_forward, shape.channels)) {}

  /// x [B, T, C], keys and values of a prefix [H_kv, P, D] or undefined -> [B, T, C]
  Tensor forward(const Tensor& x, const Tensor& prefix_keys, const Tensor& prefix_values, const LlamaPass& pass) {
    const Tensor mixed =
        attention_->forward(nn::rms_norm(x, before_attention_->weight, epsilon_), prefix_keys, prefix_values, pass);
    const Tensor attended = attention_site_->add(x, mixed, 0, is_training());
    return output_site_->add(attended,
                             feed_forward_->forward(nn::rms_norm(attended, before_feed_forward_->weight, epsilon_)), 0,
                             is_training());
  }

 private:
  double epsilon_;
  std::shared_ptr<LlamaAttention> attention_;
  std::shared_ptr<LlamaFeedForward> feed_forward_;
  std::shared_ptr<nn::RMSNorm> before_attention_, before_feed_forward_;
  std::shared_ptr<nn::AdapterSite> attention_site_, output_site_;
};

/// "model" in the checkpoint: embedding, layers and the last norm.
class LlamaBackbone : public torch::nn::Module {
 public:
  explicit LlamaBackbone(const LlamaShape& shape)
      : shape_(shape),
        embedding_(register_module("embed_tokens",
                                   std::make_shared<nn::Embedding>(shape.vocabulary, shape.channels, shape.padding))),
        list_(register_module("layers", std::make_shared<torch::nn::Module>())) {
    for (std::int64_t i = 0; i < shape.layers; ++i)
      layers_.push_back(
          list_->register_module(std::to_string(i), std::make_shared<LlamaLayer>(shape, static_cast<std::size_t>(i))));
    norm_ = register_module("norm", std::make_shared<nn::RMSNorm>(shape.channels, shape.epsilon));
  }

  Tensor forward(const Batch& batch, const PassSettings& settings, KeyValueCache* cache) {
    const Tensor& ids = batch.input_ids;
    const std::int64_t seen = positions_before(cache, layers_.size(), settings, ids.size(0));
    const bool reads_prompt = settings.prompt.defined() && seen == 0;
    const std::int64_t count = longest_text(batch) + (reads_prompt ? settings.prompt_tokens() : 0);
    const Tensor mask = with_virtual(batch.attention_mask, settings.prompt_tokens());  // [B, seen + count]
    LlamaPass pass;
    if (nn::is_tracing()) {
      const TokenPlaces places = traced_places(reads_prompt ? mask : ids, cache, seen);
      const Tensor numbers =
          settings.prompt_tokens() > 0 ? token_numbers(mask).index_select(1, places.query) : places.query;
      pass.rotary = nn::rotary_tables(shape_.rotary, numbers);
      pass.full = causal_view(mask, places, 0);
      pass.windowed = shape_.window > 0 ? causal_view(mask, places, shape_.window) : pass.full;
    } else {
      pass.rotary = rotary(mask, seen, count, settings, ids.device());
      pass.full = causal_view(mask, seen, count, 0, ids.device());
      pass.windowed = shape_.window > 0 && seen + count > shape_.window
                          ? causal_view(mask, seen, count, shape_.window, ids.device())
                          : pass.full;
    }
    if (is_packed(batch)) {
      const Tensor places = segment_positions(batch);  // [T]
      pass.rotary = {pass.rotary.cosine.index_select(0, places), pass.rotary.sine.index_select(0, places)};
      pass.segments = batch.segments;
    }
    pass.cache = cache;
    Tensor x = with_noise(embedding_->forward(ids), batch.attention_mask, settings.embedding_noise,
                          batch.segments);  // [B, T, C]
    if (reads_prompt) x = after_prompt(x, settings.prompt);
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const auto layer = layers_[i];
      x = nn::recomputed(
          settings.recompute && !cache, *layer,
          [layer, pass](const std::vector<Tensor>& in) { return layer->forward(in[0], in[1], in[2], pass); },
          {x, settings.key(i), settings.value(i)});
    }
    x = nn::rms_norm(x, norm_->weight, shape_.epsilon);
    return reads_prompt && !batch.virtual_tokens ? x.slice(1, settings.prompt_tokens()) : x;
  }

  nn::Embedding& embedding() { return *embedding_; }

 private:
  /// Angles tell distances alone, so padding in front changes nothing; but between a prompt and the text it would.
  nn::RotaryTables rotary(const Tensor& mask, std::int64_t seen, std::int64_t count, const PassSettings& settings,
                          at::Device device) const {
    if (!mask.defined() || settings.prompt_tokens() == 0) return nn::rotary_tables(shape_.rotary, seen, count, device);
    return nn::rotary_tables(shape_.rotary, token_numbers(mask).narrow(1, seen, count).flatten());
  }

  /// [B, seen + count], from 0 at the first token of a row.
  static Tensor token_numbers(const Tensor& mask) { return mask.cumsum(1).sub_(1).clamp_min_(0); }

  LlamaShape shape_;
  std::shared_ptr<nn::Embedding> embedding_;
  std::shared_ptr<torch::nn::Module> list_;
  std::vector<std::shared_ptr<LlamaLayer>> layers_;
  std::shared_ptr<nn::RMSNorm> norm_;
};

class Llama : public Model {
 public:
  Llama(const Json& config, Head head, const std::vector<std::string>& labels, const LlamaShape& shape)
      : Model(config, "llama", head, labels),
        places_{.embeddings = true, .layers = shape.layers, .key_heads = shape.key_heads, .head_size = shape.head_size},
        backbone_(register_module("model", std::make_shared<LlamaBackbone>(shape))) {
    const bool language_model = head == Head::causal_lm;
    const std::int64_t outputs = language_model ? shape.vocabulary : static_cast<std::int64_t>(labels.size());
    output_ = register_module(language_model ? "lm_head" : "score",
                              std::make_shared<nn::Linear>(shape.channels, outputs, /*with_bias=*/false));
    if (language_model && config_flag(config, "tie_word_embeddings", false))
      output_->tie_weight(backbone_->embedding().weight);
  }

  bool is_causal() const override { return true; }
  PromptPlaces prompt_places() const override { return places_; }
  Tensor hidden(const Batch& batch, KeyValueCache* cache) override {
    return backbone_->forward(batch, pass_settings(), cache);
  }
  bool can_pack() const override { return head_kind() == Head::causal_lm; }

  Tensor head(const Tensor& hidden, const Batch& batch) override {
    if (head_kind() == Head::causal_lm) return output_->forward(hidden);  // [B, T, V]
    return output_->forward(last_states(hidden, batch, config()));        // [B, L]
  }

  Tensor token_logits(const Tensor& rows) override { return output_->forward(rows); }
  Tensor output_weight() override { return head_kind() == Head::causal_lm ? output_->weight : Tensor(); }
  Tensor input_embedding() override { return backbone_->embedding().weight; }

  void set_vocabulary(std::int64_t size) override {
    if (size <= vocabulary()) return;
    backbone_->embedding().grow(size);
    if (head_kind() == Head::causal_lm) output_->grow_outputs(size);
    mutable_config()["vocab_size"] = size;
  }

  std::vector<std::string> head_modules() const override {
    return {head_kind() == Head::causal_lm ? "lm_head" : "score"};
  }

 private:
  PromptPlaces places_;
  std::shared_ptr<LlamaBackbone> backbone_;
  std::shared_ptr<nn::Linear> output_;
};

}  // namespace

std::shared_ptr<Model> make_llama(const Json& config, Head head, const std::vector<std::string>& labels,
                                  double dropout) {
  if (head != Head::causal_lm && head != Head::sequence_classification)
    fail(ErrorKind::unsupported,
         "a " + config_text(config, "model_type", "llama") + " has no " + to_string(head) + " head", {},
         "choose causal language modelling or classification");
  LlamaShape shape = llama_shape(config);
  shape.attention_dropout = config_dropout(config, "attention_dropout", 0, dropout);
  return std::make_shared<Llama>(config, head, labels, shape);
}

}  // namespace luthier
