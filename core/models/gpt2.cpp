// GPT-2 (Radford et al. 2019): a decoder with learned positions whose projections keep their weights as [in, out].
#include <ATen/ops/arange.h>

#include <cmath>
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
#include "nn/dropout.h"
#include "nn/embedding.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "nn/recompute.h"
#include "nn/tracing.h"

namespace luthier {

namespace {

struct Gpt2Shape {
  std::int64_t vocabulary, channels, inner, layers, heads, positions;
  double epsilon;
  bool scale_by_head, scale_by_layer;
  std::string activation;
  double embedding_dropout, attention_dropout, residual_dropout, token_dropout;
};

Gpt2Shape gpt2_shape(const Json& config, double dropout) {
  if (config_flag(config, "add_cross_attention", false))
    fail(ErrorKind::unsupported, "a GPT-2 that attends to an encoder is not supported",
         "config.json: add_cross_attention", "choose a plain language model");
  Gpt2Shape shape;
  shape.vocabulary = config_size(config, "vocab_size");
  shape.channels = config_size(config, "n_embd", {}, 1 << 17);
  shape.inner = config_size(config, "n_inner", 4 * shape.channels, 1 << 20);
  shape.layers = config_size(config, "n_layer", {}, 4096);
  shape.heads = config_size(config, "n_head", {}, 1 << 16);
  shape.positions = config_size(config, "n_positions", 1024);
  if (shape.channels % shape.heads != 0)
    fail(ErrorKind::bad_input,
         std::to_string(shape.heads) + " heads do not divide " + std::to_string(shape.channels) + " channels",
         "config.json: n_head", "get the model's config.json again from where it came");
  shape.epsilon = config_number(config, "layer_norm_epsilon", 1e-5);
  shape.scale_by_head = config_flag(config, "scale_attn_weights", true);
  shape.scale_by_layer = config_flag(config, "scale_attn_by_inverse_layer_idx", false);
  shape.activation = config_text(config, "activation_function", "gelu_new");
  shape.embedding_dropout = config_dropout(config, "embd_pdrop", 0.1, dropout);
  shape.attention_dropout = config_dropout(config, "attn_pdrop", 0.1, dropout);
  shape.residual_dropout = config_dropout(config, "resid_pdrop", 0.1, dropout);
  shape.token_dropout =
      config_dropout(config, "classifier_dropout", config_number(config, "hidden_dropout", 0.1), dropout);
  return shape;
}

/// Transformers calls it Conv1D.
std::shared_ptr<nn::Linear> projection(torch::nn::Module& owner, const char* name, std::int64_t in, std::int64_t out) {
  return owner.register_module(name,
                               std::make_shared<nn::Linear>(in, out, /*with_bias=*/true, nn::WeightLayout::in_out));
}

/// What all layers of one forward pass share.
struct Gpt2Pass {
  CausalView view;
  std::vector<std::int64_t> segments;
  KeyValueCache* cache = nullptr;
};

class Gpt2Attention : public torch::nn::Module {
 public:
  Gpt2Attention(const Gpt2Shape& shape, std::size_t layer)
      : heads_(shape.heads),
        layer_(layer),
        attention_dropout_(shape.attention_dropout),
        c_attn_(projection(*this, "c_attn", shape.channels, 3 * shape.channels)),
        c_proj_(projection(*this, "c_proj", shape.channels, shape.channels)) {
    // nn::attention divides by the square root of the head size; whatever else the config asks for is put on the
    // queries.
    if (!shape.scale_by_head) query_scale_ = std::sqrt(static_cast<double>(shape.channels / shape.heads));
    if (shape.scale_by_layer) query_scale_ /= static_cast<double>(layer + 1);
  }

  /// x [B, T, C], keys and values of a prefix [H, P, D] or undefined -> [B, T, C]
  Tensor forward(const Tensor& x, const Tensor& prefix_keys, const Tensor& prefix_values, const Gpt2Pass& pass) {
    const auto parts = c_attn_->forward(x).chunk(3, -1);
    const auto split = [&](const Tensor& part) { return part.unflatten(-1, {heads_, -1}).transpose(1, 2); };
    Tensor q = split(parts[0]), k = split(parts[1]), v = split(parts[2]);  // [B, H, T, D]
    if (query_scale_ != 1) q = q.mul(query_scale_);
    if (pass.cache) {
      k = append_to_cache(pass.cache->keys[layer_], k);
      v = append_to_cache(pass.cache->values[layer_], v);
    } else {
      k = after_prefix(k, prefix_keys);
      v = after_prefix(v, prefix_values);
    }
    return c_proj_->forward(nn::attention(q, k, v, pass.view.mask, pass.view.causal,
                                          is_training() ? attention_dropout_ : 0, pass.segments));
  }

 private:
  std::int64_t heads_;
  std::size_t layer_;
  double attention_dropout_, query_scale_ = 1;
  std::shared_ptr<nn::Linear> c_attn_, c_proj_;
};

class Gpt2FeedForward : public torch::nn::Module {
 public:
  explicit Gpt2FeedForward(const Gpt2Shape& shape)
      : activation_(nn::activation_named(shape.activation)),
        c_fc_(projection(*this, "c_fc", shape.channels, shape.inner)),
        c_proj_(projection(*this, "c_proj", shape.inner, shape.channels)) {}

  Tensor forward(const Tensor& x) { return c_proj_->forward(activation_(c_fc_->forward(x))); }

 private:
  nn::Activation activation_;
  std::shared_ptr<nn::Linear> c_fc_, c_proj_;
};

class Gpt2Layer : public torch::nn::Module {
 public:
  Gpt2Layer(const Gpt2Shape& shape, std::size_t index)
      : dropout_(shape.residual_dropout),
        before_attention_(register_module("ln_1", std::make_shared<nn::LayerNorm>(shape.channels, shape.epsilon))),
        attention_(register_module("attn", std::make_shared<Gpt2Attention>(shape, index))),
        before_feed_forward_(register_module("ln_2", std::make_shared<nn::LayerNorm>(shape.channels, shape.epsilon))),
        feed_forward_(register_module("mlp", std::make_shared<Gpt2FeedForward>(shape))),
        attention_site_(
            add<nn::AdapterSite>(*this, "attention_adapters.adapters", nn::SubLayer::attention, shape.channels)),
        output_site_(
            add<nn::AdapterSite>(*this, "output_adapters.adapters", nn::SubLayer::feed_forward, shape.channels)) {}

  /// x [B, T, C], keys and values of a prefix [H, P, D] or undefined -> [B, T, C]
  Tensor forward(const Tensor& x, const Tensor& prefix_keys, const Tensor& prefix_values, const Gpt2Pass& pass) {
    const Tensor attended =
        attention_site_->add(x, attention_->forward(before_attention_->forward(x), prefix_keys, prefix_values, pass),
                             dropout_, is_training());
    return output_site_->add(attended, feed_forward_->forward(before_feed_forward_->forward(attended)), dropout_,
                             is_training());
  }

 private:
  double dropout_;
  std::shared_ptr<nn::LayerNorm> before_attention_;
  std::shared_ptr<Gpt2Attention> attention_;
  std::shared_ptr<nn::LayerNorm> before_feed_forward_;
  std::shared_ptr<Gpt2FeedForward> feed_forward_;
  std::shared_ptr<nn::AdapterSite> attention_site_, output_site_;
};

/// "transformer" in the checkpoint: embeddings, layers and the last norm.
class Gpt2Backbone : public torch::nn::Module {
 public:
  explicit Gpt2Backbone(const Gpt2Shape& shape)
      : shape_(shape),
        words_(register_module("wte", std::make_shared<nn::Embedding>(shape.vocabulary, shape.channels))),
        positions_(register_module("wpe", std::make_shared<nn::Embedding>(shape.positions, shape.channels))),
        list_(register_module("h", std::make_shared<torch::nn::Module>())) {
    for (std::int64_t i = 0; i < shape.layers; ++i)
      layers_.push_back(
          list_->register_module(std::to_string(i), std::make_shared<Gpt2Layer>(shape, static_cast<std::size_t>(i))));
    norm_ = register_module("ln_f", std::make_shared<nn::LayerNorm>(shape.channels, shape.epsilon));
  }

  Tensor forward(const Batch& batch, const PassSettings& settings, KeyValueCache* cache) {
    const Tensor& ids = batch.input_ids;
    const std::int64_t seen = positions_before(cache, layers_.size(), settings, ids.size(0));
    const bool reads_prompt = settings.prompt.defined() && seen == 0;
    const std::int64_t count = longest_text(batch) + (reads_prompt ? settings.prompt_tokens() : 0);
    if (seen + count > shape_.positions)
      fail(ErrorKind::bad_input,
           "a text of " + std::to_string(seen + count) + " tokens is longer than the " +
               std::to_string(shape_.positions) + " that this model has positions for",
           "config.json: n_positions", "cut the text, or ask for fewer new tokens");
    const Tensor mask = with_virtual(batch.attention_mask, settings.prompt_tokens());  // [B, seen + count]
    Gpt2Pass pass;
    TokenPlaces places;
    if (nn::is_tracing()) places = traced_places(reads_prompt ? mask : ids, cache, seen);
    pass.view = nn::is_tracing() ? causal_view(mask, places, 0) : causal_view(mask, seen, count, 0, ids.device());
    pass.segments = batch.segments;
    pass.cache = cache;
    Tensor x =
        with_noise(words_->forward(ids), batch.attention_mask, settings.embedding_noise, batch.segments);  // [B, T, C]
    if (batch.token_type_ids.defined()) x = x.add(words_->forward(batch.token_type_ids));
    if (reads_prompt) x = after_prompt(x, settings.prompt);
    x = x.add(positions_->forward(position_ids(batch, mask, seen, count, places.query)));
    x = nn::dropout(x, shape_.embedding_dropout, is_training());
    for (std::size_t i = 0; i < layers_.size(); ++i) {
      const auto layer = layers_[i];
      x = nn::recomputed(
          settings.recompute && !cache, *layer,
          [layer, pass](const std::vector<Tensor>& in) { return layer->forward(in[0], in[1], in[2], pass); },
          {x, settings.key(i), settings.value(i)});
    }
    x = norm_->forward(x);
    return reads_prompt && !batch.virtual_tokens ? x.slice(1, settings.prompt_tokens()) : x;
  }

  nn::Embedding& words() { return *words_; }

 private:
  /// Tokens are numbered from the first that is not padding: a prompt means the same wherever it is padded.
  static Tensor position_ids(const Batch& batch, const Tensor& mask, std::int64_t seen, std::int64_t count,
                             const Tensor& traced) {
    if (is_packed(batch)) return segment_positions(batch).unsqueeze(0);
    if (!mask.defined()) return at::arange(seen, seen + count, batch.input_ids.options()).unsqueeze(0);
    const Tensor numbers = mask.cumsum(1).sub_(1).clamp_min_(0);  // [B, seen + count]
    return traced.defined() ? numbers.index_select(1, traced) : numbers.narrow(1, seen, count);
  }

  Gpt2Shape shape_;
  std::shared_ptr<nn::Embedding> words_, positions_;
  std::shared_ptr<torch::nn::Module> list_;
  std::vector<std::shared_ptr<Gpt2Layer>> layers_;
  std::shared_ptr<nn::LayerNorm> norm_;
};

class Gpt2 : public Model {
 public:
  Gpt2(const Json& config, Head head, const std::vector<std::string>& labels, const Gpt2Shape& shape)
      : Model(config, "gpt2", head, labels),
        positions_(shape.positions),
        places_{.embeddings = true,
                .layers = shape.layers,
                .key_heads = shape.heads,
                .head_size = shape.channels / shape.heads},
        token_dropout_(shape.token_dropout),
        backbone_(register_module("transformer", std::make_shared<Gpt2Backbone>(shape))) {
    const std::int64_t outputs = head == Head::causal_lm ? shape.vocabulary : static_cast<std::int64_t>(labels.size());
    output_ = register_module(head_modules().front(), std::make_shared<nn::Linear>(shape.channels, outputs,
                                                                                   head == Head::token_classification));
    if (head == Head::causal_lm && config_flag(config, "tie_word_embeddings", true))
      output_->tie_weight(backbone_->words().weight);
  }

  bool is_causal() const override { return true; }
  bool can_pack() const override { return head_kind() != Head::sequence_classification; }
  std::int64_t max_positions() const override { return positions_; }
  PromptPlaces prompt_places() const override { return places_; }
  Tensor hidden(const Batch& batch, KeyValueCache* cache) override {
    return backbone_->forward(batch, pass_settings(), cache);
  }

  Tensor head(const Tensor& hidden, const Batch& batch) override {
    if (head_kind() != Head::sequence_classification) return token_logits(hidden);  // [B, T, V or L]
    return output_->forward(last_states(hidden, batch, config()));                  // [B, L]
  }

  Tensor token_logits(const Tensor& rows) override {
    if (head_kind() == Head::token_classification)
      return output_->forward(nn::dropout(rows, token_dropout_, is_training()));
    return output_->forward(rows);
  }
  Tensor output_weight() override { return head_kind() == Head::causal_lm ? output_->weight : Tensor(); }
  Tensor input_embedding() override { return backbone_->words().weight; }

  void set_vocabulary(std::int64_t size) override {
    if (size <= vocabulary()) return;
    backbone_->words().grow(size);
    if (head_kind() == Head::causal_lm) output_->grow_outputs(size);
    mutable_config()["vocab_size"] = size;
  }

  std::vector<std::string> head_modules() const override {
    if (head_kind() == Head::causal_lm) return {"lm_head"};
    return {head_kind() == Head::token_classification ? "classifier" : "score"};
  }

 private:
  std::int64_t positions_;
  PromptPlaces places_;
  double token_dropout_;
  std::shared_ptr<Gpt2Backbone> backbone_;
  std::shared_ptr<nn::Linear> output_;
};

}  // namespace

std::shared_ptr<Model> make_gpt2(const Json& config, Head head, const std::vector<std::string>& labels,
                                 double dropout) {
  if (head != Head::causal_lm && head != Head::sequence_classification && head != Head::token_classification)
    fail(ErrorKind::unsupported, "a GPT-2 has no " + to_string(head) + " head", {},
         "choose causal language modelling, classification or tagging");
  return std::make_shared<Gpt2>(config, head, labels, gpt2_shape(config, dropout));
}

}  // namespace luthier
