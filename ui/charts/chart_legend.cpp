#include "charts/chart_legend.h"

#include <QPainter>

#include "theme/theme.h"

namespace luthier {

namespace {
constexpr int kDash = 13, kDashGap = 5, kEntryGap = 14;
}

ChartLegend::ChartLegend(QWidget* parent) : QWidget(parent) {
  setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Fixed);
  setAttribute(Qt::WA_TransparentForMouseEvents);
}

void ChartLegend::setEntries(const std::vector<Entry>& entries) {
  if (entries == entries_) return;
  const int before = widthOf(true);
  entries_ = entries;
  QString spoken;
  for (const Entry& entry : entries_) spoken += (spoken.isEmpty() ? "" : ", ") + entry.name + " " + entry.value;
  setAccessibleName(spoken);
  if (widthOf(true) != before) updateGeometry();
  update();
}

int ChartLegend::widthOf(const Entry& entry, bool withName) const {
  int width = kDash;
  if (withName) width += kDashGap + QFontMetrics(luthier::font(TextStyle::small)).horizontalAdvance(entry.name);
  if (!entry.value.isEmpty())
    width += kDashGap + QFontMetrics(luthier::font(TextStyle::mono)).horizontalAdvance(entry.value);
  return width;
}

int ChartLegend::widthOf(bool withNames) const {
  int width = 0;
  for (const Entry& entry : entries_) width += (width ? kEntryGap : 0) + widthOf(entry, withNames);
  return width;
}

QSize ChartLegend::sizeHint() const { return {widthOf(true), scaled(20)}; }

void ChartLegend::paint(QPainter& painter, const QRect& rect) const {
  const bool names = widthOf(true) <= rect.width();
  const QFont nameFont = luthier::font(TextStyle::small), valueFont = luthier::font(TextStyle::mono);
  int x = rect.right() + 1 - widthOf(names);
  painter.save();
  painter.setRenderHint(QPainter::Antialiasing);
  for (const Entry& entry : entries_) {
    QPen pen(tokens().series(entry.colour), 1.8, entry.dashed ? Qt::CustomDashLine : Qt::SolidLine, Qt::FlatCap);
    if (entry.dashed) pen.setDashPattern({1.6, 1.2});
    painter.setPen(pen);
    const double middle = rect.center().y() + 0.5;
    painter.drawLine(QPointF(x, middle), QPointF(x + kDash, middle));
    int at = x + kDash + kDashGap;
    const auto text = [&](const QString& what, const QFont& face, const QColor& colour) {
      const int width = QFontMetrics(face).horizontalAdvance(what);
      painter.setFont(face);
      painter.setPen(colour);
      painter.drawText(QRect(at, rect.top(), width + 1, rect.height()), Qt::AlignVCenter | Qt::AlignLeft, what);
      at += width + kDashGap;
    };
    if (names) text(entry.name, nameFont, tokens().textSecondary);
    if (!entry.value.isEmpty()) text(entry.value, valueFont, tokens().textPrimary);
    x += widthOf(entry, names) + kEntryGap;
  }
  painter.restore();
}

void ChartLegend::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  paint(painter, rect());
}

}  // namespace luthier
