#pragma once
// What the image families share.
#include "models/encoder.h"
#include "models/model.h"

namespace luthier {

class ImageModel : public Model {
 public:
  std::vector<std::string> head_modules() const override { return {"classifier"}; }

 protected:
  /// unsupported for any head but image_classification.
  ImageModel(const Json& config, const std::string& family, Head head, std::vector<std::string> labels);

  /// The batch's images; bad_input when they are not there or have another number of channels.
  static const Tensor& pixels_of(const Batch& batch, std::int64_t channels);  // [B, C, h, w]
};

}  // namespace luthier
