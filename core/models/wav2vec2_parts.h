#pragma once
// What Wav2Vec2 (Baevski et al. 2020) is made of. S samples of a waveform become T frames of C channels.
#include <memory>
#include <vector>

#include "models/model.h"
#include "models/spec_augment.h"
#include "nn/activation.h"
#include "nn/conv1d.h"
#include "nn/linear.h"
#include "nn/norm.h"

namespace luthier {

struct Wav2Vec2Shape {
  std::vector<nn::Conv1dShape> convolutions;  ///< from the waveform to the features
  bool layer_normed = false;                  ///< every convolution's output is normalised, else the first one's alone
  nn::Activation feature_activation = nullptr, activation = nullptr;
  std::int64_t channels = 0, layers = 0, heads = 0, feed_forward = 0;
  std::int64_t position_kernel = 0, position_groups = 0;
  bool norm_first = false;  ///< config.json's do_stable_layer_norm
  double epsilon = 1e-5;
  double hidden_dropout = 0, attention_dropout = 0, activation_dropout = 0, projection_dropout = 0, final_dropout = 0;
  double layer_drop = 0;  ///< a layer is left out with this probability in training (Fan et al. 2019)
  SpecAugment augment;
  bool has_mask_vector = true;  ///< "masked_spec_embed", which stands where time is hidden

  std::int64_t frames(std::int64_t samples) const;  ///< 0 where the waveform is too short for one
  Tensor frames(const Tensor& samples) const;       ///< [B] int64 -> [B] int64
  std::int64_t fewest_samples() const;              ///< that give one frame
};

/// Convolutions over the waveform: [B, S] -> [B, T, features]. bad_input when S gives no frame.
class Wav2Vec2Features : public torch::nn::Module {
 public:
  explicit Wav2Vec2Features(const Wav2Vec2Shape& shape);
  Tensor forward(const Tensor& waveform);

 private:
  class Layer;
  Wav2Vec2Shape shape_;
  std::vector<std::shared_ptr<Layer>> layers_;
};

/// Positions by a wide convolution, then the layers.
class Wav2Vec2Encoder : public torch::nn::Module {
 public:
  explicit Wav2Vec2Encoder(const Wav2Vec2Shape& shape);
  /// x [B, T, C], mask [B, T] bool or undefined -> [B, T, C]. `states`, when given, gets what goes into the first layer
  /// and what comes out of each, the last one as it is returned. `recompute`: layers are made again in the backward
  /// pass.
  Tensor forward(const Tensor& x, const Tensor& mask, bool recompute, std::vector<Tensor>* states = nullptr);

 private:
  class Layer;
  class Positions;
  Wav2Vec2Shape shape_;
  std::shared_ptr<Positions> positions_;
  std::shared_ptr<nn::LayerNorm> norm_;
  std::vector<std::shared_ptr<Layer>> layers_;
};

/// "wav2vec2" in the checkpoint.
class Wav2Vec2Backbone : public torch::nn::Module, public nn::OwnStart {
 public:
  explicit Wav2Vec2Backbone(const Wav2Vec2Shape& shape);
  Tensor forward(const Batch& batch, bool recompute, std::vector<Tensor>* states = nullptr);  // [B, T, C]
  /// Which of the frames [B, T, ...] come from samples that are no padding, [B, T] bool; undefined when none is.
  Tensor frame_mask(const Batch& batch, const Tensor& frames) const;
  void start(const std::string& parameter, Tensor& value, const at::Generator& generator) const override;
  const Wav2Vec2Shape& shape() const { return shape_; }

 private:
  class Projection;
  Tensor augmented(Tensor x, const Tensor& mask);

  Wav2Vec2Shape shape_;
  std::shared_ptr<Wav2Vec2Features> features_;
  std::shared_ptr<Projection> projection_;
  std::shared_ptr<Wav2Vec2Encoder> encoder_;
  Tensor mask_vector_;  ///< [C] or undefined
};

/// bad_input for impossible sizes, unsupported for adapter layers; `dropout` as in LoadOptions (0 also keeps every
/// layer).
Wav2Vec2Shape wav2vec2_shape(const Json& config, double dropout);

}  // namespace luthier
