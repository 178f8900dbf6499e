#include "recipe/vision_shapes.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "recipe/sheet.h"

namespace luthier {

namespace {

using Sizes = std::vector<std::int64_t>;

constexpr const char* kHint = "get the model's config.json again from where it came";
constexpr std::int64_t kMaxWidth = 1 << 16, kMaxDepth = 1024, kMaxImage = 1 << 14;

[[noreturn]] void wrong(const std::string& key, const std::string& message) {
  fail(ErrorKind::bad_input, message, "config.json: " + key, kHint);
}

/// A list of whole numbers from `least` to `most`; `otherwise` where the key is absent.
Sizes sizes_of(const Json& config, const std::string& key, const Sizes& otherwise, std::int64_t most,
               std::int64_t least = 1) {
  const auto found = config.find(key);
  if (found == config.end() || found->is_null()) return otherwise;
  if (!found->is_array() || found->size() > static_cast<std::size_t>(kMaxDepth))
    wrong(key, "\"" + key + "\" must be a list of whole numbers");
  Sizes sizes;
  for (const Json& one : *found) {
    if (!one.is_number_integer() || one.get<double>() < static_cast<double>(least) ||
        one.get<double>() > static_cast<double>(most))
      wrong(key,
            "\"" + key + "\" must hold whole numbers from " + std::to_string(least) + " to " + std::to_string(most));
    sizes.push_back(one.get<std::int64_t>());
  }
  return sizes;
}

double number_of(const Json& config, const std::string& key, double otherwise, double least, double most) {
  const auto found = config.find(key);
  if (found == config.end() || found->is_null()) return otherwise;
  if (!found->is_number() || !(found->get<double>() >= least && found->get<double>() <= most))
    wrong(key, "\"" + key + "\" must be a number from " + Json(least).dump() + " to " + Json(most).dump());
  return found->get<double>();
}

/// Height and width: one number for both, or a list of the two.
std::pair<std::int64_t, std::int64_t> extent_of(const Json& config, const std::string& key, std::int64_t otherwise) {
  const auto found = config.find(key);
  if (found == config.end() || !found->is_array()) {
    const std::int64_t size = sheet_size(config, key, otherwise, kMaxImage);
    return {size, size};
  }
  const Sizes both = sizes_of(config, key, {}, kMaxImage);
  if (both.size() != 2) wrong(key, "\"" + key + "\" must be a size, or a height and a width");
  return {both[0], both[1]};
}

/// A width scaled and rounded to a multiple of the divisor, never down by more than a tenth.
std::int64_t rounded_width(double width, double coefficient, std::int64_t divisor) {
  const double scaled = width * coefficient;
  const auto whole = static_cast<std::int64_t>(scaled + static_cast<double>(divisor) / 2);
  std::int64_t rounded = std::max(divisor, whole / divisor * divisor);
  if (static_cast<double>(rounded) < 0.9 * scaled) rounded += divisor;
  return rounded;
}

}  // namespace

ResNetShape resnet_shape(const Json& config) {
  ResNetShape shape;
  shape.image_channels = sheet_size(config, "num_channels", 3, 1024);
  shape.embedding = sheet_size(config, "embedding_size", 64, kMaxWidth);
  shape.widths = sizes_of(config, "hidden_sizes", {256, 512, 1024, 2048}, kMaxWidth);
  shape.depths = sizes_of(config, "depths", {3, 4, 6, 3}, kMaxDepth);
  if (shape.widths.empty() || shape.widths.size() != shape.depths.size())
    wrong("depths", "hidden_sizes and depths must have an entry a stage");
  const std::string kind = sheet_text(config, "layer_type", "bottleneck");
  if (kind != "bottleneck" && kind != "basic") wrong("layer_type", "layer_type must be basic or bottleneck");
  shape.bottleneck = kind == "bottleneck";
  if (shape.bottleneck && *std::min_element(shape.widths.begin(), shape.widths.end()) < 4)
    wrong("hidden_sizes", "bottleneck layers need at least four channels");
  shape.downsample_in_first_stage = sheet_flag(config, "downsample_in_first_stage", false);
  shape.downsample_in_bottleneck = sheet_flag(config, "downsample_in_bottleneck", false);
  return shape;
}

EfficientNetShape efficientnet_shape(const Json& config) {
  const double width = number_of(config, "width_coefficient", 2.0, 1e-3, 100);
  const double depth = number_of(config, "depth_coefficient", 3.1, 1e-3, 100);
  const std::int64_t divisor = sheet_size(config, "depth_divisor", 8, kMaxWidth);
  const double squeeze = number_of(config, "squeeze_expansion_ratio", 0.25, 0, 1);
  const double drop = number_of(config, "drop_connect_rate", 0.2, 0, 0.999);
  const Sizes kernels = sizes_of(config, "kernel_sizes", {3, 3, 5, 3, 5, 5, 3}, 63);
  const Sizes in = sizes_of(config, "in_channels", {32, 16, 24, 40, 80, 112, 192}, kMaxWidth);
  const Sizes out = sizes_of(config, "out_channels", {16, 24, 40, 80, 112, 192, 320}, kMaxWidth);
  const Sizes square = sizes_of(config, "depthwise_padding", {}, 1 << 20, 0);
  const Sizes strides = sizes_of(config, "strides", {1, 2, 2, 2, 1, 2, 1}, 2);
  const Sizes repeats = sizes_of(config, "num_block_repeats", {1, 2, 2, 3, 3, 4, 1}, kMaxDepth);
  const Sizes expansions = sizes_of(config, "expand_ratios", {1, 6, 6, 6, 6, 6, 6}, 64);
  if (in.empty()) wrong("in_channels", "\"in_channels\" has no stage");
  for (const auto& [key, list] : {std::pair{"kernel_sizes", &kernels},
                                  {"out_channels", &out},
                                  {"strides", &strides},
                                  {"num_block_repeats", &repeats},
                                  {"expand_ratios", &expansions}})
    if (list->size() != in.size())
      wrong(key, "\"" + std::string(key) + "\" does not have as many entries as \"in_channels\"");
  if (std::any_of(kernels.begin(), kernels.end(), [](std::int64_t kernel) { return kernel % 2 == 0; }))
    wrong("kernel_sizes", "kernels of even size are not supported");

  EfficientNetShape shape;
  shape.image_channels = sheet_size(config, "num_channels", 3, 1024);
  shape.stem = rounded_width(32, width, divisor);
  shape.top = rounded_width(1280, width, divisor);
  if (sheet_size(config, "hidden_dim", 2560, 1 << 20) != shape.top)
    wrong("hidden_dim", "hidden_dim must be " + std::to_string(shape.top) + ", which the width coefficient comes to");
  const std::string padding = sheet_text(config, "stem_padding", "same");
  if (padding != "same" && padding != "symmetric") wrong("stem_padding", "stem_padding must be same or symmetric");
  shape.stem_pads_right = padding == "same";
  const auto scaled_repeats = [&](std::int64_t count) {
    return static_cast<std::int64_t>(std::ceil(depth * static_cast<double>(count)));
  };
  std::int64_t all = 0;
  for (const std::int64_t count : repeats) all += scaled_repeats(count);
  if (all > 4 * kMaxDepth) wrong("depth_coefficient", "this would be " + std::to_string(all) + " blocks");
  for (std::size_t stage = 0; stage < in.size(); ++stage)
    for (std::int64_t i = 0; i < scaled_repeats(repeats[stage]); ++i) {
      const auto index = static_cast<std::int64_t>(shape.blocks.size());
      EfficientNetBlockShape block;
      block.out = rounded_width(static_cast<double>(out[stage]), width, divisor);
      block.in = i > 0 ? block.out : rounded_width(static_cast<double>(in[stage]), width, divisor);
      block.inner = block.in * expansions[stage];
      block.squeezed = std::max<std::int64_t>(1, static_cast<std::int64_t>(static_cast<double>(block.in) * squeeze));
      block.kernel = kernels[stage];
      block.stride = i > 0 ? 1 : strides[stage];
      block.expands = expansions[stage] != 1;
      block.adds_input = block.stride == 1 && i > 0;
      block.pads_right = std::find(square.begin(), square.end(), index) == square.end();
      block.drop = drop * static_cast<double>(index) / static_cast<double>(all);
      if (!shape.blocks.empty() && shape.blocks.back().out != block.in)
        wrong("in_channels", "a stage does not read as many channels as the stage before it gives");
      shape.blocks.push_back(block);
    }
  if (shape.blocks.front().in != shape.stem) wrong("in_channels", "the first stage must read 32 channels");
  return shape;
}

VitShape vit_shape(const Json& config) {
  VitShape shape;
  shape.image_channels = sheet_size(config, "num_channels", 3, 1024);
  std::tie(shape.image_height, shape.image_width) = extent_of(config, "image_size", 224);
  const auto [patch_height, patch_width] = extent_of(config, "patch_size", 16);
  if (patch_height != patch_width)
    fail(ErrorKind::unsupported, "patches that are not square are not supported", "config.json: patch_size");
  shape.patch = patch_height;
  if (shape.rows() < 1 || shape.columns() < 1) wrong("patch_size", "a patch is larger than the image");
  shape.channels = sheet_size(config, "hidden_size", 768, kMaxWidth);
  shape.layers = sheet_size(config, "num_hidden_layers", 12, kMaxDepth);
  shape.heads = sheet_size(config, "num_attention_heads", 12, 4096);
  shape.feed_forward = sheet_size(config, "intermediate_size", 3072, 1 << 20);
  shape.qkv_bias = sheet_flag(config, "qkv_bias", true);
  if (shape.channels % shape.heads != 0)
    wrong("num_attention_heads", "the hidden size " + std::to_string(shape.channels) + " is not a multiple of the " +
                                     std::to_string(shape.heads) + " attention heads");
  return shape;
}

}  // namespace luthier
