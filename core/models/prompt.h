#pragma once
// Learned tokens that stand before every row: embeddings that the first layer reads (prompt tuning, Lester et al.
// 2021), or keys and values that every layer's attention sees (prefix tuning, Li and Liang 2021).
#include <ATen/core/Generator.h>
#include <torch/nn/module.h>

#include <cstdint>
#include <vector>

#include "models/model.h"

namespace luthier {

/// What prompts a model takes.
struct PromptPlaces {
  bool embeddings = false;                                ///< prompt tuning
  std::int64_t layers = 0, key_heads = 0, head_size = 0;  ///< prefix tuning; 0 layers: none
  std::int64_t row_channels() const { return key_heads * head_size; }
};

/// P virtual tokens. Parameters as PEFT names them: "embedding.weight", [P, C] or, of prefixes, [P, layers * 2 * heads
/// * head size] in the order key, value of the first layer, key, value of the second and so on; with a projection [P,
/// heads * head size], and "transform.0" and "transform.2", a network that makes the others of it.
class Prompt : public torch::nn::Module {
 public:
  enum class Kind { embeddings, keys_and_values };

  Prompt(Kind kind, const Tensor& values);
  /// A prefix that is `start` plus what a network with `inner` channels makes of [P, `channels`]. `from_nothing`: the
  /// network's last layer is zero, so that the prefix starts as `start`.
  Prompt(const Tensor& start, std::int64_t channels, std::int64_t inner, bool from_nothing,
         const at::Generator& generator);

  Kind kind() const { return kind_; }
  std::int64_t tokens() const { return embedding_.size(0); }
  std::int64_t inner() const { return inner_; }  ///< of the projection; 0: there is none
  Tensor values() const;                         ///< [P, C] or [P, layers * 2 * heads * head size]

 private:
  Kind kind_;
  std::int64_t inner_ = 0;
  Tensor embedding_, start_, in_, in_bias_, out_, out_bias_;
};

/// What one forward pass does besides the model itself.
struct PassSettings {
  bool recompute = false;            ///< layers are made again in the backward pass
  double embedding_noise = 0;        ///< alpha of NEFTune; 0: none
  Tensor prompt;                     ///< [P, C] before the embeddings; undefined: none
  std::vector<Tensor> keys, values;  ///< a prefix of each layer, [H_kv, P, D]; empty: none

  std::int64_t prompt_tokens() const;
  Tensor key(std::size_t layer) const { return keys.empty() ? Tensor() : keys[layer]; }
  Tensor value(std::size_t layer) const { return values.empty() ? Tensor() : values[layer]; }
};

/// A prefix cut into layers. PEFT's encoder-decoders read it at twice the pace: layer i has the pair 2 i modulo the
/// number of layers.
void cut_prefix(const Tensor& values, const PromptPlaces& places, bool is_encoder_decoder, PassSettings& settings);
/// The pair of a prefix that layer i reads.
std::int64_t prefix_pair(std::int64_t layer, std::int64_t layers, bool is_encoder_decoder);

/// [B, T] bool -> [B, P + T]: virtual tokens are tokens. An undefined mask stays undefined.
Tensor with_virtual(const Tensor& mask, std::int64_t count);
/// embeddings [B, T, C] -> [B, P + T, C]
Tensor after_prompt(const Tensor& embeddings, const Tensor& prompt);
/// Keys or values [B, H_kv, T, D] after a prefix [H_kv, P, D], which may be undefined.
Tensor after_prefix(const Tensor& own, const Tensor& prefix);
/// Makes an empty cache ready for `layers` layers and `rows` rows, with the prefix in it. How many positions come
/// before the new tokens: what the cache holds, without a cache the prefix.
std::int64_t positions_before(KeyValueCache* cache, std::size_t layers, const PassSettings& settings,
                              std::int64_t rows);

/// NEFTune (Jain et al. 2023): embeddings [B, T, C] plus noise from -1 to 1 times alpha / sqrt(tokens of the row * C),
/// drawn from LibTorch's default generator. `mask` [B, T] or undefined tells a row's tokens, `segments` those of the
/// texts of a packed row.
Tensor with_noise(const Tensor& embeddings, const Tensor& mask, double alpha,
                  const std::vector<std::int64_t>& segments = {});

}  // namespace luthier
