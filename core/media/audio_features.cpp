#include "media/audio_features.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "media/log_mel.h"

namespace luthier {

namespace {

constexpr const char* kWav2Vec2 = "Wav2Vec2FeatureExtractor";
constexpr const char* kWhisper = "WhisperFeatureExtractor";
constexpr double kHighestHertz = 8000;  // of the mel bands, whatever the rate

class Fields {
 public:
  Fields(const Json& json, const std::string& where) : json_(json), where_(where) {
    if (!json.is_object()) wrong("the feature extractor's file is not a JSON object");
  }

  bool has(const char* key) const { return json_.contains(key) && !json_[key].is_null(); }

  std::string text(const char* key) const {
    return has(key) && json_[key].is_string() ? json_[key].get<std::string>() : "";
  }

  int integer(const char* key, int otherwise, int least, int most) const {
    if (!has(key)) return otherwise;
    const Json& value = json_[key];
    if (!value.is_number_integer() || value.get<double>() < least || value.get<double>() > most)
      wrong(std::string("\"") + key + "\" is no number from " + std::to_string(least) + " to " + std::to_string(most));
    return value.get<int>();
  }

  bool boolean(const char* key, bool otherwise) const {
    if (!has(key)) return otherwise;
    if (!json_[key].is_boolean()) wrong(std::string("\"") + key + "\" is neither true nor false");
    return json_[key].get<bool>();
  }

  float number(const char* key, float otherwise) const {
    if (!has(key)) return otherwise;
    if (!json_[key].is_number()) wrong(std::string("\"") + key + "\" is not a number");
    return json_[key].get<float>();
  }

  [[noreturn]] void wrong(const std::string& what) const {
    fail(ErrorKind::bad_input, what, where_, "correct the file, or take it from the model's page again");
  }

 private:
  const Json& json_;
  const std::string& where_;
};

// Older files do not name their extractor.
std::string extractor_type(const Fields& fields) {
  const std::string type = fields.text("feature_extractor_type");
  if (!type.empty()) return type;
  if (fields.text("processor_class").starts_with("Whisper") || (fields.has("n_fft") && fields.has("hop_length")))
    return kWhisper;
  return kWav2Vec2;
}

}  // namespace

AudioFeatures AudioFeatures::open(const std::filesystem::path& path) {
  const auto file = std::filesystem::is_directory(path) ? path / "preprocessor_config.json" : path;
  return from_json(read_json(file, 64 << 20), file.string());
}

AudioFeatures AudioFeatures::standard_waveform() {
  return from_json({{"feature_extractor_type", kWav2Vec2}}, "the standard feature extractor");
}

AudioFeatures AudioFeatures::standard_log_mel(int bands, int chunk_seconds) {
  return from_json({{"feature_extractor_type", kWhisper}, {"feature_size", bands}, {"chunk_length", chunk_seconds}},
                   "the standard feature extractor");
}

AudioFeatures AudioFeatures::from_json(const Json& json, const std::string& where) {
  const Fields fields(json, where);
  const std::string type = extractor_type(fields);
  AudioFeatures f;
  f.rate_ = fields.integer("sampling_rate", 16000, 1000, 768000);
  f.padding_value_ = fields.number("padding_value", 0);
  f.masks_ = fields.boolean("return_attention_mask", false);
  if (type == kWav2Vec2) {
    f.normalizes_ = fields.boolean("do_normalize", true);
    if (fields.integer("feature_size", 1, 1, 1 << 20) != 1) fields.wrong("\"feature_size\" of a waveform must be 1");
    return f;
  }
  if (type != kWhisper)
    fail(ErrorKind::unsupported, "the feature extractor " + type + " is not known", where,
         "use a model with a Wav2Vec2FeatureExtractor or a WhisperFeatureExtractor");
  f.kind_ = Kind::log_mel;
  f.normalizes_ = false;
  f.bands_ = fields.integer("feature_size", 80, 1, 1024);
  f.window_ = fields.integer("n_fft", 400, 8, 8192);
  f.hop_ = fields.integer("hop_length", 160, 1, 8192);
  f.chunk_seconds_ = fields.integer("chunk_length", 30, 1, 3600);
  if (f.window_ % 2) fields.wrong("\"n_fft\" must be even");
  if (f.longest_samples() < 2 * std::max(f.hop_, f.window_))
    fields.wrong("\"chunk_length\" is shorter than two windows");
  f.mel_ = std::make_shared<LogMel>(f.bands_, f.window_, f.hop_, f.rate_, kHighestHertz);
  return f;
}

std::int64_t AudioFeatures::longest_samples() const {
  return kind_ == Kind::log_mel ? std::int64_t{chunk_seconds_} * rate_ : 0;
}

std::int64_t AudioFeatures::frames_for(std::int64_t samples, Padding padding) const {
  if (kind_ == Kind::waveform) return samples;
  const std::int64_t chunk = longest_samples() / hop_;
  if (padding == Padding::chunk) return chunk;
  // Whisper's second convolution halves the frames; a window needs some samples to reflect.
  const std::int64_t least = window_ / 2 / hop_ + 1;
  const std::int64_t own = std::max(least, (std::min(samples, longest_samples()) + hop_ - 1) / hop_);
  return std::min(chunk, own + own % 2);
}

std::vector<float> AudioFeatures::apply(std::span<const float> samples, Padding padding) const {
  if (samples.empty()) fail(ErrorKind::bad_input, "there is no sample to make features of");
  if (kind_ == Kind::log_mel) {
    samples = samples.first(std::min(samples.size(), std::size_t(longest_samples())));
    std::vector<float> padded(samples.begin(), samples.end());
    padded.resize(padding == Padding::chunk ? std::size_t(longest_samples())
                                            : std::size_t(frames_for(std::int64_t(samples.size()), padding) * hop_),
                  padding_value_);
    return mel_->features(padded);
  }
  std::vector<float> out(samples.begin(), samples.end());
  if (!normalizes_) return out;
  double sum = 0, squares = 0;
  for (const float x : samples) sum += x;
  const double mean = sum / double(samples.size());
  for (const float x : samples) squares += (x - mean) * (x - mean);
  const double scale = 1 / std::sqrt(squares / double(samples.size()) + 1e-7);
  for (float& x : out) x = float((x - mean) * scale);
  return out;
}

Json AudioFeatures::to_json() const {
  Json json{{"feature_extractor_type", kind_ == Kind::waveform ? kWav2Vec2 : kWhisper},
            {"feature_size", bands_},
            {"sampling_rate", rate_},
            {"padding_value", padding_value_},
            {"padding_side", "right"},
            {"return_attention_mask", masks_}};
  if (kind_ == Kind::waveform) {
    json["do_normalize"] = normalizes_;
  } else {
    json["n_fft"] = window_;
    json["hop_length"] = hop_;
    json["chunk_length"] = chunk_seconds_;
    json["n_samples"] = longest_samples();
    json["nb_max_frames"] = longest_samples() / hop_;
  }
  return json;
}

}  // namespace luthier
