#include "media/picture.h"

#include <algorithm>
#include <cmath>

#include "media/log_mel.h"

namespace luthier {

namespace {

constexpr double kRange = 8;  // decades of power, 80 dB

}  // namespace

std::vector<Peak> waveform_peaks(std::span<const float> samples, int columns) {
  std::vector<Peak> peaks(std::size_t(std::max(0, columns)));
  if (samples.empty()) return peaks;
  for (std::size_t i = 0; i < peaks.size(); ++i) {
    const std::size_t first = i * samples.size() / peaks.size();
    const std::size_t last = std::max(first + 1, (i + 1) * samples.size() / peaks.size());
    const auto [low, high] =
        std::minmax_element(samples.begin() + std::ptrdiff_t(first), samples.begin() + std::ptrdiff_t(last));
    peaks[i] = {*low, *high};
  }
  return peaks;
}

Spectrogram spectrogram(const Waveform& sound, int columns, int bands) {
  Spectrogram picture;
  if (sound.samples.empty() || columns < 1 || bands < 1 || sound.rate < 100) return picture;
  // Windows of about 32 ms, an even number that the transform likes.
  int window = 64;
  while (window * 2 <= sound.rate / 32) window *= 2;
  const int hop = int(std::max<std::size_t>(sound.samples.size() / std::size_t(columns) + 1, std::size_t(window) / 4));
  std::vector<float> samples = sound.samples;
  samples.resize(std::max({samples.size(), std::size_t(hop), std::size_t(window)}), 0.0f);
  const LogMel mel(bands, window, hop, sound.rate, sound.rate / 2);
  const std::vector<float> power = mel.power(samples);
  picture.width = int(mel.frames(samples.size()));
  picture.height = bands;
  const double loudest = std::log10(std::max(1e-10f, *std::max_element(power.begin(), power.end())));
  picture.levels.resize(power.size());
  for (int y = 0; y < bands; ++y)
    for (int x = 0; x < picture.width; ++x) {
      const float value = power[std::size_t(bands - 1 - y) * picture.width + x];
      const double below = loudest - std::log10(std::max(1e-10f, value));
      picture.levels[std::size_t(y) * picture.width + x] =
          std::uint8_t(std::lround(std::clamp(1 - below / kRange, 0.0, 1.0) * 255));
    }
  if (*std::max_element(power.begin(), power.end()) <= 0) std::fill(picture.levels.begin(), picture.levels.end(), 0);
  return picture;
}

}  // namespace luthier
