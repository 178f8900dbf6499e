#pragma once
// Scaling of 8-bit images with the filters of Pillow, bit for bit: the numbers in its fixed-point arithmetic.
#include "media/image.h"

namespace luthier {

/// The numbers are those of "resample" in preprocessor_config.json.
enum class Resample { nearest = 0, lanczos = 1, bilinear = 2, bicubic = 3, box = 4, hamming = 5 };

/// Equal to Pillow's Image.resize((width, height), filter). Sizes are in pixels, at least 1.
Image resize(const Image& image, int width, int height, Resample filter);

}  // namespace luthier
