// The convolutions that turn a waveform into frames.
#include <ATen/ops/floor_divide.h>

#include "base/error.h"
#include "models/wav2vec2_parts.h"
#include "nn/group_norm.h"

namespace luthier {

std::int64_t Wav2Vec2Shape::frames(std::int64_t samples) const {
  for (const nn::Conv1dShape& convolution : convolutions) samples = nn::convolved_length(samples, convolution);
  return samples;
}

Tensor Wav2Vec2Shape::frames(const Tensor& samples) const {
  Tensor counts = samples;
  for (const nn::Conv1dShape& convolution : convolutions)
    counts = counts.sub(convolution.kernel).floor_divide(convolution.stride).add(1).clamp_min(0);
  return counts;
}

std::int64_t Wav2Vec2Shape::fewest_samples() const {
  std::int64_t samples = 1;
  for (auto one = convolutions.rbegin(); one != convolutions.rend(); ++one)
    samples = (samples - 1) * one->stride + one->kernel;
  return samples;
}

/// A convolution, and in some layers a norm: one over time for every channel, or one over the channels of a frame.
class Wav2Vec2Features::Layer : public torch::nn::Module {
 public:
  Layer(const nn::Conv1dShape& shape, bool layer_normed, bool is_first, nn::Activation activation)
      : activation_(activation), conv_(register_module("conv", std::make_shared<nn::Conv1d>(shape))) {
    if (layer_normed)
      over_channels_ = register_module("layer_norm", std::make_shared<nn::LayerNorm>(shape.out, 1e-5));
    else if (is_first)
      over_time_ = register_module("layer_norm", std::make_shared<nn::GroupNorm>(shape.out, shape.out));
  }

  Tensor forward(const Tensor& x) {  // [B, in, T] -> [B, out, T']
    Tensor y = conv_->forward(x);
    if (over_time_) y = over_time_->forward(y);
    if (over_channels_) y = over_channels_->forward(y.transpose(1, 2)).transpose(1, 2);
    return activation_(y);
  }

 private:
  nn::Activation activation_;
  std::shared_ptr<nn::Conv1d> conv_;
  std::shared_ptr<nn::GroupNorm> over_time_;
  std::shared_ptr<nn::LayerNorm> over_channels_;
};

Wav2Vec2Features::Wav2Vec2Features(const Wav2Vec2Shape& shape) : shape_(shape) {
  const auto list = register_module("conv_layers", std::make_shared<torch::nn::Module>());
  for (const nn::Conv1dShape& convolution : shape.convolutions) {
    const std::string name = std::to_string(layers_.size());
    layers_.push_back(list->register_module(
        name, std::make_shared<Layer>(convolution, shape.layer_normed, layers_.empty(), shape.feature_activation)));
  }
}

Tensor Wav2Vec2Features::forward(const Tensor& waveform) {
  if (shape_.frames(waveform.size(1)) < 1)
    fail(ErrorKind::bad_input,
         "a recording of " + std::to_string(waveform.size(1)) +
             " samples is too short: the model makes its first frame of " + std::to_string(shape_.fewest_samples()),
         "input_values", "leave such recordings out, or pad them with silence");
  Tensor x = waveform.unsqueeze(1);  // [B, 1, S]
  for (const auto& layer : layers_) x = layer->forward(x);
  return x.transpose(1, 2);  // [B, T, features]
}

}  // namespace luthier
