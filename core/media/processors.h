#pragma once
// From files to numbers: which processor a model folder names, and decoding with it.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "media/audio_features.h"
#include "media/image.h"
#include "media/image_processor.h"

namespace luthier {

/// What turns images or recordings into tensors; both empty for models that read text.
struct Processors {
  std::shared_ptr<const ImageProcessor> image;
  std::shared_ptr<const AudioFeatures> audio;
  std::int64_t feature_frames = 0;  ///< log-mel: how many frames the model reads, always

  /// text, image or audio.
  std::string modality() const { return image ? "image" : audio ? "audio" : "text"; }
  /// Samples a second that recordings are brought to.
  std::int64_t rate() const { return audio ? audio->rate() : 16000; }
};

/// Of the model folder's preprocessor_config.json; without one what suits the model's config. None for text models.
Processors open_processors(const std::filesystem::path& folder);

/// Writes preprocessor_config.json where there is a processor.
void save_processors(const Processors& processors, const std::filesystem::path& folder);

/// Where an image or recording lies: a file, or else the encoded file itself.
struct MediaPlace {
  std::string_view path, bytes;
};

/// Errors of decode_image; not_found, io.
Image decode_image_at(const MediaPlace& place);

/// What the model reads of a recording: a waveform [S], or a log-mel spectrogram [bands * frames], band after band. At
/// most `longest_seconds` of it (0: all). Errors of decode_audio.
std::vector<float> audio_input(const MediaPlace& place, const Processors& processors, double longest_seconds);

}  // namespace luthier
