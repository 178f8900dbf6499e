#include "eval/collate_media.h"

#include <ATen/ops/zeros.h>

#include <algorithm>
#include <exception>
#include <functional>
#include <future>
#include <thread>

#include "base/error.h"
#include "base/random.h"
#include "media/augment.h"

namespace luthier {

namespace {
constexpr std::uint64_t kMixStream = 0x6d6978;  // "mix"
constexpr std::size_t kRowsAThread = 4, kMostThreads = 8;

/// Calls `work` for 0 to count - 1 on a few threads. `work` does not throw.
void on_threads(std::size_t count, const std::function<void(std::size_t)>& work) {
  const std::size_t cores = std::max(1u, std::thread::hardware_concurrency());
  const std::size_t threads = std::clamp<std::size_t>(count / kRowsAThread, 1, std::min(cores, kMostThreads));
  const auto part = [&](std::size_t first) {
    for (std::size_t i = first; i < count; i += threads) work(i);
  };
  std::vector<std::future<void>> others;
  for (std::size_t t = 1; t < threads; ++t) others.push_back(std::async(std::launch::async, part, t));
  part(0);
  for (auto& other : others) other.get();
}

/// Decodes every row; a file that cannot be decoded loses its row, anything else is an error of the run.
template <class Decoded>
std::vector<Decoded> decode_rows(const EncodedSplit& split, const CollateOptions& options, LabelledBatch& batch,
                                 const std::function<Decoded(const EncodedRow& row, std::int64_t index)>& decode) {
  const std::size_t count = batch.rows.size();
  std::vector<Decoded> decoded(count);
  std::vector<std::string> problems(count);
  std::vector<std::exception_ptr> errors(count);
  on_threads(count, [&](std::size_t i) {
    try {
      decoded[i] = decode(split.row(batch.rows[i]), batch.rows[i]);
    } catch (const Error& error) {
      if (error.kind == ErrorKind::internal || error.kind == ErrorKind::out_of_memory)
        errors[i] = std::current_exception();
      else
        problems[i] = error.message;
    } catch (...) {
      errors[i] = std::current_exception();
    }
  });
  std::vector<Decoded> kept;
  std::vector<std::int64_t> rows;
  for (std::size_t i = 0; i < count; ++i) {
    if (errors[i]) std::rethrow_exception(errors[i]);
    if (problems[i].empty()) {
      kept.push_back(std::move(decoded[i]));
      rows.push_back(batch.rows[i]);
    } else {
      options.lost->add(split.row(batch.rows[i]).source_row, split.text(batch.rows[i]), problems[i]);
    }
  }
  batch.rows = std::move(rows);
  return kept;
}
}  // namespace

void add_media(const EncodedSplit& split, const CollateOptions& options, std::uint64_t epoch, bool training,
               LabelledBatch& batch) {
  if (options.processors.audio) {
    const auto inputs =
        decode_rows<std::vector<float>>(split, options, batch, [&](const EncodedRow& row, std::int64_t) {
          return audio_input({row.media_path, row.media_bytes}, options.processors, options.longest_seconds);
        });
    if (!inputs.empty()) batch.inputs = audio_batch(inputs, options.processors);
    return;
  }
  AugmentSettings settings;
  if (training && options.augment)
    settings = {options.augment->flip, options.augment->smallest_crop, options.augment->brightness,
                options.augment->contrast, options.augment->saturation};
  const auto images =
      decode_rows<Image>(split, options, batch, [&](const EncodedRow& row, std::int64_t index) -> Image {
        Image image = decode_image_at({row.media_path, row.media_bytes});
        if (!training || !options.augment) return image;
        Random random = augment_random(options.seed, epoch, static_cast<std::uint64_t>(index));
        return augment(image, settings, random);
      });
  if (!images.empty()) batch.inputs = image_batch(images, *options.processors.image);
}

void blend_images(const CollateOptions& options, std::uint64_t epoch, LabelledBatch& batch) {
  if (!options.augment || (options.augment->mixup <= 0 && options.augment->cutmix <= 0)) return;
  if (!batch.labels.defined()) return;         // numbers and sets of labels are not blended
  Tensor& pixels = batch.inputs.pixel_values;  // [B, 3, height, width]
  const std::int64_t rows = pixels.size(0);
  const int height = static_cast<int>(pixels.size(2)), width = static_cast<int>(pixels.size(3));
  Random random(options.seed, mix(kMixStream, epoch), static_cast<std::uint64_t>(batch.rows.front()));
  const Mix drawn = draw_mix(rows, width, height, options.augment->mixup, options.augment->cutmix, random);
  if (drawn.kind == MixKind::none) return;
  float* data = pixels.mutable_data_ptr<float>();
  std::vector<float> blended(data, data + pixels.numel());
  apply_mix(drawn, width, height, blended);
  std::copy(blended.begin(), blended.end(), data);
  batch.soft_labels = at::zeros({rows, options.labels}, at::kFloat);  // [B, L]
  auto* soft = batch.soft_labels.mutable_data_ptr<float>();
  const auto* labels = batch.labels.const_data_ptr<std::int64_t>();
  for (std::int64_t b = 0; b < rows; ++b) {
    soft[b * options.labels + labels[b]] += static_cast<float>(drawn.share);
    soft[b * options.labels + labels[drawn.partner[static_cast<std::size_t>(b)]]] +=
        static_cast<float>(1 - drawn.share);
  }
  batch.labels = Tensor();
}

}  // namespace luthier
