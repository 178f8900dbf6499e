// ResNet (He et al. 2016). Layers within a stage: [shortcut +] convolutions, each with its batch norm.
#include <ATen/ops/max_pool2d.h>
#include <ATen/ops/relu.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "models/config.h"
#include "models/families.h"
#include "models/image_model.h"
#include "models/prompt.h"
#include "nn/activation.h"
#include "nn/batch_norm.h"
#include "nn/conv2d.h"
#include "nn/recompute.h"
#include "nn/uniform_linear.h"
#include "recipe/vision_shapes.h"

namespace luthier {

namespace {

/// "convolution" and "normalization".
class NormedConvolution : public torch::nn::Module {
 public:
  NormedConvolution(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride) {
    convolution_ = register_module(
        "convolution",
        std::make_shared<nn::Conv2d>(nn::Conv2dShape{
            .in = in, .out = out, .kernel = kernel, .stride = stride, .padding = kernel / 2, .start_range = 0}));
    normalization_ = register_module("normalization", std::make_shared<nn::BatchNorm2d>(out));
  }
  Tensor forward(const Tensor& x) { return normalization_->forward(convolution_->forward(x)); }

 private:
  std::shared_ptr<nn::Conv2d> convolution_;
  std::shared_ptr<nn::BatchNorm2d> normalization_;
};

class ResidualLayer : public torch::nn::Module {
 public:
  ResidualLayer(const ResNetShape& shape, std::int64_t in, std::int64_t out, std::int64_t stride,
                nn::Activation activation)
      : activation_(activation) {
    if (in != out || stride != 1)
      shortcut_ = register_module("shortcut", std::make_shared<NormedConvolution>(in, out, 1, stride));
    if (!shape.bottleneck) {
      add(in, out, 3, stride);
      add(out, out, 3, 1);
      return;
    }
    const std::int64_t narrow = out / 4;
    add(in, narrow, 1, shape.downsample_in_bottleneck ? stride : 1);
    add(narrow, narrow, 3, shape.downsample_in_bottleneck ? 1 : stride);
    add(narrow, out, 1, 1);
  }

  Tensor forward(const Tensor& x) {  // [B, in, h, w] -> [B, out, h / stride, w / stride]
    Tensor y = x;
    for (std::size_t i = 0; i < layer_.size(); ++i) {
      y = layer_[i]->forward(y);
      if (i + 1 < layer_.size()) y = at::relu(y);  // the configured activation acts on the sum alone
    }
    return activation_(y + (shortcut_ ? shortcut_->forward(x) : x));
  }

 private:
  void add(std::int64_t in, std::int64_t out, std::int64_t kernel, std::int64_t stride) {
    layer_.push_back(
        luthier::add<NormedConvolution>(*this, "layer." + std::to_string(layer_.size()), in, out, kernel, stride));
  }

  nn::Activation activation_;
  std::shared_ptr<NormedConvolution> shortcut_;
  std::vector<std::shared_ptr<NormedConvolution>> layer_;
};

class ResNet : public ImageModel {
 public:
  ResNet(const Json& config, Head head, std::vector<std::string> labels)
      : ImageModel(config, "resnet", head, std::move(labels)) {
    const ResNetShape shape = resnet_shape(config);
    const nn::Activation activation = nn::activation_named(config_text(config, "hidden_act", "relu"));
    activation_ = activation;
    image_channels_ = shape.image_channels;
    stem_ = add<NormedConvolution>(*this, "resnet.embedder.embedder", shape.image_channels, shape.embedding,
                                   std::int64_t{7}, std::int64_t{2});
    for (std::size_t stage = 0; stage < shape.widths.size(); ++stage)
      for (std::int64_t i = 0; i < shape.depths[stage]; ++i)
        layers_.push_back(
            add<ResidualLayer>(*this, "resnet.encoder.stages." + std::to_string(stage) + ".layers." + std::to_string(i),
                               shape, i > 0 ? shape.widths[stage] : shape.stage_input(stage), shape.widths[stage],
                               i > 0 ? std::int64_t{1} : shape.stage_stride(stage), activation));
    classifier_ = add<nn::UniformLinear>(*this, "classifier.1", shape.widths.back(),
                                         static_cast<std::int64_t>(label_names().size()));
  }

  Tensor hidden(const Batch& batch, KeyValueCache*) override {
    Tensor x = activation_(stem_->forward(pixels_of(batch, image_channels_)));
    x = at::max_pool2d(x, {3, 3}, {2, 2}, {1, 1});
    const bool recompute = pass_settings().recompute;
    for (const auto& layer : layers_)
      x = nn::recomputed(recompute, *layer, [layer](const auto& in) { return layer->forward(in[0]); }, {x});
    return x;  // [B, C, h, w]
  }

  Tensor head(const Tensor& hidden, const Batch&) override {
    return classifier_->forward(hidden.mean({2, 3}));  // [B, L]
  }

 private:
  std::int64_t image_channels_ = 3;
  nn::Activation activation_ = nullptr;
  std::shared_ptr<NormedConvolution> stem_;
  std::vector<std::shared_ptr<ResidualLayer>> layers_;
  std::shared_ptr<nn::Linear> classifier_;
};

}  // namespace

std::shared_ptr<Model> make_resnet(const Json& config, Head head, const std::vector<std::string>& labels, double) {
  return std::make_shared<ResNet>(config, head, labels);
}

}  // namespace luthier
