#pragma once
// Recordings as mono samples: WAV, FLAC, OGG (Vorbis, Opus), MP3, AIFF and AU files, any rate, any number of channels.
#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

namespace luthier {

/// One channel; full scale is -1 to 1.
struct Waveform {
  int rate = 0;  ///< samples a second
  std::vector<float> samples;
  double seconds() const { return rate > 0 ? double(samples.size()) / rate : 0.0; }
};

/// What the head of a recording says. Nothing is decoded: a file can lie here.
struct AudioInfo {
  std::string format;  ///< "WAV", "FLAC", "OGG", "MP3", "AIFF", "AU", "CAF"
  int rate = 0;        ///< samples a second
  int channels = 0;
  std::int64_t frames = 0;  ///< samples of one channel; 0 where the head does not say
  double seconds() const { return rate > 0 ? double(frames) / rate : 0.0; }
};

/// Errors: bad_input (empty, broken, impossible rate), unsupported (another format, named), not_found, io.
AudioInfo probe_audio(std::span<const std::byte> bytes, const std::string& where);
AudioInfo probe_audio(const std::filesystem::path& path);

/// Decodes and mixes the channels down by their mean. At most `longest_seconds` are read (and kept in memory), however
/// long the file is or says it is; the rest is left out. Errors: those of probe_audio, and bad_input for a recording
/// without a sample and for samples that are not finite numbers.
Waveform decode_audio(std::span<const std::byte> bytes, const std::string& where, double longest_seconds);
Waveform decode_audio(const std::filesystem::path& path, double longest_seconds);

/// The same sound with `rate` samples a second (band-limited interpolation by libsamplerate, medium quality). Equal
/// rates: the samples as they are. The length is that of the sound: round(samples * rate / old rate).
Waveform resample(const Waveform& sound, int rate);

}  // namespace luthier
