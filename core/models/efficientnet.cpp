// EfficientNet (Tan, Le 2019).
#include <ATen/ops/amax.h>
#include <ATen/ops/sigmoid.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "models/config.h"
#include "models/families.h"
#include "models/image_model.h"
#include "models/prompt.h"
#include "nn/activation.h"
#include "nn/batch_norm.h"
#include "nn/conv2d.h"
#include "nn/dropout.h"
#include "nn/recompute.h"
#include "recipe/vision_shapes.h"

namespace luthier {

namespace {

/// What all parts of the network share.
struct EfficientNetSettings {
  nn::Activation activation = nullptr;
  double epsilon = 1e-3, momentum = 0.99, range = 0.02;
};

using Conv = std::shared_ptr<nn::Conv2d>;
using Norm = std::shared_ptr<nn::BatchNorm2d>;

class Block : public torch::nn::Module {
 public:
  Block(const EfficientNetBlockShape& shape, const EfficientNetSettings& settings, double drop)
      : shape_(shape), activation_(settings.activation), drop_(drop) {
    const double range = settings.range;
    const auto pointwise = [range](std::int64_t in, std::int64_t out, bool bias = false) {
      return nn::Conv2dShape{.in = in, .out = out, .bias = bias, .start_range = range};
    };
    if (shape.expands) {
      expand_ = add<nn::Conv2d>(*this, "expansion.expand_conv", pointwise(shape.in, shape.inner));
      // transformers leaves this norm, alone of all, at torch's usual momentum
      expand_norm_ = add<nn::BatchNorm2d>(*this, "expansion.expand_bn", shape.inner, settings.epsilon, 0.1, range);
    }
    depthwise_ = add<nn::Conv2d>(*this, "depthwise_conv.depthwise_conv",
                                 nn::Conv2dShape{.in = shape.inner,
                                                 .out = shape.inner,
                                                 .kernel = shape.kernel,
                                                 .stride = shape.stride,
                                                 .padding = shape.stride == 1 ? shape.kernel / 2 : 0,
                                                 .groups = shape.inner,
                                                 .start_range = range});
    depthwise_norm_ = norm("depthwise_conv.depthwise_norm", shape.inner, settings);
    reduce_ = add<nn::Conv2d>(*this, "squeeze_excite.reduce", pointwise(shape.inner, shape.squeezed, true));
    excite_ = add<nn::Conv2d>(*this, "squeeze_excite.expand", pointwise(shape.squeezed, shape.inner, true));
    project_ = add<nn::Conv2d>(*this, "projection.project_conv", pointwise(shape.inner, shape.out));
    project_norm_ = norm("projection.project_bn", shape.out, settings);
  }

  Tensor forward(const Tensor& x) {  // [B, in, h, w] -> [B, out, h / stride, w / stride]
    Tensor y = x;
    if (shape_.expands) y = activation_(expand_norm_->forward(expand_->forward(y)));
    if (shape_.stride == 2) {
      const std::int64_t after = shape_.kernel / 2, before = shape_.pads_right ? after - 1 : after;
      y = nn::pad(y, {.left = before, .right = after, .top = before, .bottom = after});
    }
    y = activation_(depthwise_norm_->forward(depthwise_->forward(y)));
    const Tensor squeezed = activation_(reduce_->forward(y.mean({2, 3}, /*keepdim=*/true)));  // [B, squeezed, 1, 1]
    y = y * at::sigmoid(excite_->forward(squeezed));
    y = project_norm_->forward(project_->forward(y));
    return shape_.adds_input ? nn::add_dropout(x, y, drop_, is_training()) : y;
  }

 private:
  Norm norm(const std::string& name, std::int64_t channels, const EfficientNetSettings& settings) {
    return add<nn::BatchNorm2d>(*this, name, channels, settings.epsilon, settings.momentum, settings.range);
  }

  EfficientNetBlockShape shape_;
  nn::Activation activation_;
  double drop_;
  Conv expand_, depthwise_, reduce_, excite_, project_;
  Norm expand_norm_, depthwise_norm_, project_norm_;
};

class EfficientNet : public ImageModel {
 public:
  EfficientNet(const Json& config, Head head, std::vector<std::string> labels, double dropout)
      : ImageModel(config, "efficientnet", head, std::move(labels)) {
    const EfficientNetShape shape = efficientnet_shape(config);
    image_channels_ = shape.image_channels;
    stem_before_ = shape.stem_pads_right ? 0 : 1;
    settings_ = {.activation = nn::activation_named(config_text(config, "hidden_act", "swish")),
                 .epsilon = config_number(config, "batch_norm_eps", 1e-3),
                 .momentum = config_number(config, "batch_norm_momentum", 0.99),
                 .range = config_number(config, "initializer_range", 0.02)};
    dropout_ = config_dropout(config, "dropout_rate", 0.5, dropout);
    const std::string pooling = config_text(config, "pooling_type", "mean");
    if (pooling != "mean" && pooling != "max")
      fail(ErrorKind::bad_input, "pooling_type must be mean or max", "config.json: pooling_type");
    pools_largest_ = pooling == "max";

    const std::string root = "efficientnet.";
    stem_ = add<nn::Conv2d>(
        *this, root + "embeddings.convolution",
        nn::Conv2dShape{
            .in = shape.image_channels, .out = shape.stem, .kernel = 3, .stride = 2, .start_range = settings_.range});
    stem_norm_ = norm(root + "embeddings.batchnorm", shape.stem);
    for (std::size_t i = 0; i < shape.blocks.size(); ++i) {
      const EfficientNetBlockShape& block = shape.blocks[i];
      const double drop = dropout >= 0 ? dropout : block.drop;
      blocks_.push_back(add<Block>(*this, root + "encoder.blocks." + std::to_string(i), block, settings_, drop));
    }
    top_ = add<nn::Conv2d>(
        *this, root + "encoder.top_conv",
        nn::Conv2dShape{.in = shape.blocks.back().out, .out = shape.top, .start_range = settings_.range});
    top_norm_ = norm(root + "encoder.top_bn", shape.top);
    classifier_ = add<nn::Linear>(*this, "classifier", shape.top, static_cast<std::int64_t>(label_names().size()));
  }

  Tensor hidden(const Batch& batch, KeyValueCache*) override {
    Tensor x = pixels_of(batch, image_channels_);
    x = nn::pad(x, {.left = stem_before_, .right = 1, .top = stem_before_, .bottom = 1});
    x = settings_.activation(stem_norm_->forward(stem_->forward(x)));
    const bool recompute = pass_settings().recompute;
    for (const auto& block : blocks_)
      x = nn::recomputed(recompute, *block, [block](const auto& in) { return block->forward(in[0]); }, {x});
    return settings_.activation(top_norm_->forward(top_->forward(x)));  // [B, C, h, w]
  }

  Tensor head(const Tensor& hidden, const Batch&) override {
    const Tensor pooled = pools_largest_ ? at::amax(hidden, {2, 3}) : hidden.mean({2, 3});  // [B, C]
    return classifier_->forward(nn::dropout(pooled, dropout_, is_training()));
  }

 private:
  Norm norm(const std::string& name, std::int64_t channels) {
    return add<nn::BatchNorm2d>(*this, name, channels, settings_.epsilon, settings_.momentum, settings_.range);
  }

  std::int64_t image_channels_ = 3;
  std::int64_t stem_before_ = 0;  ///< zeros at the left and top of the image
  EfficientNetSettings settings_;
  double dropout_ = 0;
  bool pools_largest_ = false;
  Conv stem_, top_;
  Norm stem_norm_, top_norm_;
  std::vector<std::shared_ptr<Block>> blocks_;
  std::shared_ptr<nn::Linear> classifier_;
};

}  // namespace

std::shared_ptr<Model> make_efficientnet(const Json& config, Head head, const std::vector<std::string>& labels,
                                         double dropout) {
  return std::make_shared<EfficientNet>(config, head, labels, dropout);
}

}  // namespace luthier
