#include "media/resample_image.h"

#include <algorithm>
#include <cmath>
#include <cstring>
#include <numbers>

#include "base/error.h"

namespace luthier {

namespace {

constexpr int kFraction = 32 - 8 - 2;  // bits after the point of a weight: 8 of the pixel, 2 for overshoot and sign

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
  int reach = 0;  // weights kept for each output pixel
  std::vector<int> first, count;
  std::vector<std::int32_t> weights;  // [outputs, reach]
};

Taps make_taps(int from, int to, Resample filter) {
  const double scale = double(from) / to;
  const double stretch = std::max(scale, 1.0);  // shrinking widens the filter: no aliasing
  const double support = radius(filter) * stretch;
  Taps taps;
  taps.reach = int(std::ceil(support)) * 2 + 1;
  taps.first.resize(to);
  taps.count.resize(to);
  taps.weights.assign(std::size_t(to) * taps.reach, 0);
  std::vector<double> exact(taps.reach);
  for (int i = 0; i < to; ++i) {
    const double centre = (i + 0.5) * scale;
    const int first = std::max(0, int(centre - support + 0.5));
    const int count = std::min(from, int(centre + support + 0.5)) - first;
    double sum = 0;
    for (int k = 0; k < count; ++k) sum += exact[k] = weight(filter, (k + first - centre + 0.5) * (1.0 / stretch));
    for (int k = 0; k < count; ++k) {
      const double share = sum != 0 ? exact[k] / sum : exact[k];
      taps.weights[std::size_t(i) * taps.reach + k] = std::int32_t(share * (1 << kFraction) + (share < 0 ? -0.5 : 0.5));
    }
    taps.first[i] = first;
    taps.count[i] = count;
  }
  return taps;
}

std::uint8_t to_pixel(std::int32_t sum) { return std::uint8_t(std::clamp(sum >> kFraction, 0, 255)); }

constexpr std::int32_t kHalf = 1 << (kFraction - 1);

// Rows `top` to `bottom` of the image, each scaled to `width`.
Image scale_rows(const Image& image, int width, int top, int bottom, const Taps& taps) {
  Image out{width, bottom - top, {}};
  out.pixels.resize(std::size_t(out.width) * out.height * 3);
  for (int y = 0; y < out.height; ++y) {
    const std::uint8_t* row = image.row(top + y);
    std::uint8_t* to = out.row(y);
    for (int x = 0; x < width; ++x, to += 3) {
      const std::uint8_t* from = row + std::size_t(taps.first[x]) * 3;
      const std::int32_t* weights = &taps.weights[std::size_t(x) * taps.reach];
      std::int32_t red = kHalf, green = kHalf, blue = kHalf;
      for (int k = 0; k < taps.count[x]; ++k, from += 3) {
        red += from[0] * weights[k];
        green += from[1] * weights[k];
        blue += from[2] * weights[k];
      }
      to[0] = to_pixel(red);
      to[1] = to_pixel(green);
      to[2] = to_pixel(blue);
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
  for (int y = 0; y < height; ++y) {
    std::fill(sums.begin(), sums.end(), kHalf);
    for (int k = 0; k < taps.count[y]; ++k) {
      const std::uint8_t* from = image.row(taps.first[y] - top + k);
      const std::int32_t weight = taps.weights[std::size_t(y) * taps.reach + k];
      for (std::size_t i = 0; i < length; ++i) sums[i] += from[i] * weight;
    }
    std::uint8_t* to = out.row(y);
    for (std::size_t i = 0; i < length; ++i) to[i] = to_pixel(sums[i]);
  }
  return out;
}

// The positions that nearest takes: added up step by step, as Pillow does.
std::vector<int> nearest_positions(int from, int to) {
  const double step = double(from) / to;
  std::vector<int> positions(to);
  double at = step * 0.5;
  for (int& position : positions) {
    position = std::min(int(at), from - 1);
    at += step;
  }
  return positions;
}

Image resize_nearest(const Image& image, int width, int height) {
  const std::vector<int> columns = nearest_positions(image.width, width),
                         rows = nearest_positions(image.height, height);
  Image out{width, height, {}};
  out.pixels.resize(std::size_t(width) * height * 3);
  for (int y = 0; y < height; ++y)
    for (int x = 0; x < width; ++x) std::memcpy(out.row(y) + x * 3, image.row(rows[y]) + columns[x] * 3, 3);
  return out;
}

}  // namespace

Image resize(const Image& image, int width, int height, Resample filter) {
  if (image.width < 1 || image.height < 1 || width < 1 || height < 1 || std::int64_t{width} * height > kMostPixels)
    fail(ErrorKind::bad_input, "an image of " + std::to_string(image.width) + " x " + std::to_string(image.height) +
                                   " pixels cannot become " + std::to_string(width) + " x " + std::to_string(height));
  if (width == image.width && height == image.height) return image;
  if (filter == Resample::nearest) return resize_nearest(image, width, height);
  if (height == image.height) return scale_rows(image, width, 0, height, make_taps(image.width, width, filter));
  const Taps rows = make_taps(image.height, height, filter);
  if (width == image.width) return scale_columns(image, height, 0, rows);
  const int top = rows.first.front(), bottom = rows.first.back() + rows.count.back();
  return scale_columns(scale_rows(image, width, top, bottom, make_taps(image.width, width, filter)), height, top, rows);
}

}  // namespace luthier
