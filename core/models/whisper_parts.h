#pragma once
// What Whisper (Radford et al. 2022) is made of. F frames of M mel bands become T = F / 2 states of C channels; the
// decoder has U tokens.
#include <memory>
#include <vector>

#include "models/cached_attention.h"
#include "models/model.h"
#include "models/prompt.h"
#include "models/spec_augment.h"
#include "nn/activation.h"
#include "nn/conv1d.h"
#include "nn/embedding.h"
#include "nn/linear.h"
#include "nn/norm.h"

namespace luthier {

struct WhisperStack {
  std::int64_t layers = 0, heads = 0, feed_forward = 0;
  double layer_drop = 0;  ///< a layer is left out with this probability in training
};

struct WhisperShape {
  std::int64_t vocabulary = 0, padding = -1, bands = 0, channels = 0, source_positions = 0, target_positions = 0;
  WhisperStack encoder, decoder;
  nn::Activation activation = nullptr;
  double dropout = 0, attention_dropout = 0, activation_dropout = 0;
  double start_range = 0.02;
  SpecAugment augment;
};

/// Attention to the own sequence or to another one, whose keys and values may be there already.
class WhisperAttention : public torch::nn::Module {
 public:
  WhisperAttention(const WhisperShape& shape, std::int64_t heads);
  std::pair<Tensor, Tensor> keys_and_values(const Tensor& states);  // [B, S, C] -> [B, H, S, D] each
  /// x [B, T, C]; view over the keys.
  Tensor forward(const Tensor& x, const Tensor& keys, const Tensor& values, const CausalView& view = {});

 private:
  Tensor split(const Tensor& x) const;

  std::int64_t head_size_;
  double dropout_;
  std::shared_ptr<nn::Linear> k_proj_, v_proj_, q_proj_, out_proj_;
};

/// fc2(activation(fc1(x))), registered into the layer itself, as the checkpoints have it.
class WhisperFeedForward {
 public:
  WhisperFeedForward(torch::nn::Module& layer, const WhisperShape& shape, std::int64_t inner);
  Tensor forward(const Tensor& x, bool training);  // [B, T, C] -> [B, T, C]

 private:
  nn::Activation activation_;
  double dropout_;
  std::shared_ptr<nn::Linear> fc1_, fc2_;
};

/// "encoder" in the checkpoint.
class WhisperEncoder : public torch::nn::Module {
 public:
  explicit WhisperEncoder(const WhisperShape& shape);
  /// [B, M, F] -> [B, T, C]; bad_input unless F is twice max_source_positions. `states`, when given, gets what goes
  /// into the first layer and what comes out of each, the last one as it is returned.
  Tensor forward(const Tensor& features, const PassSettings& settings, std::vector<Tensor>* states = nullptr);

 private:
  class Layer;
  WhisperShape shape_;
  std::shared_ptr<nn::Conv1d> conv1_, conv2_;
  Tensor positions_;  ///< [T, C], fixed
  std::vector<std::shared_ptr<Layer>> layers_;
  std::shared_ptr<nn::LayerNorm> norm_;
};

/// "decoder" in the checkpoint.
class WhisperDecoder : public torch::nn::Module {
 public:
  explicit WhisperDecoder(const WhisperShape& shape);
  /// ids [B, U], states [B, T, C] (may be undefined when the cache has their keys and values) -> [B, U, C]. bad_input
  /// beyond max_target_positions.
  Tensor forward(const Tensor& ids, const Tensor& states, const PassSettings& settings, KeyValueCache* cache);
  nn::Embedding& tokens() { return *tokens_; }

 private:
  class Layer;
  WhisperShape shape_;
  std::shared_ptr<nn::Embedding> tokens_, positions_;
  std::vector<std::shared_ptr<Layer>> layers_;
  std::shared_ptr<nn::LayerNorm> norm_;
};

/// Whether this layer is left out, in training.
bool leaves_out(double probability, bool training);

}  // namespace luthier
