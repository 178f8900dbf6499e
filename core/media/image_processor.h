#pragma once
// From an image to a model's pixel_values: resize, crop, rescale and normalise as preprocessor_config.json says, with
// the meaning that transformers' image processors give to it.
#include <array>
#include <filesystem>

#include "base/json.h"
#include "media/image.h"
#include "media/resample_image.h"

namespace luthier {

class ImageProcessor {
 public:
  /// Reads preprocessor_config.json of a model folder (or that file itself). Keys that are absent take the defaults of
  /// the processor that it names (ViT, DeiT, BEiT, CLIP, SigLIP, ConvNeXT, EfficientNet, BiT, ...).
  /// Errors: bad_input (sizes out of range, wrong types), unsupported (a processor that is not known by name and does
  /// not say everything itself).
  static ImageProcessor open(const std::filesystem::path& path);

  /// From the content of such a file; `where` names it in errors.
  static ImageProcessor from_json(const Json& json, const std::string& where);

  /// For models without such a file: `side` x `side` pixels, bilinear, mean and deviation of ImageNet.
  static ImageProcessor standard(int side = 224);

  int width() const { return width_; }    ///< of the output, in pixels
  int height() const { return height_; }  ///< of the output, in pixels

  /// Writes 3 * height() * width() numbers, [C, H, W]. The output always has that size: where the file asks neither for
  /// a size with height and width nor for a crop, the middle of the image is taken.
  void apply(const Image& image, float* out) const;

  /// The resized and cropped image before it becomes numbers: what the model sees. width() x height() pixels.
  Image fit(const Image& image) const;

  /// The numbers of an image of any size (its own), [C, H, W]: the second half of apply.
  void normalize(const Image& image, float* out) const;

  /// As preprocessor_config.json of a ViTImageProcessor, ConvNextImageProcessor or EfficientNetImageProcessor, ...:
  /// opens to the same processor, here and in transformers.
  Json to_json() const;

  /// One line for people: "resize to 224 x 224 (bilinear), mean 0.5 0.5 0.5, deviation 0.5 0.5 0.5".
  std::string text() const;

 private:
  ImageProcessor() = default;
  std::string type_ = "ViTImageProcessor";
  bool resizes_ = true, crops_ = false, rescales_ = true, normalizes_ = true;
  bool offsets_ = false, divides_again_ = false;  // EfficientNet: rescale_offset, include_top
  int resize_width_ = 0, resize_height_ = 0;      // 0: by the shorter side
  int shorter_ = 0, longer_ = 0;                  // longer_: the most pixels of the longer side, 0: any
  Resample filter_ = Resample::bilinear;
  double crop_share_ = 0;  // ConvNeXT: crop_pct
  double factor_ = 1.0 / 255;
  std::array<double, 3> mean_{}, deviation_{1, 1, 1};
  int width_ = 0, height_ = 0;
};

}  // namespace luthier
