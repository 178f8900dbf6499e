#include "media/log_mel.h"

#include <algorithm>
#include <cmath>
#include <numbers>

#include "base/error.h"

namespace luthier {

namespace {

// Slaney's mel scale: 3 mel for 200 Hz up to 1000 Hz, above it 27 mel for a factor of 6.4.
constexpr double kKnee = 1000, kKneeMel = 15;
const double kMelsPerFold = 27 / std::log(6.4);

double to_mel(double hertz) {
  return hertz < kKnee ? hertz * 3 / 200 : kKneeMel + std::log(hertz / kKnee) * kMelsPerFold;
}

double to_hertz(double mel) {
  return mel < kKneeMel ? mel * 200 / 3 : kKnee * std::exp((mel - kKneeMel) / kMelsPerFold);
}

}  // namespace

std::vector<float> mel_filters(int bands, int window, int rate, double highest_hertz) {
  const int bins = window / 2 + 1;
  std::vector<double> corners(bands + 2);
  for (int i = 0; i < bands + 2; ++i) corners[i] = to_hertz(to_mel(highest_hertz) * i / (bands + 1));
  std::vector<float> filters(std::size_t(bands) * bins);
  for (int band = 0; band < bands; ++band) {
    const double low = corners[band], middle = corners[band + 1], high = corners[band + 2];
    for (int bin = 0; bin < bins; ++bin) {
      const double hertz = double(rate / 2) * bin / (bins - 1);
      const double height = std::min((hertz - low) / (middle - low), (high - hertz) / (high - middle));
      filters[std::size_t(band) * bins + bin] = float(std::max(0.0, height) * 2 / (high - low));
    }
  }
  return filters;
}

LogMel::LogMel(int bands, int window, int hop, int rate, double highest_hertz)
    : bands_(bands),
      window_(window),
      hop_(hop),
      fourier_(window),
      filters_(mel_filters(bands, window, rate, highest_hertz)) {
  hann_.resize(window);
  for (int i = 0; i < window; ++i) hann_[i] = 0.5 - 0.5 * std::cos(2 * std::numbers::pi * i / window);
  const int bins = window / 2 + 1;
  for (int band = 0; band < bands; ++band) {
    const float* row = &filters_[std::size_t(band) * bins];
    Band span{0, 0};
    for (int bin = 0; bin < bins; ++bin)
      if (row[bin] > 0) {
        if (span.last == 0) span.first = bin;
        span.last = bin + 1;
      }
    spans_.push_back(span);
  }
}

std::vector<float> LogMel::power(std::span<const float> samples) const {
  const auto size = std::int64_t(samples.size());
  if (size <= window_ / 2) fail(ErrorKind::internal, "too few samples for one window");
  const std::size_t count = frames(samples.size());
  const int bins = window_ / 2 + 1;
  std::vector<float> power(std::size_t(bands_) * count);
  std::vector<std::complex<double>> pair(window_), spectrum(window_);
  std::vector<double> first(bins), second(bins);

  // Two real frames go through one complex transform: the even part of its spectrum belongs to the real one.
  const auto load = [&](std::size_t frame, bool imaginary) {
    const std::int64_t start = std::int64_t(frame) * hop_ - window_ / 2;
    bool silent = true;
    for (int i = 0; i < window_; ++i) {
      std::int64_t at = start + i;
      if (at < 0) at = -at;
      if (at >= size) at = 2 * (size - 1) - at;
      const double value = frame < count ? samples[std::size_t(at)] * hann_[i] : 0.0;
      silent = silent && value == 0;
      imaginary ? pair[i].imag(value) : pair[i].real(value);
    }
    return silent;
  };
  const auto collect = [&](std::size_t frame, const std::vector<double>& of) {
    for (int band = 0; band < bands_; ++band) {
      const float* weights = &filters_[std::size_t(band) * bins];
      double sum = 0;
      for (int bin = spans_[band].first; bin < spans_[band].last; ++bin) sum += weights[bin] * of[bin];
      power[std::size_t(band) * count + frame] = float(sum);
    }
  };
  for (std::size_t frame = 0; frame < count; frame += 2) {
    const bool left_silent = load(frame, false), right_silent = load(frame + 1, true);
    if (left_silent && right_silent) continue;
    fourier_.transform(pair.data(), spectrum.data());
    for (int k = 0; k < bins; ++k) {
      const auto a = spectrum[k], b = std::conj(spectrum[k == 0 ? 0 : window_ - k]);
      first[k] = std::norm(a + b) / 4;
      second[k] = std::norm(a - b) / 4;
    }
    collect(frame, first);
    if (frame + 1 < count) collect(frame + 1, second);
  }
  return power;
}

std::vector<float> LogMel::features(std::span<const float> samples) const {
  std::vector<float> values = power(samples);
  float loudest = -10;
  for (float& value : values) loudest = std::max(loudest, value = std::log10(std::max(value, 1e-10f)));
  for (float& value : values) value = (std::max(value, loudest - 8) + 4) / 4;
  return values;
}

}  // namespace luthier
