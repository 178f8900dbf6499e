// Decoding and resampling of recordings: every encoding (tests/reference/media_audio.py writes them), lies, real sets.
#include "media/audio.h"

#include <sndfile.h>

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/error.h"
#include "media/picture.h"
#include "support/testing.h"

using namespace luthier;
using luthier::testing::run_program;

namespace {

std::span<const std::byte> bytes_of(const std::string& text) { return std::as_bytes(std::span(text)); }

// The tone that every file holds: 440 Hz for half a second, swelling (see media_audio.py).
double tone(std::size_t sample, int rate) {
  const double t = double(sample) / rate;
  return 0.5 * std::sin(2 * std::numbers::pi * 440 * t) * (0.3 + 0.7 * t / 0.5);
}

// The largest distance from `share` times the tone, borders of 20 ms left out.
double distance(const Waveform& sound, double share = 1) {
  double most = 0;
  const std::size_t border = std::size_t(sound.rate) / 50;
  for (std::size_t i = border; i + border < sound.samples.size(); ++i)
    most = std::max(most, std::abs(sound.samples[i] - share * tone(i, sound.rate)));
  return most;
}

Waveform tone_at(int rate) {
  Waveform sound{rate, {}};
  for (int i = 0; i < rate / 2; ++i) sound.samples.push_back(float(tone(std::size_t(i), rate)));
  return sound;
}

// Encodes the tone with libsndfile.
fs::path written(const fs::path& folder, const std::string& name, int format, int rate, int channels = 1) {
  SF_INFO about{};
  about.samplerate = rate;
  about.channels = channels;
  about.format = format;
  const fs::path path = folder / name;
  SNDFILE* file = sf_open(path.c_str(), SFM_WRITE, &about);
  if (!file) return {};
  std::vector<float> values;
  for (const float x : tone_at(rate).samples) values.insert(values.end(), std::size_t(channels), x);
  sf_writef_float(file, values.data(), rate / 2);
  sf_close(file);
  return path;
}

}  // namespace

class AudioTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void initTestCase() {
    if (!testing::has_python("numpy")) QSKIP("needs python3 with numpy");
    const auto made = run_program(
        {"python3", (testing::source_folder() / "tests/reference/media_audio.py").string(), folder_.path().string()});
    QVERIFY2(made.exit_code == 0, made.err.c_str());
  }

  void everyEncodingOfWavIsTheSameTone() {
    struct Case {
      const char* name;
      int rate;
      double close, share = 1;
    };
    // Six channels hold 1/6 to 6/6 of the tone: their mean is 7/12; two hold 1/2 and 1.
    for (const Case& c : std::initializer_list<Case>{{"s16.wav", 16000, 1e-4},
                                                     {"u8.wav", 16000, 0.01},
                                                     {"s24.wav", 16000, 1e-6},
                                                     {"s32.wav", 16000, 1e-6},
                                                     {"f32.wav", 16000, 1e-6},
                                                     {"f64.wav", 16000, 1e-6},
                                                     {"mulaw.wav", 16000, 0.03},
                                                     {"six.wav", 16000, 1e-4, 7.0 / 12},
                                                     {"stereo.wav", 16000, 1e-4, 0.75},
                                                     {"rate96.wav", 96000, 1e-4},
                                                     {"rate8.wav", 8000, 1e-4}}) {
      const Waveform sound = decode_audio(folder_.path() / c.name, 30);
      QCOMPARE(sound.rate, c.rate);
      QCOMPARE(sound.samples.size(), std::size_t(c.rate / 2));
      QVERIFY2(distance(sound, c.share) < c.close,
               (std::string(c.name) + " is off by " + std::to_string(distance(sound, c.share))).c_str());
      const std::string text = read_file(folder_.path() / c.name);
      QVERIFY(decode_audio(bytes_of(text), c.name, 30).samples == sound.samples);
      const AudioInfo info = probe_audio(bytes_of(text), c.name);
      QCOMPARE(info.format, std::string("WAV"));
      QCOMPARE(info.rate, c.rate);
      QCOMPARE(info.frames, std::int64_t(c.rate / 2));
    }
  }

  void compressedKindsSoundTheSame() {
    const std::vector<std::tuple<const char*, int, int, const char*, double>> cases{
        {"a.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 44100, "FLAC", 1e-4},
        {"b.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_24, 16000, "FLAC", 1e-6},
        {"a.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 22050, "OGG", 0.03},
        {"a.opus", SF_FORMAT_OGG | SF_FORMAT_OPUS, 48000, "OGG", 0.05},
        {"a.mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 44100, "MP3", 0.05},
        {"a.aiff", SF_FORMAT_AIFF | SF_FORMAT_PCM_16, 8000, "AIFF", 1e-4},
        {"a.au", SF_FORMAT_AU | SF_FORMAT_ULAW, 8000, "AU", 0.03},
        {"a.caf", SF_FORMAT_CAF | SF_FORMAT_FLOAT, 16000, "CAF", 1e-6}};
    for (const auto& [name, format, rate, kind, close] : cases) {
      const fs::path path = written(folder_.path(), name, format, rate, 2);
      QVERIFY2(!path.empty(), name);
      const AudioInfo info = probe_audio(path);
      QCOMPARE(info.format, std::string(kind));
      QCOMPARE(info.channels, 2);
      const Waveform sound = decode_audio(path, 30);
      QCOMPARE(sound.rate, rate);
      QVERIFY2(std::abs(sound.seconds() - 0.5) < 0.01, (name + std::to_string(sound.seconds())).c_str());
      QVERIFY2(distance(sound) < close, (std::string(name) + " is off by " + std::to_string(distance(sound))).c_str());
      const std::string text = read_file(path);
      QVERIFY(decode_audio(bytes_of(text), name, 30).samples == sound.samples);
    }
  }

  void headersThatLieAreNotBelieved() {
    for (const char* name : {"says-more.wav", "says-all.wav"}) {
      const Waveform sound = decode_audio(folder_.path() / name, 3600 * 24);
      QCOMPARE(sound.samples.size(), std::size_t(8000));
      QVERIFY(distance(sound) < 1e-4);
    }
    QCOMPARE(decode_audio(folder_.path() / "says-less.wav", 30).samples.size(), std::size_t(1000));
  }

  void otherFilesAreNamed() {
    const std::vector<std::pair<const char*, const char*>> cases{
        {"empty.wav", "is empty"},         {"no-samples.wav", "no sample"},
        {"nan.wav", "sample 7"},           {"infinite.wav", "sample 7"},
        {"rate0.wav", "rate0.wav"},        {"rate-huge.wav", "2000000000 samples a second"},
        {"many-channels.wav", "channels"}, {"text.wav", "this is a text"},
        {"video.mp3", "MPEG-4"},           {"picture.flac", "an image"}};
    for (const auto& [name, part] : cases) {
      LUTHIER_FAILS(decode_audio(folder_.path() / name, 30), part);
      const std::string text = read_file(folder_.path() / name);
      LUTHIER_FAILS(decode_audio(bytes_of(text), name, 30), part);
    }
    LUTHIER_FAILS(decode_audio(folder_.path() / "absent.wav", 30), "does not exist");
    LUTHIER_FAILS(decode_audio(folder_.path() / "s16.wav", 0), "above 0 seconds");
  }

  void longRecordingsAreCutWithoutReadingThem() {
    // Five hours of silence: a sparse file of 576 MB.
    const fs::path path = folder_.path() / "hours.wav";
    const std::string head = read_file(folder_.path() / "says-all.wav").substr(0, 44);
    testing::write_text(path, head);
    fs::resize_file(path, 44 + std::uintmax_t(5) * 3600 * 16000 * 2);
    const auto started = std::chrono::steady_clock::now();
    const Waveform sound = decode_audio(path, 30);
    QCOMPARE(sound.samples.size(), std::size_t(480000));
    QVERIFY(probe_audio(path).seconds() > 17999);
    QVERIFY(std::chrono::steady_clock::now() - started < std::chrono::seconds(2));
    fs::remove(path);
  }

  void cutOffAndChangedFilesNeverCrash() {
    std::vector<fs::path> files{folder_.path() / "s16.wav", folder_.path() / "six.wav"};
    files.push_back(written(folder_.path(), "cut.flac", SF_FORMAT_FLAC | SF_FORMAT_PCM_16, 8000));
    files.push_back(written(folder_.path(), "cut.ogg", SF_FORMAT_OGG | SF_FORMAT_VORBIS, 8000));
    files.push_back(written(folder_.path(), "cut.mp3", SF_FORMAT_MPEG | SF_FORMAT_MPEG_LAYER_III, 16000));
    for (const auto& path : files) {
      const std::string whole = read_file(path);
      const std::size_t samples = decode_audio(bytes_of(whole), "whole", 30).samples.size();
      const std::size_t step = std::max<std::size_t>(97, whole.size() / 60 / 97 * 97);
      for (std::size_t size = 0; size < whole.size(); size += step) {
        const std::string part = whole.substr(0, size);
        try {
          QVERIFY(decode_audio(bytes_of(part), path.string(), 30).samples.size() <= samples + 2000);
        } catch (const Error& error) {
          QCOMPARE(error.where, path.string());
        }
      }
      std::uint64_t state = 1;
      for (int round = 0; round < 60; ++round) {
        std::string changed = whole;
        for (int i = 0; i < 3; ++i) {
          state = state * 6364136223846793005ull + 1442695040888963407ull;
          changed[(state >> 33) % std::min<std::size_t>(changed.size(), 4000)] = char(state >> 20);
        }
        try {
          const Waveform sound = decode_audio(bytes_of(changed), path.string(), 5);
          QVERIFY(sound.seconds() <= 5.01);
        } catch (const Error&) {
        }
      }
    }
  }

  void resamplingKeepsTheSound() {
    for (const int from : {8000, 11025, 22050, 44100, 48000, 96000}) {
      const Waveform sound = resample(tone_at(from), 16000);
      QCOMPARE(sound.rate, 16000);
      QCOMPARE(sound.samples.size(), std::size_t(std::llround(from / 2 * 16000.0 / from)));
      QVERIFY2(distance(sound) < 2e-3, (std::to_string(from) + " Hz: " + std::to_string(distance(sound))).c_str());
    }
    const Waveform same = tone_at(16000);
    QVERIFY(resample(same, 16000).samples == same.samples);
    QVERIFY(resample({8000, {}}, 16000).samples.empty());
    QCOMPARE(resample({8000, {0.5f}}, 16000).samples.size(), std::size_t(2));
    LUTHIER_FAILS(resample(same, 5), "samples a second");
    // What a lower rate cannot carry is gone: 10 kHz in 16 kHz.
    Waveform high{48000, {}};
    for (int i = 0; i < 24000; ++i) high.samples.push_back(float(std::sin(2 * std::numbers::pi * 10000 * i / 48000)));
    const Waveform low = resample(high, 16000);
    const double loudest = std::abs(*std::max_element(low.samples.begin() + 400, low.samples.end() - 400,
                                                      [](float a, float b) { return std::abs(a) < std::abs(b); }));
    QVERIFY2(loudest < 1e-3, std::to_string(loudest).c_str());
  }

  void picturesShowThePeaksAndTheTone() {
    const Waveform sound = tone_at(16000);
    const auto peaks = waveform_peaks(sound.samples, 50);
    QCOMPARE(peaks.size(), std::size_t(50));
    QVERIFY(peaks.back().highest > 0.45 && peaks.back().lowest < -0.45 && peaks.front().highest < 0.2);
    QCOMPARE(waveform_peaks(std::vector<float>{1, -1}, 4)[3].lowest, -1.0f);
    QVERIFY(waveform_peaks({}, 0).empty());

    const Spectrogram picture = spectrogram(sound, 80, 40);
    QCOMPARE(picture.height, 40);
    QVERIFY(picture.width > 20 && picture.width <= 80);
    QCOMPARE(picture.levels.size(), std::size_t(picture.width) * picture.height);
    // 440 Hz is 6.6 of the 45.2 mel up to 8 kHz: about the sixth of 40 bands from below.
    int brightest = 0;
    for (int y = 0; y < 40; ++y)
      if (picture.levels[y * picture.width + picture.width / 2] >
          picture.levels[brightest * picture.width + picture.width / 2])
        brightest = y;
    QVERIFY2(std::abs(39 - brightest - 5) <= 1, std::to_string(brightest).c_str());
    QVERIFY(spectrogram({16000, {}}, 80, 40).levels.empty());
    const Spectrogram silence = spectrogram({8000, std::vector<float>(100)}, 80, 40);
    QVERIFY(std::all_of(silence.levels.begin(), silence.levels.end(), [](auto level) { return level == 0; }));
  }

  void realRecordingsDecode_data() {
    QTest::addColumn<QString>("set");
    for (const char* set : {"audio_fsdd", "audio_commonvoice_50", "audio_ljspeech_32", "audio_misc_speech"})
      QTest::newRow(set) << QString("data/") + set;
  }

  void realRecordingsDecode() {
    QFETCH(QString, set);
    const auto found = testing::shared(set.toStdString());
    if (!found) QSKIP("needs the public data set");
    int count = 0;
    for (const auto& entry : fs::recursive_directory_iterator(*found)) {
      const std::string ending = entry.path().extension();
      if (ending != ".wav" && ending != ".flac" && ending != ".mp3" && ending != ".ogg") continue;
      const AudioInfo info = probe_audio(entry.path());
      const Waveform sound = decode_audio(entry.path(), 60);
      QCOMPARE(sound.rate, info.rate);
      const double lengths = std::abs(std::min(info.seconds(), 60.0) - sound.seconds());
      QVERIFY2(lengths < 0.1, (entry.path().string() + " " + std::to_string(info.seconds())).c_str());
      if (count % 20 == 0) QVERIFY(std::abs(resample(sound, 16000).seconds() - sound.seconds()) < 0.001);
      ++count;
    }
    QVERIFY(count > 0);
  }

 private:
  TemporaryFolder folder_;
};

QTEST_GUILESS_MAIN(AudioTest)
#include "audio_test.moc"
