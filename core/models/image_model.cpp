#include "models/image_model.h"

#include <nlohmann/json.hpp>

#include "base/error.h"

namespace luthier {

ImageModel::ImageModel(const Json& config, const std::string& family, Head head, std::vector<std::string> labels)
    : Model(config, family, head, std::move(labels)) {
  if (head != Head::image_classification)
    fail(ErrorKind::unsupported, "a " + family + " has no " + to_string(head) + " head", {},
         "choose classification of images");
}

const Tensor& ImageModel::pixels_of(const Batch& batch, std::int64_t channels) {
  const Tensor& pixels = batch.pixel_values;
  if (!pixels.defined() || pixels.dim() != 4)
    fail(ErrorKind::bad_input, "this model reads images (pixel_values)", "batch", "give it rows with images");
  if (pixels.size(1) != channels)
    fail(ErrorKind::bad_input,
         "the images have " + std::to_string(pixels.size(1)) + " channels, but the model reads " +
             std::to_string(channels),
         "pixel_values", "convert the images to as many channels");
  return pixels;
}

}  // namespace luthier
