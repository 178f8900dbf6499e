#pragma once
// From samples to a model's input_values (Wav2Vec2: the waveform itself) or input_features (Whisper: log-mel frames),
// as preprocessor_config.json says, with the numbers of transformers' feature extractors.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "base/json.h"

namespace luthier {

class LogMel;

class AudioFeatures {
 public:
  enum class Kind { waveform, log_mel };
  /// log_mel: `chunk` pads with silence to the whole chunk (30 s), as Whisper was trained; `own` only to an even number
  /// of frames, for models that take fewer frames than 2 * max_source_positions.
  enum class Padding { chunk, own };

  /// Reads preprocessor_config.json of a model folder (or that file itself). Errors: bad_input, unsupported (another
  /// extractor, named).
  static AudioFeatures open(const std::filesystem::path& path);
  static AudioFeatures from_json(const Json& json, const std::string& where);

  /// For models without such a file: 16 kHz, normalised to mean 0 and variance 1.
  static AudioFeatures standard_waveform();
  /// For models without such a file: 16 kHz, 400-sample windows every 160 samples, chunks of `chunk_seconds`.
  static AudioFeatures standard_log_mel(int bands = 80, int chunk_seconds = 30);

  Kind kind() const { return kind_; }
  int rate() const { return rate_; }    ///< samples a second that apply() wants
  int bands() const { return bands_; }  ///< rows of the log-mel grid; 1 for waveforms
  /// True where batches of different lengths need an attention mask (Wav2Vec2 models with layer norm).
  bool masks() const { return masks_; }
  float padding_value() const { return padding_value_; }  ///< what fills a shorter row of a batch
  std::int64_t longest_samples() const;                   ///< of one chunk; 0: no limit

  /// The length of the output for so many samples: samples for a waveform, frames for log-mel.
  std::int64_t frames_for(std::int64_t samples, Padding padding = Padding::chunk) const;

  /// waveform: [T]; log_mel: [bands(), frames_for(samples)], row after row. More samples than a chunk are cut.
  std::vector<float> apply(std::span<const float> samples, Padding padding = Padding::chunk) const;

  /// As preprocessor_config.json: opens to the same extractor, here and in transformers.
  Json to_json() const;

 private:
  AudioFeatures() = default;
  Kind kind_ = Kind::waveform;
  int rate_ = 16000, bands_ = 1;
  int window_ = 400, hop_ = 160, chunk_seconds_ = 30;
  bool normalizes_ = true, masks_ = false;
  float padding_value_ = 0;
  std::shared_ptr<const LogMel> mel_;
};

}  // namespace luthier
