#include "pages/method/memory_legend.h"

#include <QPainter>

#include "theme/theme.h"
#include "widgets/controls.h"
#include "widgets/format.h"

namespace luthier {

namespace {
constexpr int kSquare = 8, kSquareGap = 5, kPartGap = 10;
}

MemoryLegend::MemoryLegend(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Fixed, QSizePolicy::Fixed);
  connect(&theme(), &Theme::changed, this, [this] { updateGeometry(); });
  setScale(0);
}

void MemoryLegend::setScale(double bytes) {
  scaleText_ = bytes > 0 ? tr("bar 0 to %1").arg(bytesText(bytes).replace(".0 ", " ").replace(".00 ", " ")) : QString();
  QStringList names;
  for (const auto& segment : memorySegments(1, 1, 1, 1)) names << segment.name;
  setAccessibleName(tr("Memory bars: %1. %2").arg(names.join(", "), scaleText_));
  updateGeometry();
  update();
}

QSize MemoryLegend::sizeHint() const {
  const QFontMetrics metrics(luthier::font(TextStyle::caption));
  int width = metrics.horizontalAdvance(scaleText_);
  for (const auto& segment : memorySegments(1, 1, 1, 1))
    width += kSquare + kSquareGap + metrics.horizontalAdvance(segment.name) + kPartGap;
  return {width + 2, metrics.height() + 2};
}

void MemoryLegend::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  const QFont caption = luthier::font(TextStyle::caption);
  const QFontMetrics metrics(caption);
  painter.setFont(caption);
  int x = 0;
  const auto write = [&](const QString& text, const QColor& colour) {
    painter.setPen(colour);
    painter.drawText(QRect(x, 0, metrics.horizontalAdvance(text) + 2, height()), Qt::AlignVCenter, text);
    x += metrics.horizontalAdvance(text) + kPartGap;
  };
  for (const auto& segment : memorySegments(1, 1, 1, 1)) {
    painter.fillRect(QRect(x, (height() - kSquare) / 2, kSquare, kSquare), segment.colour);
    x += kSquare + kSquareGap;
    write(segment.name, tokens().textSecondary);
  }
  write(scaleText_, tokens().textTertiary);
}

}  // namespace luthier
