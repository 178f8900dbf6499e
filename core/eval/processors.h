#pragma once
// From images and recordings to a model's input.
#include <ATen/core/Tensor.h>

#include <vector>

#include "data/dataset.h"
#include "media/processors.h"
#include "models/model.h"

namespace luthier {

/// Rows side by side, on the CPU: pixel_values [B, 3, height, width].
Batch image_batch(const std::vector<Image>& images, const ImageProcessor& processor);

/// Rows side by side, on the CPU: input_features [B, bands, frames], or input_values [B, S] padded on the right, with
/// an attention mask where the processor says so and a row is shorter.
Batch audio_batch(const std::vector<std::vector<float>>& inputs, const Processors& processors);

}  // namespace luthier
