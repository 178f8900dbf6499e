#include "media/resample_image.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "base/error.h"

namespace luthier {

namespace {

constexpr int kMostFraction = 32 - 8 - 2;  // bits after the point of a weight: 8 of the pixel, 2 for overshoot and sign

double sinc(double x) {
  x *= std::numbers::pi;
  return x == 0 ? 1.0 : std::sin(x) / x;
}

double weight(Resample filter, double x) {
  const double distance = std::abs(x);
  switch (filter) {
    case Resample::nearest:
      break;
    case Resample::box:
      return x > -0.5 && x <= 0.5 ? 1.0 : 0.0;
    case Resample::bilinear:
      return std::max(0.0, 1.0 - distance);
    case Resample::hamming:
      if (distance >= 1) return 0.0;
      return sinc(distance) * (0.54 + 0.46 * std::cos(distance * std::numbers::pi));
    case Resample::bicubic: {  // Keys 1981, a = -0.5
      constexpr double a = -0.5;
      if (distance < 1) return ((a + 2) * distance - (a + 3)) * distance * distance + 1;
      if (distance < 2) return (((distance - 5) * distance + 8) * distance - 4) * a;
      return 0.0;
    }
    case Resample::lanczos:
      return x >= -3 && x < 3 ? sinc(x) * sinc(x / 3) : 0.0;
  }
  fail(ErrorKind::internal, "this filter has no weights");
}

double radius(Resample filter) {
  switch (filter) {
    case Resample::nearest:
      break;
    case Resample::box:
      return 0.5;
    case Resample::bilinear:
    case Resample::hamming:
      return 1;
    case Resample::bicubic:
      return 2;
    case Resample::lanczos:
      return 3;
  }
  fail(ErrorKind::internal, "this filter has no radius");
}

// The input pixels first .. first + count - 1 make an output pixel, with fixed-point weights that add up to about 1.
struct Taps {
  int reach = 0;     // weights kept for each output pixel
  int fraction = 0;  // bits after the point of a weight
  std::vector<int> first, count;
  std::vector<std::int32_t> weights;  // [outputs, reach]
};

// The bits after the point that leave the largest weight below 2^15: PyTorch keeps weights in 16 bits.
int fraction_of(double largest) {
  int bits = 0;
  while (bits < kMostFraction && 0.5 + largest * (1 << (bits + 1)) < 1 << 15) ++bits;
  return bits;
}

Taps make_taps(int from, int to, Resample filter, Rounding rounding) {
  const double scale = double(from) / to;
  const double stretch = std::max(scale, 1.0);  // shrinking widens the filter: no aliasing
  const double support = radius(filter) * stretch;
  Taps taps;
  taps.reach = int(std::ceil(support)) * 2 + 1;
  taps.first.resize(to);
  taps.count.resize(to);
  taps.weights.assign(std::size_t(to) * taps.reach, 0);
  std::vector<double> exact(std::size_t(to) * taps.reach);
  for (int i = 0; i < to; ++i) {
    const double centre = (i + 0.5) * scale;
    const int first = std::max(0, int(centre - support + 0.5));
    const int count = std::min(from, int(centre + support + 0.5)) - first;
    double* row = &exact[std::size_t(i) * taps.reach];
    double sum = 0;
    for (int k = 0; k < count; ++k) sum += row[k] = weight(filter, (k + first - centre + 0.5) * (1.0 / stretch));
    for (int k = 0; k < count && sum != 0; ++k) row[k] /= sum;
    taps.first[i] = first;
    taps.count[i] = count;
  }
  taps.fraction =
      rounding == Rounding::pillow ? kMostFraction : fraction_of(*std::max_element(exact.begin(), exact.end()));
  for (std::size_t i = 0; i < exact.size(); ++i)
    taps.weights[i] = std::int32_t(exact[i] * (1 << taps.fraction) + (exact[i] < 0 ? -0.5 : 0.5));
  return taps;
}

std::uint8_t to_pixel(std::int32_t sum, int fraction) { return std::uint8_t(std::clamp(sum >> fraction, 0, 255)); }

// Rows `top` to `bottom` of the image, each scaled to `width`.
Image scale_rows(const Image& image, int width, int top, int bottom, const Taps& taps) {
  Image out{width, bottom - top, {}};
  const std::int32_t half = 1 << (taps.fraction - 1);
  out.pixels.resize(std::size_t(out.width) * out.height * 3);
  for (int y = 0; y < out.height; ++y) {
    const std::uint8_t* row = image.row(top + y);
    std::uint8_t* to = out.row(y);
    for (int x = 0; x < width; ++x, to += 3) {
      const std::uint8_t* from = row + std::size_t(taps.first[x]) * 3;
      const std::int32_t* weights = &taps.weights[std::size_t(x) * taps.reach];
      std::int32_t red = half, green = half, blue = half;
      for (int k = 0; k < taps.count[x]; ++k, from += 3) {
        red += from[0] * weights[k];
        green += from[1] * weights[k];
        blue += from[2] * weights[k];
      }
      to[0] = to_pixel(red, taps.fraction);
      to[1] = to_pixel(green, taps.fraction);
      to[2] = to_pixel(blue, taps.fraction);
    }
  }
  return out;
}

// The columns of an image whose first row is row `top` of the one that the taps are for.
Image scale_columns(const Image& image, int height, int top, const Taps& taps) {
  Image out{image.width, height, {}};
  const std::size_t length = std::size_t(image.width) * 3;
  out.pixels.resize(length * height);
  std::vector<std::int32_t> sums(length);
  const std::int32_t half = 1 << (taps.fraction - 1);
  for (int y = 0; y < height; ++y) {
    std::fill(sums.begin(), sums.end(), half);
    for (int k = 0; k < taps.count[y]; ++k) {
      const std::uint8_t* from = image.row(taps.first[y] - top + k);
      const std::int32_t weight = taps.weights[std::size_t(y) * taps.reach + k];
      for (std::size_t i = 0; i < length; ++i) sums[i] += from[i] * weight;
    }
    std::uint8_t* to = out.row(y);
    for (std::size_t i = 0; i < length; ++i) to[i] = to_pixel(sums[i], taps.fraction);
  }
  return out;
}

// The input pixel under the middle of each output pixel. Where a middle falls between two pixels, rounding decides:
// Pillow adds up the steps, PyTorch ("nearest-exact") multiplies in single precision.
std::vector<int> nearest_positions(int from, int to, Rounding rounding) {
  std::vector<int> positions(to);
  const float step = float(from) / float(to);
  double at = double(from) / to * 0.5;
  for (int i = 0; i < to; ++i, at += double(from) / to)
    positions[i] = std::min(rounding == Rounding::pillow ? int(at) : int(float((i + 0.5) * step)), from - 1);
  return positions;
}

Image resize_nearest(const Image& image, int width, int height, Rounding rounding) {
  const std::vector<int> columns = nearest_positions(image.width, width, rounding),
                         rows = nearest_positions(image.height, height, rounding);
  Image out{width, height, {}};
  out.pixels.resize(std::size_t(width) * height * 3);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) std::memcpy(out.row(y) + x * 3, image.row(rows[y]) + columns[x] * 3, 3);
  return out;
}

}  // namespace

Image resize(const Image& image, int width, int height, Resample filter, Rounding rounding) {
  if (image.width < 1 || image.height < 1 || width < 1 || height < 1 || std::int64_t{width} * height > kMostPixels)
    fail(ErrorKind::bad_input, "an image of " + std::to_string(image.width) + " x " + std::to_string(image.height) +
                                   " pixels cannot become " + std::to_string(width) + " x " + std::to_string(height));
  if (width == image.width && height == image.height) return image;
  if (filter == Resample::nearest) return resize_nearest(image, width, height, rounding);
  const auto columns = [&] { return make_taps(image.width, width, filter, rounding); };
  if (height == image.height) return scale_rows(image, width, 0, height, columns());
  const Taps rows = make_taps(image.height, height, filter, rounding);
  if (width == image.width) return scale_columns(image, height, 0, rows);
  const int top = rows.first.front(), bottom = rows.first.back() + rows.count.back();
  return scale_columns(scale_rows(image, width, top, bottom, columns()), height, top, rows);
}

}  // namespace luthier
