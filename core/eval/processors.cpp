#include "eval/processors.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/full.h>
#include <ATen/ops/zeros.h>

#include <algorithm>

#include "base/error.h"

namespace luthier {

Batch image_batch(const std::vector<Image>& images, const ImageProcessor& processor) {
  const auto rows = static_cast<std::int64_t>(images.size());
  Batch batch;
  batch.pixel_values = at::empty({rows, 3, processor.height(), processor.width()}, at::kFloat);
  const std::int64_t size = std::int64_t{3} * processor.height() * processor.width();
  for (std::int64_t b = 0; b < rows; ++b)
    processor.apply(images[static_cast<std::size_t>(b)], batch.pixel_values.mutable_data_ptr<float>() + b * size);
  return batch;
}

Batch audio_batch(const std::vector<std::vector<float>>& inputs, const Processors& processors) {
  const AudioFeatures& features = *processors.audio;
  const auto rows = static_cast<std::int64_t>(inputs.size());
  std::size_t longest = 1, shortest = SIZE_MAX;
  for (const auto& input : inputs) {
    longest = std::max(longest, input.size());
    shortest = std::min(shortest, input.size());
  }
  const auto samples = static_cast<std::int64_t>(longest);
  Batch batch;
  if (features.kind() == AudioFeatures::Kind::log_mel) {
    if (shortest != longest) fail(ErrorKind::internal, "log-mel spectrograms of one batch have different lengths");
    batch.input_features = at::empty({rows, features.bands(), samples / features.bands()}, at::kFloat);
  } else {
    batch.input_values = at::full({rows, samples}, features.padding_value(), at::kFloat);
    if (features.masks() && shortest < longest) batch.attention_mask = at::zeros({rows, samples}, at::kBool);
  }
  Tensor& into = batch.input_features.defined() ? batch.input_features : batch.input_values;
  for (std::int64_t b = 0; b < rows; ++b) {
    const auto& input = inputs[static_cast<std::size_t>(b)];
    std::copy(input.begin(), input.end(), into.mutable_data_ptr<float>() + b * samples);
    if (batch.attention_mask.defined())
      std::fill_n(batch.attention_mask.mutable_data_ptr<bool>() + b * samples, input.size(), true);
  }
  return batch;
}

}  // namespace luthier
