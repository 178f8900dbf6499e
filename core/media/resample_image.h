#pragma once
// Scaling of 8-bit images with Pillow's filters, in the fixed-point arithmetic of Pillow or of PyTorch.
#include "media/image.h"

namespace luthier {

/// The numbers are those of "resample" in preprocessor_config.json.
enum class Resample { nearest = 0, lanczos = 1, bilinear = 2, bicubic = 3, box = 4, hamming = 5 };

/// Whose arithmetic is followed bit for bit: Pillow's (weights of 22 bits) or that of PyTorch's resize of 8-bit images
/// (weights of 16 bits), which transformers uses. They differ by one level here and there, two where bicubic enlarges.
enum class Rounding { pillow, torch };

/// Scaled to width x height pixels, at least 1 x 1; shrinking averages (no aliasing).
Image resize(const Image& image, int width, int height, Resample filter, Rounding rounding = Rounding::pillow);

}  // namespace luthier
