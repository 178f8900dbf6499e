// ViT (Dosovitskiy et al. 2021): an encoder of transformer layers, norms before, over the patches of an image.
#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/upsample_bicubic2d.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/random.h"
#include "models/config.h"
#include "models/families.h"
#include "models/image_model.h"
#include "models/prompt.h"
#include "nn/activation.h"
#include "nn/adapter_site.h"
#include "nn/attention.h"
#include "nn/conv2d.h"
#include "nn/dropout.h"
#include "nn/norm.h"
#include "nn/recompute.h"
#include "nn/tracing.h"
#include "recipe/vision_shapes.h"

namespace luthier {

namespace {

struct VitSettings {
  VitShape shape;
  nn::Activation activation = nullptr;
  double epsilon = 1e-12, hidden_dropout = 0, attention_dropout = 0, range = 0.02;
};

/// "cls_token" [1, 1, C], "position_embeddings" [1, patches + 1, C] and "patch_embeddings.projection".
class PatchEmbeddings : public torch::nn::Module, public nn::OwnStart {
 public:
  explicit PatchEmbeddings(const VitSettings& settings) : settings_(settings) {
    const VitShape& shape = settings.shape;
    class_token_ = register_parameter("cls_token", at::empty({1, 1, shape.channels}));
    positions_ = register_parameter("position_embeddings", at::empty({1, shape.tokens(), shape.channels}));
    projection_ = add<nn::Conv2d>(*this, "patch_embeddings.projection",
                                  nn::Conv2dShape{.in = shape.image_channels,
                                                  .out = shape.channels,
                                                  .kernel = shape.patch,
                                                  .stride = shape.patch,
                                                  .bias = true,
                                                  .start_range = settings.range});
  }

  Tensor forward(const Tensor& pixels) {  // [B, 3, h, w] -> [B, T, C]
    const std::int64_t height = pixels.size(2), width = pixels.size(3);
    if (height < settings_.shape.patch || width < settings_.shape.patch)
      fail(ErrorKind::bad_input, "an image is smaller than one patch of " + std::to_string(settings_.shape.patch),
           "pixel_values", "resize the images to the model's size");
    const Tensor patches = projection_->forward(pixels).flatten(2).transpose(1, 2);
    const Tensor x = at::cat({nn::for_every_row(class_token_, patches), patches}, 1);
    return nn::dropout(x + positions_for(height, width), settings_.hidden_dropout, is_training());
  }

  /// Cut at two in absolute value, as torch does: for the usual ranges nothing is cut.
  void start(const std::string&, Tensor& value, const at::Generator& generator) const override {
    value.normal_(0, settings_.range, generator).clamp_(-2, 2);
  }

 private:
  /// The positions of the patches, stretched bicubically where the image has another size than the model.
  Tensor positions_for(std::int64_t height, std::int64_t width) const {  // [1, T, C]
    const VitShape& shape = settings_.shape;
    if (height == shape.image_height && width == shape.image_width) return positions_;
    const std::int64_t rows = height / shape.patch, columns = width / shape.patch;
    const Tensor grid = positions_.narrow(1, 1, shape.tokens() - 1)
                            .view({1, shape.rows(), shape.columns(), shape.channels})
                            .permute({0, 3, 1, 2});
    const Tensor stretched = at::upsample_bicubic2d(grid, {rows, columns}, /*align_corners=*/false);
    return at::cat({positions_.narrow(1, 0, 1), stretched.flatten(2).transpose(1, 2)}, 1);
  }

  VitSettings settings_;
  Tensor class_token_, positions_;
  std::shared_ptr<nn::Conv2d> projection_;
};

class Layer : public torch::nn::Module {
 public:
  explicit Layer(const VitSettings& settings) : settings_(settings) {
    const VitShape& shape = settings.shape;
    const std::int64_t channels = shape.channels;
    query_ = add<nn::Linear>(*this, "attention.attention.query", channels, channels, shape.qkv_bias);
    key_ = add<nn::Linear>(*this, "attention.attention.key", channels, channels, shape.qkv_bias);
    value_ = add<nn::Linear>(*this, "attention.attention.value", channels, channels, shape.qkv_bias);
    attention_out_ = add<nn::Linear>(*this, "attention.output.dense", channels, channels);
    in_ = add<nn::Linear>(*this, "intermediate.dense", channels, shape.feed_forward);
    out_ = add<nn::Linear>(*this, "output.dense", shape.feed_forward, channels);
    before_ = add<nn::LayerNorm>(*this, "layernorm_before", channels, settings.epsilon);
    after_ = add<nn::LayerNorm>(*this, "layernorm_after", channels, settings.epsilon);
    attention_site_ = add<nn::AdapterSite>(*this, "attention_adapters.adapters", nn::SubLayer::attention, channels);
    output_site_ = add<nn::AdapterSite>(*this, "output.output_adapters.adapters", nn::SubLayer::feed_forward, channels);
  }

  Tensor forward(const Tensor& x) {  // [B, T, C] -> [B, T, C]
    const bool training = is_training();
    const auto split = [&](const Tensor& y) {  // [B, T, C] -> [B, H, T, D]
      return y.unflatten(-1, {settings_.shape.heads, settings_.shape.channels / settings_.shape.heads}).transpose(1, 2);
    };
    const Tensor normed = before_->forward(x);
    const Tensor mixed =
        nn::attention(split(query_->forward(normed)), split(key_->forward(normed)), split(value_->forward(normed)), {},
                      /*causal=*/false, training ? settings_.attention_dropout : 0);
    const Tensor y = attention_site_->add(x, attention_out_->forward(mixed), settings_.hidden_dropout, training);
    const Tensor widened = settings_.activation(in_->forward(after_->forward(y)));
    return output_site_->add(y, out_->forward(widened), settings_.hidden_dropout, training);
  }

 private:
  VitSettings settings_;
  std::shared_ptr<nn::Linear> query_, key_, value_, attention_out_, in_, out_;
  std::shared_ptr<nn::LayerNorm> before_, after_;
  std::shared_ptr<nn::AdapterSite> attention_site_, output_site_;
};

class Vit : public ImageModel {
 public:
  Vit(const Json& config, Head head, std::vector<std::string> labels, double dropout)
      : ImageModel(config, "vit", head, std::move(labels)) {
    const VitSettings settings = {
        .shape = vit_shape(config),
        .activation = nn::activation_named(config_text(config, "hidden_act", "gelu")),
        .epsilon = config_number(config, "layer_norm_eps", 1e-12),
        .hidden_dropout = config_dropout(config, "hidden_dropout_prob", 0, dropout),
        .attention_dropout = config_dropout(config, "attention_probs_dropout_prob", 0, dropout),
        .range = config_number(config, "initializer_range", 0.02)};
    image_channels_ = settings.shape.image_channels;
    embeddings_ = add<PatchEmbeddings>(*this, "vit.embeddings", settings);
    for (std::int64_t i = 0; i < settings.shape.layers; ++i)
      layers_.push_back(add<Layer>(*this, "vit.encoder.layer." + std::to_string(i), settings));
    norm_ = add<nn::LayerNorm>(*this, "vit.layernorm", settings.shape.channels, settings.epsilon);
    classifier_ =
        add<nn::Linear>(*this, "classifier", settings.shape.channels, static_cast<std::int64_t>(label_names().size()));
  }

  Tensor hidden(const Batch& batch, KeyValueCache*) override {
    Tensor x = embeddings_->forward(pixels_of(batch, image_channels_));
    const bool recompute = pass_settings().recompute;
    for (const auto& layer : layers_)
      x = nn::recomputed(recompute, *layer, [layer](const auto& in) { return layer->forward(in[0]); }, {x});
    return norm_->forward(x);  // [B, T, C]
  }

  Tensor head(const Tensor& hidden, const Batch&) override { return classifier_->forward(hidden.select(1, 0)); }

 private:
  std::int64_t image_channels_ = 3;
  std::shared_ptr<PatchEmbeddings> embeddings_;
  std::vector<std::shared_ptr<Layer>> layers_;
  std::shared_ptr<nn::LayerNorm> norm_;
  std::shared_ptr<nn::Linear> classifier_;
};

constexpr std::pair<const char*, const char*> kNames[] = {
    // on disk, and what transformers 5 calls it in memory
    {"attention.attention.query", "attention.q_proj"},
    {"attention.attention.key", "attention.k_proj"},
    {"attention.attention.value", "attention.v_proj"},
    {"attention.output.dense", "attention.o_proj"},
    {"intermediate.dense", "mlp.fc1"},
    {"output.dense", "mlp.fc2"}};

/// `name` with its part below the layer spelled otherwise; the name as it is when it lies in no layer.
std::string respelled(const std::string& name, const std::string& from, const std::string& to, bool to_disk) {
  const auto at = name.find(from);
  const bool whole = at == 0 || (at != std::string::npos && name[at - 1] == '.');
  if (!whole) return name;
  const auto part = name.find('.', at + from.size());
  if (part == std::string::npos) return name;
  std::string rest = name.substr(part + 1);
  for (const auto& [disk, memory] : kNames) {
    const std::string old = to_disk ? memory : disk, spelled = to_disk ? disk : memory;
    if (rest == old || rest.starts_with(old + ".")) {
      rest = spelled + rest.substr(old.size());
      break;
    }
  }
  return name.substr(0, at) + to + name.substr(at + from.size(), part + 1 - at - from.size()) + rest;
}

}  // namespace

std::shared_ptr<Model> make_vit(const Json& config, Head head, const std::vector<std::string>& labels, double dropout) {
  return std::make_shared<Vit>(config, head, labels, dropout);
}

std::string vit_name_on_disk(const std::string& name) {
  return name.find("encoder.layer.") == std::string::npos ? respelled(name, "layers.", "encoder.layer.", true) : name;
}

std::string vit_name_in_memory(const std::string& name) { return respelled(name, "encoder.layer.", "layers.", false); }

}  // namespace luthier
