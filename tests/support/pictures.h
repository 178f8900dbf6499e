#pragma once
// Pictures of the window: how far two are apart, and how to keep them small.
#include <QHash>
#include <QImage>
#include <algorithm>
#include <cstdlib>
#include <vector>

namespace luthier::testing {

constexpr double kTolerated = 0.012;  ///< share of blocks: fonts and rounding differ between machines

/// Share of the blocks of 12 x 12 pixels whose mean colours differ by more than 28 of 255.
inline double difference(const QImage& a, const QImage& b) {
  constexpr int kBlock = 12, kDifferent = 28;
  if (a.size() != b.size()) return 1;
  const QSize blocks(a.width() / kBlock, a.height() / kBlock);
  const auto small = [&](const QImage& image) {
    return image.convertToFormat(QImage::Format_RGB32).scaled(blocks, Qt::IgnoreAspectRatio, Qt::SmoothTransformation);
  };
  const QImage one = small(a), other = small(b);
  int count = 0;
  for (int y = 0; y < blocks.height(); ++y)
    for (int x = 0; x < blocks.width(); ++x) {
      const QRgb p = one.pixel(x, y), q = other.pixel(x, y);
      count += std::abs(qRed(p) - qRed(q)) + std::abs(qGreen(p) - qGreen(q)) + std::abs(qBlue(p) - qBlue(q)) >
               3 * kDifferent;
    }
  return double(count) / (blocks.width() * blocks.height());
}

/// The same picture in its 256 most frequent colours: a window has few, besides the edges of letters.
inline QImage fewColours(const QImage& from) {
  const QImage image = from.convertToFormat(QImage::Format_RGB32);
  QHash<QRgb, int> counts;
  for (int y = 0; y < image.height(); ++y)
    for (int x = 0; x < image.width(); ++x) ++counts[image.pixel(x, y)];
  std::vector<std::pair<int, QRgb>> ranked;
  for (auto colour = counts.cbegin(); colour != counts.cend(); ++colour)
    ranked.emplace_back(colour.value(), colour.key());
  std::sort(ranked.rbegin(), ranked.rend());
  const auto distance = [](QRgb a, QRgb b) {
    const int red = qRed(a) - qRed(b), green = qGreen(a) - qGreen(b), blue = qBlue(a) - qBlue(b);
    return 3 * red * red + 6 * green * green + blue * blue;
  };
  // The surfaces, then what is unlike everything before (the red of a small mark), then finer and finer shades.
  QList<QRgb> palette;
  for (std::size_t i = 0; i < std::min<std::size_t>(ranked.size(), 64); ++i) palette << ranked[i].second;
  for (const int apart : {9000, 2500, 600, 120, 1})
    for (const auto& [count, colour] : ranked) {
      if (palette.size() == 256) break;
      const bool isNew =
          std::all_of(palette.begin(), palette.end(), [&](QRgb other) { return distance(colour, other) >= apart; });
      if (isNew) palette << colour;
    }
  QHash<QRgb, int> nearest;
  const auto indexOf = [&](QRgb colour) {
    const auto known = nearest.constFind(colour);
    if (known != nearest.constEnd()) return known.value();
    int best = 0, least = 1 << 30;
    for (int i = 0; i < palette.size(); ++i) {
      const int off = distance(colour, palette[i]);
      if (off < least) least = off, best = i;
    }
    return nearest[colour] = best;
  };
  QImage result(image.size(), QImage::Format_Indexed8);
  result.setColorTable(palette);
  for (int y = 0; y < image.height(); ++y)
    for (int x = 0; x < image.width(); ++x) result.scanLine(y)[x] = uchar(indexOf(image.pixel(x, y)));
  return result;
}

}  // namespace luthier::testing
