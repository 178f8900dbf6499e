// input_values and input_features against transformers' feature extractors (tests/reference/media_audio.py).
#include "media/audio_features.h"

#include <chrono>
#include <cmath>
#include <complex>
#include <cstring>
#include <nlohmann/json.hpp>
#include <numbers>

#include "base/error.h"
#include "base/random.h"
#include "media/log_mel.h"
#include "support/testing.h"

using namespace luthier;
using luthier::testing::run_program;

namespace {

std::vector<float> read_numbers(const fs::path& path) {
  const std::string text = read_file(path);
  std::vector<float> numbers(text.size() / 4);
  std::memcpy(numbers.data(), text.data(), numbers.size() * 4);
  return numbers;
}

double largest_difference(const std::vector<float>& a, const std::vector<float>& b) {
  if (a.size() != b.size()) return 1e9;
  double most = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    const double difference = std::abs(double(a[i]) - b[i]);
    if (!(difference <= most)) most = difference;
  }
  return most;
}

}  // namespace

class AudioFeaturesTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void equalToTransformers() {
    if (!testing::has_python("importlib.util as u; assert all(map(u.find_spec, ['transformers', 'torch', 'numpy']))"))
      QSKIP("needs python3 with transformers");
    const TemporaryFolder made;
    const auto run = run_program({"python3", (testing::source_folder() / "tests/reference/media_audio.py").string(),
                                  made.path().string(), "--features"});
    QVERIFY2(run.exit_code == 0, run.err.c_str());
    const fs::path folder = made.path() / "features";
    for (const std::string key : {"whisper80", "whisper128", "whisper5s", "whisper8k", "wav2vec2", "wav2vec2-plain"}) {
      const AudioFeatures features = AudioFeatures::open(folder / key);
      const AudioFeatures again = AudioFeatures::from_json(features.to_json(), key);
      for (const std::string name : {"chirp", "speech", "noise", "quiet", "short", "long", "silence", "click"}) {
        const auto samples = read_numbers(folder / (name + ".samples.f32"));
        const auto own = features.apply(samples);
        const auto size = features.frames_for(std::int64_t(samples.size())) * features.bands();
        QCOMPARE(std::int64_t(own.size()), size);
        const double difference = largest_difference(own, read_numbers(folder / (name + "." + key + ".f32")));
        QVERIFY2(difference < 1e-4, (key + " of " + name + " differs by " + std::to_string(difference)).c_str());
        QVERIFY(again.apply(samples) == own);
      }
    }
    const auto mine = mel_filters(128, 400, 16000, 8000);
    QVERIFY(largest_difference(mine, read_numbers(folder / "whisper128.filters.f32")) < 1e-8);
    // The shorter row of a padded batch: its own samples are normalised by themselves, the rest is the padding value.
    auto row = AudioFeatures::standard_waveform().apply(read_numbers(folder / "short.samples.f32"));
    row.resize(9000, AudioFeatures::standard_waveform().padding_value());
    QVERIFY(largest_difference(row, read_numbers(folder / "pair.wav2vec2.f32")) < 1e-4);
  }

  void fourierIsTheDefinition() {
    for (const int length : {1, 2, 3, 4, 5, 6, 7, 8, 11, 12, 16, 25, 49, 60, 77, 97, 121, 180, 256, 400, 1024}) {
      std::vector<std::complex<double>> in(length), out(length);
      Random random(length);
      for (auto& value : in) value = {random.normal(), random.normal()};
      Fourier(length).transform(in.data(), out.data());
      for (int k = 0; k < length; ++k) {
        std::complex<double> sum = 0;
        for (int n = 0; n < length; ++n)
          sum += in[n] * std::polar(1.0, -2 * std::numbers::pi * (std::int64_t(k) * n % length) / length);
        QVERIFY2(std::abs(sum - out[k]) < 1e-9, std::to_string(length).c_str());
      }
    }
  }

  void halfAMinuteIsFast() {
    const AudioFeatures features = AudioFeatures::standard_log_mel();
    std::vector<float> samples(480000);
    Random random(1);
    for (auto& x : samples) x = float(random.normal() * 0.1);
    double best = 1e9;
    for (int round = 0; round < 5; ++round) {
      const auto started = std::chrono::steady_clock::now();
      QCOMPARE(features.apply(samples).size(), std::size_t(80 * 3000));
      best =
          std::min(best, std::chrono::duration<double, std::milli>(std::chrono::steady_clock::now() - started).count());
    }
    qInfo("30 s of sound: %.1f ms", best);
#ifdef __OPTIMIZE__
    QVERIFY2(best < 240, "four times what one free core needs at most");
#endif
  }

  void ownLengthIsTheStartOfTheSameFrames() {
    const AudioFeatures features = AudioFeatures::standard_log_mel(40, 10);
    std::vector<float> samples(16000);
    Random random(4);
    for (auto& x : samples) x = float(random.normal() * 0.1);
    const auto own = features.apply(samples, AudioFeatures::Padding::own), whole = features.apply(samples);
    const auto frames = features.frames_for(16000, AudioFeatures::Padding::own);
    QCOMPARE(frames, std::int64_t(100));
    QCOMPARE(features.frames_for(16000), std::int64_t(1000));
    QCOMPARE(features.frames_for(16001, AudioFeatures::Padding::own), std::int64_t(102));
    QCOMPARE(features.frames_for(1000000, AudioFeatures::Padding::own), std::int64_t(1000));
    QCOMPARE(own.size(), std::size_t(frames * 40));
    // The last frames see the reflected end instead of silence.
    for (int band = 0; band < 40; ++band)
      for (int frame = 0; frame < 98; ++frame)
        QVERIFY(std::abs(own[band * frames + frame] - whole[band * 1000 + frame]) < 1e-6);
    for (const int few : {1, 2, 160, 200, 201, 321})
      QCOMPARE(std::int64_t(features.apply(std::vector<float>(few, 0.1f), AudioFeatures::Padding::own).size()),
               features.frames_for(few, AudioFeatures::Padding::own) * 40);
  }

  void olderFilesAreUnderstood() {
    QVERIFY(AudioFeatures::from_json({{"do_normalize", true}, {"feature_size", 1}}, "x").kind() ==
            AudioFeatures::Kind::waveform);
    QVERIFY(AudioFeatures::from_json({{"processor_class", "WhisperProcessor"}}, "x").kind() ==
            AudioFeatures::Kind::log_mel);
    const auto masked = AudioFeatures::from_json(
        {{"feature_extractor_type", "Wav2Vec2FeatureExtractor"}, {"return_attention_mask", true}}, "x");
    QVERIFY(masked.masks());
    QCOMPARE(masked.rate(), 16000);
    QCOMPARE(masked.frames_for(77), std::int64_t(77));
  }

  void wrongFilesSayWhichKey() {
    const std::vector<std::pair<const char*, const char*>> cases{
        {R"("text")", "not a JSON object"},
        {R"({"feature_extractor_type": "ASTFeatureExtractor"})", "ASTFeatureExtractor"},
        {R"({"sampling_rate": "fast"})", "\"sampling_rate\""},
        {R"({"sampling_rate": 0})", "\"sampling_rate\""},
        {R"({"feature_size": 3})", "\"feature_size\""},
        {R"({"padding_value": []})", "\"padding_value\""},
        {R"({"feature_extractor_type": "WhisperFeatureExtractor", "n_fft": 401})", "\"n_fft\""},
        {R"({"feature_extractor_type": "WhisperFeatureExtractor", "n_fft": 1e12})", "\"n_fft\""},
        {R"({"feature_extractor_type": "WhisperFeatureExtractor", "hop_length": 0})", "\"hop_length\""},
        {R"({"feature_extractor_type": "WhisperFeatureExtractor", "chunk_length": 100000})", "\"chunk_length\""},
        {R"({"feature_extractor_type": "WhisperFeatureExtractor", "sampling_rate": 1000, "n_fft": 8192, "chunk_length": 1})",
         "\"chunk_length\""},
    };
    for (const auto& [text, part] : cases)
      LUTHIER_FAILS(AudioFeatures::from_json(Json::parse(text), "model/preprocessor_config.json"), part);
    LUTHIER_FAILS(AudioFeatures::standard_waveform().apply({}), "no sample");
    LUTHIER_FAILS(AudioFeatures::standard_log_mel().apply({}), "no sample");
  }
};

QTEST_GUILESS_MAIN(AudioFeaturesTest)
#include "audio_features_test.moc"
