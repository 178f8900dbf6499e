#pragma once
// The sizes of the image families as config.json gives them: for the outline and for the modules that run.
#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"

namespace luthier {

/// ResNet (He et al. 2016). One stage a width; the first layer of a stage halves the image unless it is the first.
struct ResNetShape {
  std::int64_t image_channels = 3, embedding = 64;
  std::vector<std::int64_t> widths, depths;
  bool bottleneck = true, downsample_in_first_stage = false, downsample_in_bottleneck = false;

  std::int64_t stage_stride(std::size_t stage) const { return stage > 0 || downsample_in_first_stage ? 2 : 1; }
  std::int64_t stage_input(std::size_t stage) const { return stage > 0 ? widths[stage - 1] : embedding; }
};
ResNetShape resnet_shape(const Json& config);

/// One block of EfficientNet: [expansion 1 x 1] -> depthwise kernel -> squeeze and excite -> projection 1 x 1.
struct EfficientNetBlockShape {
  std::int64_t in = 0, inner = 0, out = 0, squeezed = 0, kernel = 3, stride = 1;
  bool expands = false;     ///< inner is wider than in
  bool adds_input = false;  ///< the input is added to the output
  bool pads_right = true;   ///< with stride 2: one zero less at the left and top than at the right and bottom
  double drop = 0;          ///< share of drop_connect_rate: grows with the depth
};
/// EfficientNet (Tan, Le 2019), its widths and depths already scaled.
struct EfficientNetShape {
  std::int64_t image_channels = 3, stem = 32, top = 1280;
  /// The first convolution has a zero at the right and bottom alone, as transformers pads it; else one on all sides, as
  /// torchvision does ("stem_padding": "symmetric", a key of ours).
  bool stem_pads_right = true;
  std::vector<EfficientNetBlockShape> blocks;
};
EfficientNetShape efficientnet_shape(const Json& config);

/// ViT (Dosovitskiy et al. 2021).
struct VitShape {
  std::int64_t image_channels = 3, image_height = 224, image_width = 224, patch = 16;
  std::int64_t channels = 768, layers = 12, heads = 12, feed_forward = 3072;
  bool qkv_bias = true;

  std::int64_t rows() const { return image_height / patch; }  ///< of patches
  std::int64_t columns() const { return image_width / patch; }
  std::int64_t tokens() const { return rows() * columns() + 1; }  ///< one is the class token
};
VitShape vit_shape(const Json& config);

}  // namespace luthier
