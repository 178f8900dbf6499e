// ResNet, EfficientNet and ViT.
#include <algorithm>

#include "recipe/sheet.h"
#include "recipe/vision_shapes.h"

namespace luthier {

namespace {

constexpr auto kConvolution = ParameterOutline::Kind::convolution;
constexpr std::int64_t kUsualImage = 224;  ///< where config.json does not say: what ImageNet models read

/// Adds up feature maps by how much smaller than the image they are.
class Maps {
 public:
  /// A convolution to `channels` maps, `halvings` times halved; `kept` tensors of that size stay for the backward pass.
  void add(std::int64_t channels, int halvings, double kept) {
    const double values = static_cast<double>(channels) / static_cast<double>(std::int64_t{1} << (2 * halvings));
    all_ += kept * values;
    largest_ = std::max(largest_, values);
  }
  void tell(ModelSizes& sizes) const {
    sizes.map_values = all_;
    sizes.largest_map = largest_;
  }

 private:
  double all_ = 0, largest_ = 0;
};

void convolution(Sheet& sheet, const std::string& name, std::int64_t out, std::int64_t in, std::int64_t kernel,
                 std::int64_t groups = 1) {
  sheet.weight(name + ".weight", {out, in / groups, kernel, kernel}, kConvolution);
  sheet.list.back().in_groups = groups > 1;
}

void normed(Sheet& sheet, const std::string& name, std::int64_t out, std::int64_t in, std::int64_t kernel) {
  convolution(sheet, name + ".convolution", out, in, kernel);
  sheet.norm(name + ".normalization", out);
}

int halved(int halvings, std::int64_t stride) { return std::min(30, halvings + (stride == 2 ? 1 : 0)); }

}  // namespace

ModelSizes resnet_sizes(const Json& config) {
  const ResNetShape shape = resnet_shape(config);
  ModelSizes s;
  s.channels = shape.widths.back();
  for (const std::int64_t depth : shape.depths) s.layers += depth;
  s.image_size = kUsualImage;
  // A norm keeps its input, ReLU its output, which is the next convolution's input.
  constexpr double kKept = 2;
  Maps maps;
  maps.add(shape.image_channels, 0, 1);
  maps.add(shape.embedding, 1, kKept);
  maps.add(shape.embedding, 2, 3);  // what the pooling gives, and where its maxima were: 8 bytes each
  int halvings = 2;
  for (std::size_t stage = 0; stage < shape.widths.size(); ++stage) {
    const std::int64_t width = shape.widths[stage];
    // The second convolution of a bottleneck is the one that halves: the first one's map is still as large as the
    // input.
    const bool early = shape.bottleneck && !shape.downsample_in_bottleneck && shape.stage_stride(stage) == 2;
    if (early) maps.add(width / 4, halvings, kKept * 3 / 4);  // the loop below counts the last quarter
    halvings = halved(halvings, shape.stage_stride(stage));
    if (shape.stage_stride(stage) == 2 || shape.stage_input(stage) != width) maps.add(width, halvings, 1);
    for (std::int64_t i = 0; i < shape.depths[stage]; ++i) {
      if (!shape.bottleneck) maps.add(width, halvings, kKept);
      if (shape.bottleneck)
        for (int inner = 0; inner < 2; ++inner) maps.add(width / 4, halvings, kKept);
      maps.add(width, halvings, kKept);
    }
  }
  maps.tell(s);
  return s;
}

ModelSizes efficientnet_sizes(const Json& config) {
  const EfficientNetShape shape = efficientnet_shape(config);
  ModelSizes s;
  s.channels = shape.top;
  s.layers = static_cast<std::int64_t>(shape.blocks.size());
  s.image_size = sheet_size(config, "image_size", kUsualImage, 1 << 14);
  // A norm keeps its input, the activation its own, and the next convolution what comes out.
  constexpr double kKept = 3;
  Maps maps;
  int halvings = 1;
  maps.add(shape.image_channels, 0, 2);  // and once more with zeros around it
  maps.add(shape.stem, halvings, kKept);
  for (const EfficientNetBlockShape& block : shape.blocks) {
    if (block.expands) maps.add(block.inner, halvings, kKept);
    if (block.stride == 2) maps.add(block.inner, halvings, 1);  // with zeros around it
    halvings = halved(halvings, block.stride);
    maps.add(block.inner, halvings, kKept + 1);  // once more after squeeze and excite
    maps.add(block.out, halvings, 2);
  }
  maps.add(shape.top, halvings, kKept);
  maps.tell(s);
  return s;
}

ModelSizes vit_sizes(const Json& config) {
  const VitShape shape = vit_shape(config);
  ModelSizes s;
  s.channels = shape.channels;
  s.layers = shape.layers;
  s.heads = shape.heads;
  s.feed_forward = shape.feed_forward;
  s.positions = s.row_tokens = shape.tokens();
  s.image_size = std::max(shape.image_height, shape.image_width);
  s.attention_dropout = sheet_share(config, "attention_probs_dropout_prob");
  return s;
}

void outline_resnet(Sheet& sheet) {
  const ResNetShape shape = resnet_shape(sheet.config);
  normed(sheet, "resnet.embedder.embedder", shape.embedding, shape.image_channels, 7);
  for (std::size_t stage = 0; stage < shape.widths.size(); ++stage)
    for (std::int64_t i = 0; i < shape.depths[stage]; ++i) {
      const std::string layer = "resnet.encoder.stages." + std::to_string(stage) + ".layers." + std::to_string(i) + ".";
      const std::int64_t out = shape.widths[stage], in = i > 0 ? out : shape.stage_input(stage);
      if (in != out || (i == 0 && shape.stage_stride(stage) == 2)) normed(sheet, layer + "shortcut", out, in, 1);
      if (shape.bottleneck) {
        normed(sheet, layer + "layer.0", out / 4, in, 1);
        normed(sheet, layer + "layer.1", out / 4, out / 4, 3);
        normed(sheet, layer + "layer.2", out, out / 4, 1);
      } else {
        normed(sheet, layer + "layer.0", out, in, 3);
        normed(sheet, layer + "layer.1", out, out, 3);
      }
    }
  sheet.linear("classifier.1", sheet.labels, shape.widths.back(), true, true);
}

void outline_efficientnet(Sheet& sheet) {
  const EfficientNetShape shape = efficientnet_shape(sheet.config);
  convolution(sheet, "efficientnet.embeddings.convolution", shape.stem, shape.image_channels, 3);
  sheet.norm("efficientnet.embeddings.batchnorm", shape.stem);
  for (std::size_t i = 0; i < shape.blocks.size(); ++i) {
    const EfficientNetBlockShape& block = shape.blocks[i];
    const std::string name = "efficientnet.encoder.blocks." + std::to_string(i) + ".";
    if (block.expands) {
      convolution(sheet, name + "expansion.expand_conv", block.inner, block.in, 1);
      sheet.norm(name + "expansion.expand_bn", block.inner);
    }
    convolution(sheet, name + "depthwise_conv.depthwise_conv", block.inner, block.inner, block.kernel, block.inner);
    sheet.norm(name + "depthwise_conv.depthwise_norm", block.inner);
    convolution(sheet, name + "squeeze_excite.reduce", block.squeezed, block.inner, 1);
    sheet.weight(name + "squeeze_excite.reduce.bias", {block.squeezed}, Sheet::Kind::bias);
    convolution(sheet, name + "squeeze_excite.expand", block.inner, block.squeezed, 1);
    sheet.weight(name + "squeeze_excite.expand.bias", {block.inner}, Sheet::Kind::bias);
    convolution(sheet, name + "projection.project_conv", block.out, block.inner, 1);
    sheet.norm(name + "projection.project_bn", block.out);
  }
  convolution(sheet, "efficientnet.encoder.top_conv", shape.top, shape.blocks.back().out, 1);
  sheet.norm("efficientnet.encoder.top_bn", shape.top);
  sheet.linear("classifier", sheet.labels, shape.top, true, true);
}

void outline_vit(Sheet& sheet) {
  const VitShape shape = vit_shape(sheet.config);
  const std::int64_t channels = shape.channels;
  sheet.weight("vit.embeddings.cls_token", {1, 1, channels}, Sheet::Kind::embedding);
  sheet.weight("vit.embeddings.position_embeddings", {1, shape.tokens(), channels}, Sheet::Kind::embedding);
  convolution(sheet, "vit.embeddings.patch_embeddings.projection", channels, shape.image_channels, shape.patch);
  sheet.weight("vit.embeddings.patch_embeddings.projection.bias", {channels}, Sheet::Kind::bias);
  for (std::int64_t i = 0; i < shape.layers; ++i) {
    const std::string layer = "vit.encoder.layer." + std::to_string(i) + ".";
    for (const char* name : {"query", "key", "value"})
      sheet.linear(layer + "attention.attention." + name, channels, channels, shape.qkv_bias);
    sheet.linear(layer + "attention.output.dense", channels, channels);
    sheet.linear(layer + "intermediate.dense", shape.feed_forward, channels);
    sheet.linear(layer + "output.dense", channels, shape.feed_forward);
    sheet.norm(layer + "layernorm_before", channels);
    sheet.norm(layer + "layernorm_after", channels);
  }
  sheet.norm("vit.layernorm", channels);
  sheet.linear("classifier", sheet.labels, channels, true, true);
}

}  // namespace luthier
