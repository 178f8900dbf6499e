#pragma once
// Short-time Fourier transform and mel filters.
#include <complex>
#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

namespace luthier {

/// The discrete Fourier transform of a fixed length by mixed radix 2, 3, 4, 5 (any other factor directly). In double
/// precision: the quiet parts of a spectrum that count lie 8 decades below the loud ones.
class Fourier {
 public:
  explicit Fourier(int length);
  int length() const { return length_; }
  /// out[k] = sum over n of in[n] exp(-2 pi i k n / length). `in` and `out` hold length() values and do not overlap.
  void transform(const std::complex<double>* in, std::complex<double>* out) const;

 private:
  void step(const std::complex<double>* in, std::complex<double>* out, int length, int stride,
            std::size_t factor) const;
  int length_;
  std::vector<int> factors_;
  std::vector<std::complex<double>> twiddles_;
};

/// Triangular filters with equal area on Slaney's mel scale (Auditory Toolbox, 1998: linear below 1000 Hz, logarithmic
/// above), [bands, window / 2 + 1].
std::vector<float> mel_filters(int bands, int window, int rate, double highest_hertz);

/// Whisper's features (Radford et al. 2022): power spectrum in a Hann window every `hop` samples, centred with
/// reflected borders, mel bands, log10, at most 8 below the loudest, (x + 4) / 4.
class LogMel {
 public:
  LogMel(int bands, int window, int hop, int rate, double highest_hertz);
  int bands() const { return bands_; }
  std::size_t frames(std::size_t samples) const { return samples / hop_; }

  /// Power of the mel bands, [bands, samples / hop]. At least window / 2 + 1 samples.
  std::vector<float> power(std::span<const float> samples) const;

  /// power() with the logarithm, the floor and the scale.
  std::vector<float> features(std::span<const float> samples) const;

 private:
  struct Band {
    int first = 0, last = 0;  // frequencies with a weight
  };
  int bands_, window_, hop_;
  Fourier fourier_;
  std::vector<double> hann_;
  std::vector<float> filters_;
  std::vector<Band> spans_;
};

}  // namespace luthier
