#include "media/augment.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "base/error.h"

namespace luthier {

namespace {

constexpr std::uint64_t kStream = 0x766172792d696d67;  // "vary-img": apart from shuffling and dropout of the same seed

// ITU-R 601 luma in 16-bit fixed point.
int grey(const std::uint8_t* pixel) { return (pixel[0] * 19595 + pixel[1] * 38470 + pixel[2] * 7471 + 0x8000) >> 16; }

// base + factor * (pixel - base), kept inside 0 to 255.
std::uint8_t blend(float base, std::uint8_t pixel, float factor) {
  return std::uint8_t(std::clamp(base + factor * (float(pixel) - base), 0.0f, 255.0f));
}

// A table of 256 levels serves where the base is the same for all pixels.
void apply_table(Image& image, float base, float factor) {
  std::array<std::uint8_t, 256> table;
  for (int i = 0; i < 256; ++i) table[i] = blend(base, std::uint8_t(i), factor);
  for (auto& level : image.pixels) level = table[level];
}

void change_contrast(Image& image, float factor) {
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) sum += grey(&image.pixels[i]);
  const double count = double(image.pixels.size()) / 3;
  apply_table(image, float(std::floor(sum / count + 0.5)), factor);
}

void change_saturation(Image& image, float factor) {
  for (std::size_t i = 0; i < image.pixels.size(); i += 3) {
    std::uint8_t* pixel = &image.pixels[i];
    const float base = float(grey(pixel));
    for (int c = 0; c < 3; ++c) pixel[c] = blend(base, pixel[c], factor);
  }
}

void mirror(Image& image) {
  for (int y = 0; y < image.height; ++y) {
    std::uint8_t* row = image.row(y);
    for (int left = 0, right = image.width - 1; left < right; ++left, --right)
      std::swap_ranges(row + left * 3, row + left * 3 + 3, row + right * 3);
  }
}

// The logarithm of a draw from Gamma(shape, 1): Marsaglia and Tsang 2000, with shape + 1 and U^(1/shape) below 1. The
// logarithm, because tiny shapes give numbers below the smallest double.
double draw_log_gamma(double shape, Random& random) {
  const double boosted = shape < 1 ? shape + 1 : shape;
  const double d = boosted - 1.0 / 3, c = 1 / std::sqrt(9 * d);
  double log_value = 0;
  while (true) {
    const double x = random.normal();
    const double v = std::pow(1 + c * x, 3);
    if (v <= 0) continue;
    const double u = 1 - random.uniform();
    if (std::log(u) < 0.5 * x * x + d - d * v + d * std::log(v)) {
      log_value = std::log(d * v);
      break;
    }
  }
  if (shape < 1) log_value += std::log(1 - random.uniform()) / shape;
  return log_value;
}

}  // namespace

Random augment_random(std::uint64_t seed, std::uint64_t epoch, std::uint64_t row) {
  return Random(mix(seed, kStream), epoch, row);
}

Image augment(const Image& image, const AugmentSettings& settings, Random& random) {
  const bool mirrored = random.uniform() < 0.5;
  const double share = 1 - random.uniform() * (1 - std::clamp(settings.smallest_crop, 0.0, 1.0));
  const double along = random.uniform(), across = random.uniform(), down = random.uniform();
  std::array<double, 3> factors;
  const std::array<double, 3> strengths{settings.brightness, settings.contrast, settings.saturation};
  for (int i = 0; i < 3; ++i) factors[i] = std::max(0.0, 1 + strengths[i] * (2 * random.uniform() - 1));

  Image out = image;
  if (share < 1) {
    // A part with aspect ratio r and area share s fits while s W / H <= r <= W / (s H).
    const double shape = double(image.width) / image.height;
    const double least = share * shape, most = shape / share;
    const double low = std::clamp(3.0 / 4, least, most), high = std::clamp(4.0 / 3, least, most);
    const double ratio = std::exp(std::log(low) + along * (std::log(high) - std::log(low)));
    const double area = share * image.width * image.height;
    const int width = std::clamp(int(std::lround(std::sqrt(area * ratio))), 1, image.width);
    const int height = std::clamp(int(std::lround(std::sqrt(area / ratio))), 1, image.height);
    out = crop(image, int(across * (image.width - width + 1)), int(down * (image.height - height + 1)), width, height);
  }
  if (settings.flip && mirrored) mirror(out);
  if (settings.brightness > 0) apply_table(out, 0, float(factors[0]));
  if (settings.contrast > 0) change_contrast(out, float(factors[1]));
  if (settings.saturation > 0) change_saturation(out, float(factors[2]));
  return out;
}

double draw_beta(double alpha, Random& random) {
  const double a = draw_log_gamma(alpha, random), b = draw_log_gamma(alpha, random);
  return 1 / (1 + std::exp(b - a));
}

Mix draw_mix(std::int64_t rows, int width, int height, double mixup_alpha, double cutmix_alpha, Random& random) {
  Mix drawn;
  if (rows < 2 || (mixup_alpha <= 0 && cutmix_alpha <= 0)) return drawn;
  const bool cuts = cutmix_alpha > 0 && (mixup_alpha <= 0 || random.uniform() < 0.5);
  drawn.kind = cuts ? MixKind::cutmix : MixKind::mixup;
  drawn.share = draw_beta(cuts ? cutmix_alpha : mixup_alpha, random);
  if (cuts) {
    const double side = std::sqrt(1 - drawn.share);
    const int half_width = int(width * side) / 2, half_height = int(height * side) / 2;
    const int x = int(random.below(std::uint64_t(width))), y = int(random.below(std::uint64_t(height)));
    drawn.left = std::max(0, x - half_width), drawn.right = std::min(width, x + half_width);
    drawn.top = std::max(0, y - half_height), drawn.bottom = std::min(height, y + half_height);
    const double pasted = double(drawn.right - drawn.left) * (drawn.bottom - drawn.top);
    drawn.share = 1 - pasted / (double(width) * height);
  }
  drawn.partner = permutation(rows, random.next(), kStream);
  return drawn;
}

void apply_mix(const Mix& mix, int width, int height, std::vector<float>& pixels) {
  if (mix.kind == MixKind::none) return;
  const std::size_t plane = std::size_t(width) * height, row = plane * 3;
  if (pixels.size() != mix.partner.size() * row)
    fail(ErrorKind::internal, "a batch does not have the size its mix was drawn for");
  const std::vector<float> before = pixels;
  const float share = float(mix.share);
  for (std::size_t i = 0; i < mix.partner.size(); ++i) {
    float* own = pixels.data() + i * row;
    const float* other = before.data() + std::size_t(mix.partner[i]) * row;
    if (mix.kind == MixKind::mixup) {
      for (std::size_t k = 0; k < row; ++k) own[k] = share * own[k] + (1 - share) * other[k];
      continue;
    }
    for (int c = 0; c < 3; ++c)
      for (int y = mix.top; y < mix.bottom; ++y) {
        const std::size_t line = c * plane + std::size_t(y) * width;
        std::copy(other + line + mix.left, other + line + mix.right, own + line + mix.left);
      }
  }
}

}  // namespace luthier
