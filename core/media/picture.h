#pragma once
// Small pictures of sounds for the window: peaks of the waveform and a log-mel spectrogram.
#include <cstdint>
#include <span>
#include <vector>

#include "media/audio.h"

namespace luthier {

struct Peak {
  float lowest = 0, highest = 0;
};

/// The range of the samples under each of `columns` pixel columns; fewer samples than columns repeat.
std::vector<Peak> waveform_peaks(std::span<const float> samples, int columns);

/// 0 is silence (80 dB below the loudest), 255 the loudest; rows from the highest band to the lowest, [height, width].
struct Spectrogram {
  int width = 0, height = 0;
  std::vector<std::uint8_t> levels;
};

/// At most `columns` columns of `bands` mel bands. An empty sound gives an empty picture.
Spectrogram spectrogram(const Waveform& sound, int columns, int bands);

}  // namespace luthier
