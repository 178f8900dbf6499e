// T5 (Raffel et al. 2020): an encoder and a decoder with relative positions; version 1.1 and mT5 with a gated
// feed-forward and an output layer of their own.
#include <ATen/ops/alias.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/matmul.h>
#include <ATen/ops/scaled_dot_product_attention.h>
#include <ATen/ops/softmax.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "models/cached_attention.h"
#include "models/config.h"
#include "models/encoder.h"
#include "models/families.h"
#include "models/prompt.h"
#include "models/relative_positions.h"
#include "nn/activation.h"
#include "nn/adapter_site.h"
#include "nn/dropout.h"
#include "nn/embedding.h"
#include "nn/linear.h"
#include "nn/norm.h"
#include "nn/recompute.h"
#include "nn/tracing.h"

namespace luthier {

namespace {

constexpr std::int64_t kPositions = 1 << 16;  ///< relative positions reach as far as memory does

struct T5Shape {
  std::int64_t vocabulary, channels, head_size, inner, layers, decoder_layers, heads, buckets, farthest;
  bool gated;
  std::string activation;
  double epsilon, dropout;
  double output_scale;  ///< on the decoder's states before the output layer
};

T5Shape t5_shape(const Json& config, double dropout) {
  T5Shape shape;
  const bool multilingual = config_text(config, "model_type", "t5") == "mt5";
  shape.vocabulary = config_size(config, "vocab_size");
  shape.channels = config_size(config, "d_model", {}, 1 << 17);
  shape.head_size = config_size(config, "d_kv", 64, 1 << 16);
  shape.inner = config_size(config, "d_ff", {}, 1 << 20);
  shape.layers = config_size(config, "num_layers", {}, 4096);
  shape.decoder_layers = config_size(config, "num_decoder_layers", shape.layers, 4096);
  shape.heads = config_size(config, "num_heads", {}, 1 << 16);
  shape.buckets = config_size(config, "relative_attention_num_buckets", 32, 1 << 16);
  shape.farthest = config_size(config, "relative_attention_max_distance", 128);
  if (shape.buckets < 4 || shape.buckets % 2 != 0 || shape.farthest <= shape.buckets / 2)
    fail(ErrorKind::bad_input,
         "relative positions need an even number of buckets, at least 4, and distances beyond half of them",
         "config.json: relative_attention_num_buckets", "get the model's config.json again from where it came");
  const std::string projection = config_text(config, "feed_forward_proj", multilingual ? "gated-gelu" : "relu");
  shape.gated = projection.starts_with("gated-");
  shape.activation = projection == "gated-gelu" ? "gelu_new" : shape.gated ? projection.substr(6) : projection;
  shape.epsilon = config_number(config, "layer_norm_epsilon", 1e-6);
  shape.dropout = config_dropout(config, "dropout_rate", 0.1, dropout);
  // Version 1.0 scales, 1.1 does not; older configs tell them apart by the tied output layer.
  const bool scales =
      !multilingual && config_flag(config, "scale_decoder_outputs", config_flag(config, "tie_word_embeddings", true));
  shape.output_scale = scales ? 1 / std::sqrt(static_cast<double>(shape.channels)) : 1;
  return shape;
}

std::shared_ptr<nn::Linear> plain_linear(torch::nn::Module& owner, const char* name, std::int64_t in,
                                         std::int64_t out) {
  return owner.register_module(name, std::make_shared<nn::Linear>(in, out, /*with_bias=*/false));
}

class T5Attention : public torch::nn::Module {
 public:
  T5Attention(const T5Shape& shape, bool has_positions)
      : heads_(shape.heads),
        dropout_(shape.dropout),
        q_(plain_linear(*this, "q", shape.channels, shape.heads * shape.head_size)),
        k_(plain_linear(*this, "k", shape.channels, shape.heads * shape.head_size)),
        v_(plain_linear(*this, "v", shape.channels, shape.heads * shape.head_size)),
        o_(plain_linear(*this, "o", shape.heads * shape.head_size, shape.channels)) {
    if (has_positions)
      relative_ = register_module("relative_attention_bias", std::make_shared<nn::Embedding>(shape.buckets, heads_));
  }

  Tensor keys(const Tensor& x) { return split(k_->forward(x)); }  // [B, S, C] -> [B, H, S, D]
  Tensor values(const Tensor& x) { return split(v_->forward(x)); }

  /// x [B, T, C]; bias: added to the scores, [1 or B, H, T, S], or a mask that is true where a key may be seen.
  Tensor forward(const Tensor& x, const Tensor& k, const Tensor& v, const Tensor& bias) {
    const Tensor q = split(q_->forward(x));  // [B, H, T, D]
    std::optional<Tensor> given;
    if (bias.defined()) given = bias;
    Tensor seen;  // [B, H, T, D]
    if (is_training() && dropout_ > 0) {
      Tensor scores = at::matmul(q, k.transpose(-2, -1));  // not scaled: the initial weights made up for it
      if (bias.defined())
        scores = bias.scalar_type() == at::kBool
                     ? scores.masked_fill(bias.logical_not(), std::numeric_limits<float>::lowest())
                     : scores.add(bias);
      seen = at::matmul(nn::dropout(at::softmax(scores, -1), dropout_, true), v);
    } else {
      seen = at::scaled_dot_product_attention(q, k, v, given, 0, false, /*scale=*/1.0);
    }
    return o_->forward(seen.transpose(1, 2).flatten(2, 3));
  }

  /// The bias of these queries over these keys: [1, H, T, S].
  Tensor position_bias(const TokenPlaces& places, bool both_ways, const T5Shape& shape) {
    const Tensor distance = places.key.unsqueeze(0).sub(places.query.unsqueeze(1));
    const Tensor buckets = relative_buckets(distance, both_ways, shape.buckets, shape.farthest);
    return relative_->forward(buckets).permute({2, 0, 1}).unsqueeze(0);
  }

 private:
  Tensor split(const Tensor& x) const { return x.unflatten(-1, {heads_, -1}).transpose(1, 2); }

  std::int64_t heads_;
  double dropout_;
  std::shared_ptr<nn::Linear> q_, k_, v_, o_;
  std::shared_ptr<nn::Embedding> relative_;  ///< of the first layer of a stack alone
};

class T5FeedForward : public torch::nn::Module {
 public:
  explicit T5FeedForward(const T5Shape& shape)
      : activation_(nn::activation_named(shape.activation)),
        dropout_(shape.dropout),
        in_(plain_linear(*this, shape.gated ? "wi_0" : "wi", shape.channels, shape.inner)),
        gate_(shape.gated ? plain_linear(*this, "wi_1", shape.channels, shape.inner) : nullptr),
        out_(plain_linear(*this, "wo", shape.inner, shape.channels)) {}

  Tensor forward(const Tensor& x) {  // [B, T, C] -> [B, T, C]
    Tensor inner = activation_(in_->forward(x));
    if (gate_) inner = inner.mul(gate_->forward(x));
    return out_->forward(nn::dropout(inner, dropout_, is_training()));
  }

 private:
  nn::Activation activation_;
  double dropout_;
  std::shared_ptr<nn::Linear> in_, gate_, out_;
};

/// "layer.N": a norm with what it stands before, and a place for an adapter after that.
template <class Inner>
class T5SubLayer : public torch::nn::Module {
 public:
  T5SubLayer(const char* name, std::shared_ptr<Inner> inner, const T5Shape& shape,
             std::optional<nn::SubLayer> adapter_after)
      : inner(register_module(name, std::move(inner))),
        norm(register_module("layer_norm", std::make_shared<nn::RMSNorm>(shape.channels, shape.epsilon))) {
    if (adapter_after) site_ = add<nn::AdapterSite>(*this, "adapters", *adapter_after, shape.channels);
  }

  /// x + dropout(y), [B, T, C] each.
  Tensor added(const Tensor& x, const Tensor& y, double dropout) {
    return site_ ? site_->add(x, y, dropout, is_training()) : nn::add_dropout(x, y, dropout, is_training());
  }

  std::shared_ptr<Inner> inner;
  std::shared_ptr<nn::RMSNorm> norm;

 private:
  std::shared_ptr<nn::AdapterSite> site_;
};

/// The lowest number of a type.
double lowest(at::ScalarType type) {
  if (type == at::kHalf) return std::numeric_limits<at::Half>::lowest();
  if (type == at::kBFloat16) return std::numeric_limits<at::BFloat16>::lowest();
  return std::numeric_limits<float>::lowest();
}

/// What all blocks of one forward pass share.
struct T5Pass {
  Tensor bias;           ///< of self-attention, padding and later tokens hidden: [1 or B, H, T, S]
  Tensor source_states;  ///< the encoder's [B, S, C]; undefined in the encoder, and where the cache has their keys
  Tensor source_mask;    ///< [B, 1, 1, S] or undefined
  Tensor prefix_keys, prefix_values;  ///< of this block's self-attention [H, P, D]; undefined: none
  KeyValueCache* cache = nullptr;
};

class T5Block : public torch::nn::Module {
 public:
  T5Block(const T5Shape& shape, std::size_t index, bool decodes)
      : index_(index), dropout_(shape.dropout), list_(register_module("layer", std::make_shared<torch::nn::Module>())) {
    self_ = list_->register_module(
        "0", std::make_shared<T5SubLayer<T5Attention>>(
                 "SelfAttention", std::make_shared<T5Attention>(shape, /*has_positions=*/index == 0), shape,
                 nn::SubLayer::attention));
    if (decodes)
      cross_ = list_->register_module(
          "1", std::make_shared<T5SubLayer<T5Attention>>("EncDecAttention", std::make_shared<T5Attention>(shape, false),
                                                         shape, std::nullopt));
    feed_forward_ = list_->register_module(
        decodes ? "2" : "1",
        std::make_shared<T5SubLayer<T5FeedForward>>("DenseReluDense", std::make_shared<T5FeedForward>(shape), shape,
                                                    nn::SubLayer::feed_forward));
  }

  Tensor forward(Tensor x, const T5Pass& pass) {  // [B, T, C] -> [B, T, C]
    Tensor y = self_->norm->forward(x);
    Tensor k = self_->inner->keys(y), v = self_->inner->values(y);
    if (pass.cache) {
      k = append_to_cache(pass.cache->keys[index_], k);
      v = append_to_cache(pass.cache->values[index_], v);
    } else {
      k = after_prefix(k, pass.prefix_keys);
      v = after_prefix(v, pass.prefix_values);
    }
    x = self_->added(x, self_->inner->forward(y, k, v, pass.bias), dropout_);
    if (cross_) {
      y = cross_->norm->forward(x);
      if (pass.source_states.defined()) {
        const Tensor states = at::alias(pass.source_states);  // its gradient is summed block by block, kept or not
        k = cross_->inner->keys(states);
        v = cross_->inner->values(states);
        if (pass.cache) {
          pass.cache->cross_keys[index_] = k;
          pass.cache->cross_values[index_] = v;
        }
      } else {
        k = pass.cache->cross_keys[index_];
        v = pass.cache->cross_values[index_];
      }
      x = cross_->added(x, cross_->inner->forward(y, k, v, pass.source_mask), dropout_);
    }
    return feed_forward_->added(x, feed_forward_->inner->forward(feed_forward_->norm->forward(x)), dropout_);
  }

  T5Attention& positions() { return *self_->inner; }

 private:
  std::size_t index_;
  double dropout_;
  std::shared_ptr<torch::nn::Module> list_;
  std::shared_ptr<T5SubLayer<T5Attention>> self_, cross_;
  std::shared_ptr<T5SubLayer<T5FeedForward>> feed_forward_;
};

/// "encoder" or "decoder" in the checkpoint.
class T5Stack : public torch::nn::Module {
 public:
  T5Stack(const T5Shape& shape, const nn::Embedding& words, bool decodes)
      : shape_(shape),
        decodes_(decodes),
        words_(register_module("embed_tokens", std::make_shared<SharedWords>(words.weight))),
        list_(register_module("block", std::make_shared<torch::nn::Module>())) {
    const std::int64_t layers = decodes ? shape.decoder_layers : shape.layers;
    for (std::int64_t i = 0; i < layers; ++i)
      blocks_.push_back(list_->register_module(std::to_string(i),
                                               std::make_shared<T5Block>(shape, static_cast<std::size_t>(i), decodes)));
    norm_ = register_module("final_layer_norm", std::make_shared<nn::RMSNorm>(shape.channels, shape.epsilon));
  }

  /// embedded [B, T, C]; mask [B, T] of the tokens (encoder) or undefined.
  Tensor forward(const Tensor& embedded, const Tensor& mask, T5Pass pass, const PassSettings& settings) {
    const std::int64_t count = embedded.size(1);
    if (pass.cache && pass.cache->cross_keys.empty()) {
      pass.cache->cross_keys.resize(blocks_.size());
      pass.cache->cross_values.resize(blocks_.size());
    }
    const std::int64_t seen = decodes_ ? positions_before(pass.cache, blocks_.size(), settings, embedded.size(0)) : 0;
    const auto options = at::TensorOptions(embedded.device()).dtype(at::kLong);
    const TokenPlaces places =
        nn::is_tracing() ? traced_places(embedded, pass.cache, seen)
                         : TokenPlaces{at::arange(seen, seen + count, options), at::arange(seen + count, options)};
    pass.bias = blocks_.front()->positions().position_bias(places, !decodes_, shape_);
    const auto hide = [&](const Tensor& visible) {
      pass.bias = pass.bias.masked_fill(visible.logical_not(), lowest(pass.bias.scalar_type()));
    };
    if (decodes_ && (count > 1 || nn::is_tracing())) hide(places.key.unsqueeze(0).le(places.query.unsqueeze(1)));
    if (mask.defined()) hide(mask.unsqueeze(1).unsqueeze(1));
    Tensor x = nn::dropout(embedded, shape_.dropout, is_training());
    for (std::size_t i = 0; i < blocks_.size(); ++i) {
      const auto block = blocks_[i];
      const auto part = [block, pass](const std::vector<Tensor>& in) {
        T5Pass own = pass;
        own.bias = in[1];
        own.source_states = in[2];
        own.prefix_keys = in[3];
        own.prefix_values = in[4];
        return block->forward(in[0], own);
      };
      x = nn::recomputed(settings.recompute && !pass.cache, *block, part,
                         {x, pass.bias, pass.source_states, decodes_ ? settings.key(i) : Tensor(),
                          decodes_ ? settings.value(i) : Tensor()});
    }
    return nn::dropout(norm_->forward(x), shape_.dropout, is_training());
  }

 private:
  /// Checkpoints may hold the one embedding under each stack's name too.
  struct SharedWords : torch::nn::Module {
    explicit SharedWords(const Tensor& words) { register_parameter("weight", words); }
  };

  T5Shape shape_;
  bool decodes_;
  std::shared_ptr<SharedWords> words_;
  std::shared_ptr<torch::nn::Module> list_;
  std::vector<std::shared_ptr<T5Block>> blocks_;
  std::shared_ptr<nn::RMSNorm> norm_;
};

class T5 : public Model {
 public:
  T5(const Json& config, const T5Shape& shape)
      : Model(config, "t5", Head::seq2seq_lm, {}),
        output_scale_(shape.output_scale),
        places_{.embeddings = true,
                .layers = shape.layers == shape.decoder_layers ? shape.layers : 0,
                .key_heads = shape.heads,
                .head_size = shape.head_size},
        words_(register_module("shared", std::make_shared<nn::Embedding>(shape.vocabulary, shape.channels))),
        encoder_(register_module("encoder", std::make_shared<T5Stack>(shape, *words_, /*decodes=*/false))),
        decoder_(register_module("decoder", std::make_shared<T5Stack>(shape, *words_, /*decodes=*/true))),
        output_(plain_linear(*this, "lm_head", shape.channels, shape.vocabulary)) {
    if (config_flag(config, "tie_word_embeddings", true)) output_->tie_weight(words_->weight);
  }

  bool is_encoder_decoder() const override { return true; }
  std::int64_t max_positions() const override { return kPositions; }

  Tensor encode(const Batch& batch) override {
    const PassSettings settings = pass_settings();
    Tensor x = with_noise(words_->forward(batch.input_ids), batch.attention_mask, settings.embedding_noise);
    if (settings.prompt.defined()) x = after_prompt(x, settings.prompt);
    return encoder_->forward(x, source_mask(batch, settings), {}, settings);
  }

  Tensor hidden(const Batch& batch, KeyValueCache* cache) override {
    const PassSettings settings = pass_settings();
    T5Pass pass;
    pass.cache = cache;
    const bool known = cache && !cache->cross_keys.empty() && cache->cross_keys[0].defined();
    if (!known) pass.source_states = batch.encoder_states.defined() ? batch.encoder_states : encode(batch);
    const Tensor mask = source_mask(batch, settings);
    if (mask.defined()) pass.source_mask = mask.unsqueeze(1).unsqueeze(1);
    const Tensor x = with_noise(words_->forward(batch.decoder_input_ids), {}, settings.embedding_noise);
    return decoder_->forward(x, {}, pass, settings);
  }

  /// A prefix, as PEFT has it, is as long as the encoder is deep and stands in the decoder.
  PromptPlaces prompt_places() const override { return places_; }

  Tensor head(const Tensor& hidden, const Batch&) override { return token_logits(hidden); }
  Tensor token_logits(const Tensor& rows) override { return output_->forward(output_rows(rows)); }
  Tensor output_rows(const Tensor& rows) override { return output_scale_ == 1 ? rows : rows.mul(output_scale_); }
  Tensor output_weight() override { return output_->weight; }
  Tensor input_embedding() override { return words_->weight; }

  void set_vocabulary(std::int64_t size) override {
    if (size <= vocabulary()) return;
    words_->grow(size);
    output_->grow_outputs(size);
    mutable_config()["vocab_size"] = size;
  }

  std::vector<std::string> head_modules() const override { return {"lm_head"}; }

 private:
  /// [B, S] of the source's tokens, a prompt's in front; undefined: all are tokens.
  static Tensor source_mask(const Batch& batch, const PassSettings& settings) {
    return settings.prompt.defined() ? with_virtual(batch.attention_mask, settings.prompt_tokens())
                                     : batch.attention_mask;
  }

  double output_scale_;
  PromptPlaces places_;
  std::shared_ptr<nn::Embedding> words_;
  std::shared_ptr<T5Stack> encoder_, decoder_;
  std::shared_ptr<nn::Linear> output_;
};

}  // namespace

std::shared_ptr<Model> make_t5(const Json& config, Head head, const std::vector<std::string>&, double dropout) {
  if (head != Head::seq2seq_lm)
    fail(ErrorKind::unsupported, "a T5 has no " + to_string(head) + " head", {}, "choose sequence to sequence");
  return std::make_shared<T5>(config, t5_shape(config, dropout));
}

}  // namespace luthier
