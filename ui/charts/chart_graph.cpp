#include "charts/chart_graph.h"

#include <algorithm>
#include <cmath>

#include "theme/theme.h"

namespace luthier {

namespace {
/// What a translucent colour looks like on a background.
QColor opaque(const QColor& colour, const QColor& behind) {
  const double share = colour.alphaF();
  const auto mix = [share](int a, int b) { return int(std::lround(share * a + (1 - share) * b)); };
  return {mix(colour.red(), behind.red()), mix(colour.green(), behind.green()), mix(colour.blue(), behind.blue())};
}

/// A column of opaque pixels with soft ends. Opaque whole rectangles are copied into the picture; anything else, Qt
/// cuts into spans and hands to its threads, which takes a hundred times as long for so narrow a shape.
void fillColumn(QCPPainter* painter, double left, double width, double top, double bottom, const QColor& colour) {
  const double first = std::ceil(top), last = std::floor(bottom);
  if (last > first) painter->fillRect(QRectF(left, first, width, last - first), colour);
  const auto end = [&](double y, double share) {
    if (share < 0.02) return;
    QColor soft = colour;
    soft.setAlphaF(float(std::min(share, 1.0)));
    painter->fillRect(QRectF(left, y, width, 1), soft);
  };
  if (first > last) {  // within one pixel
    end(std::floor(top), bottom - top);
    return;
  }
  end(first - 1, first - top);
  end(last, bottom - last);
}
}  // namespace

void ChartGraph::draw(QCPPainter* painter) {
  if (columns_.empty()) {
    QCPGraph::draw(painter);
    return;
  }
  const QRectF area = mKeyAxis->axisRect()->rect();
  const double width = area.width() / double(columns_.size()), half = mPen.widthF() / 2;
  const bool log = mValueAxis->scaleType() == QCPAxis::stLogarithmic;
  const double floor = mValueAxis->range().lower;
  double above = 0, below = 0;  // pixels of the column before
  bool joined = false;
  const QColor colour = opaque(mPen.color(), tokens().surface);
  painter->setAntialiasing(false);
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const ValueSpan& span = columns_[i];
    if (std::isnan(span.low) || (log && span.high <= 0)) continue;
    double top = mValueAxis->coordToPixel(span.high);
    double bottom = mValueAxis->coordToPixel(log && span.low <= 0 ? floor : span.low);
    const double realTop = top, realBottom = bottom;
    if (joined) {  // a line has no gaps
      top = std::min(top, below);
      bottom = std::max(bottom, above);
    }
    above = realTop;
    below = realBottom;
    joined = true;
    top = std::max(top - half, area.top());
    bottom = std::min(bottom + half, area.bottom());
    if (bottom > top) fillColumn(painter, area.left() + double(i) * width, width, top, bottom, colour);
  }
}

}  // namespace luthier
