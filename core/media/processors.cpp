#include "media/processors.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <span>

#include "base/error.h"
#include "base/files.h"
#include "media/audio.h"
#include "recipe/catalog.h"
#include "recipe/sheet.h"

namespace luthier {

namespace {
constexpr const char* kFile = "preprocessor_config.json";
constexpr double kLongestSeconds = 3600;  ///< of a recording that nobody limits

/// The side of the images that a config was made for.
int image_side(const Json& config) {
  const auto size = config.find("image_size");
  if (size == config.end() || size->is_null()) return 224;
  const Json& one = size->is_array() && !size->empty() ? size->front() : *size;
  if (!one.is_number_integer() || one.get<std::int64_t>() < 1 || one.get<std::int64_t>() > 8192)
    fail(ErrorKind::bad_input, "image_size is no size in pixels", "config.json");
  return one.get<int>();
}

std::span<const std::byte> as_bytes(std::string_view text) {
  return std::as_bytes(std::span<const char>(text.data(), text.size()));
}
}  // namespace

Processors open_processors(const fs::path& folder) {
  const bool is_folder = fs::is_directory(folder);
  const Json config = read_json(is_folder ? folder / "config.json" : folder);
  const std::string type = sheet_text(config, "model_type");
  const std::string modality = family_of_model_type(type).modality;
  const fs::path file = (is_folder ? folder : folder.parent_path()) / kFile;
  const bool written = fs::exists(file);
  Processors processors;
  if (modality == "image")
    processors.image = std::make_shared<const ImageProcessor>(written ? ImageProcessor::open(file)
                                                                      : ImageProcessor::standard(image_side(config)));
  if (modality != "audio") return processors;
  const bool log_mel = config.contains("num_mel_bins");
  if (log_mel) processors.feature_frames = 2 * sheet_size(config, "max_source_positions", 1500, 1 << 20);
  if (written) {
    processors.audio = std::make_shared<const AudioFeatures>(AudioFeatures::open(file));
  } else if (log_mel) {
    const auto seconds = static_cast<int>(std::max<std::int64_t>(1, processors.feature_frames / 100));
    processors.audio = std::make_shared<const AudioFeatures>(
        AudioFeatures::standard_log_mel(static_cast<int>(sheet_size(config, "num_mel_bins", 80, 1024)), seconds));
  } else {
    // Models with layer norm in their first layers were trained with masks, those with group norm without.
    const bool masks = sheet_text(config, "feat_extract_norm", "group") == "layer";
    Json standard = AudioFeatures::standard_waveform().to_json();
    standard["return_attention_mask"] = masks;
    processors.audio = std::make_shared<const AudioFeatures>(AudioFeatures::from_json(standard, "config.json"));
  }
  const bool wants_mel = processors.audio->kind() == AudioFeatures::Kind::log_mel;
  if (wants_mel != log_mel)
    fail(ErrorKind::bad_input,
         std::string("the model reads ") + (log_mel ? "log-mel spectrograms" : "waveforms") +
             ", its preprocessor_config.json makes " + (wants_mel ? "log-mel spectrograms" : "waveforms"),
         file.string(), "use the file that came with the weights");
  return processors;
}

void save_processors(const Processors& processors, const fs::path& folder) {
  if (processors.image) write_json(folder / kFile, processors.image->to_json());
  if (processors.audio) write_json(folder / kFile, processors.audio->to_json());
}

Image decode_image_at(const MediaPlace& place) {
  if (place.path.empty()) return decode_image(as_bytes(place.bytes), "the row's image");
  const auto file = MappedFile::open(fs::path(place.path));
  return decode_image(std::span<const std::byte>(file->data(), file->size()), std::string(place.path));
}

std::vector<float> audio_input(const MediaPlace& place, const Processors& processors, double longest_seconds) {
  const AudioFeatures& features = *processors.audio;
  const double longest = longest_seconds > 0 ? longest_seconds : kLongestSeconds;
  const Waveform sound =
      resample(place.path.empty() ? decode_audio(as_bytes(place.bytes), "the row's recording", longest)
                                  : decode_audio(fs::path(place.path), longest),
               features.rate());
  if (features.kind() == AudioFeatures::Kind::waveform ||
      features.frames_for(features.rate()) == processors.feature_frames)
    return features.apply(sound.samples);
  // A model that reads less than a chunk: its own length, filled up with silence.
  std::vector<float> samples = sound.samples;
  samples.resize(static_cast<std::size_t>(processors.feature_frames * features.rate() / 100));
  return features.apply(samples, AudioFeatures::Padding::own);
}

}  // namespace luthier
