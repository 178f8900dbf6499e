#include "charts/chart_overlay.h"

#include <algorithm>
#include <cmath>

#include "charts/metric_chart.h"
#include "theme/theme.h"

namespace luthier {

ChartOverlay::ChartOverlay(QCustomPlot& plot, const MetricChart& chart)
    : QCPLayerable(&plot, "overlay"), chart_(chart) {}

void ChartOverlay::applyDefaultAntialiasingHint(QCPPainter* painter) const { painter->setAntialiasing(true); }

QRect ChartOverlay::clipRect() const { return mParentPlot->viewport(); }

double ChartOverlay::pixelX(double x) const { return mParentPlot->xAxis->coordToPixel(x); }

double ChartOverlay::pixelY(double value) const { return mParentPlot->yAxis->coordToPixel(value); }

void ChartOverlay::draw(QCPPainter* painter) {
  const QRectF area = mParentPlot->axisRect()->rect();
  if (area.width() < 8 || area.height() < 8) return;
  if (std::none_of(chart_.lines_.begin(), chart_.lines_.end(),
                   [](const auto& line) { return line.series.size() > 0; })) {
    painter->setFont(font(TextStyle::small));
    painter->setPen(tokens().textTertiary);
    painter->drawText(area, Qt::AlignCenter, QObject::tr("No values yet"));
    return;
  }
  drawReferences(*painter, area);
  if (chart_.group_.eventsShown()) drawEvents(*painter, area);
  drawBest(*painter, area);
  if (chart_.dragFrom_ && chart_.dragTo_) {
    QColor fill = tokens().accent;
    fill.setAlphaF(0.14f);
    painter->fillRect(
        QRectF(QPointF(*chart_.dragFrom_, area.top()), QPointF(*chart_.dragTo_, area.bottom())).normalized() & area,
        fill);
  }
  drawCursor(*painter, area);
}

void ChartOverlay::drawReferences(QPainter& painter, const QRectF& area) const {
  painter.setFont(font(TextStyle::caption));
  for (const ChartReference& reference : chart_.references_) {
    const double y = pixelY(reference.value);
    if (!std::isfinite(y) || y < area.top() || y > area.bottom()) continue;
    const QColor colour = reference.warning ? tokens().warningLine : tokens().series6;
    QPen pen(colour, 1);
    pen.setDashPattern({4, 3});
    painter.setPen(pen);
    painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
    painter.setPen(reference.warning ? tokens().warning : tokens().textTertiary);
    // Where a small chart has its best point at the right, the name goes to the left.
    const auto best = area.width() < 320 ? chart_.best() : std::nullopt;
    const bool left = best && pixelX(chart_.series(*chart_.bestLine_).x(*best)) > area.center().x();
    const double height = painter.fontMetrics().height();
    const double top = y - height - 1 >= area.top() ? y - height - 1 : y + 2;
    painter.drawText(QRectF(area.left(), top, area.width(), height),
                     (left ? Qt::AlignLeft : Qt::AlignRight) | Qt::AlignVCenter, reference.text);
  }
}

void ChartOverlay::drawEvents(QPainter& painter, const QRectF& area) const {
  QFont face = font(TextStyle::monoCaption);
  face.setBold(true);
  painter.setFont(face);
  double taken = -1e9;  // right end of the last number
  for (const ChartEvent& event : chart_.group_.events()) {
    const double x = std::round(pixelX(event.x)) + 0.5;
    if (!std::isfinite(x) || x < area.left() - 0.5 || x > area.right() + 0.5) continue;
    QPen pen(tokens().textTertiary, 1);
    pen.setDashPattern({2, 3});
    painter.setPen(pen);
    painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
    const QString number = QString::number(event.number);
    const double width = std::max(14.0, painter.fontMetrics().horizontalAdvance(number) + 6.0);
    if (x - width / 2 < taken + 1) continue;
    const QRectF box(std::clamp(x - width / 2, area.left(), std::max(area.left(), area.right() - width)), area.top(),
                     width, 14);
    taken = box.right();
    painter.setPen(QPen(tokens().textSecondary, 1));
    painter.setBrush(tokens().surface);
    painter.drawRoundedRect(box, 3, 3);
    painter.setBrush(Qt::NoBrush);
    painter.setPen(tokens().textPrimary);
    painter.drawText(box, Qt::AlignCenter, number);
  }
}

void ChartOverlay::drawBest(QPainter& painter, const QRectF& area) const {
  const auto index = chart_.best();
  if (!index) return;
  const ChartSeries& series = chart_.series(*chart_.bestLine_);
  const double value = series.raw(*index);
  const QPointF at(pixelX(series.x(*index)), pixelY(value));
  if (!area.adjusted(-1, -1, 1, 1).contains(at)) return;
  const QColor colour = tokens().series(chart_.line(*chart_.bestLine_).colour);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(colour, 1.8));
  painter.drawEllipse(at, 6, 6);
  painter.setBrush(colour);
  painter.drawEllipse(at, 2, 2);
  painter.setBrush(Qt::NoBrush);

  const QString text = QObject::tr("best %1").arg(chart_.valueText(value));
  const QString note = chart_.group_.axis().name + " " + chart_.group_.axis().text(series.x(*index)) +
                       (chart_.bestNote_.isEmpty() ? QString() : ", " + chart_.bestNote_);
  QFont strong = font(TextStyle::caption);
  strong.setBold(true);
  const QFontMetricsF bold(strong), plain(font(TextStyle::caption));
  const double width = std::max(bold.horizontalAdvance(text), plain.horizontalAdvance(note)) + 2;
  const double line = plain.height(), height = line * 2;
  const bool right = at.x() + 22 + width <= area.right() || at.x() - 22 - width < area.left();
  const bool above = at.y() - 20 - height >= area.top() + 16;  // event numbers stand in the uppermost row
  if (!above && at.y() + 20 + height > area.bottom()) return;
  QRectF box(right ? at.x() + 22 : at.x() - 22 - width, above ? at.y() - 20 - height : at.y() + 20, width, height);
  box.moveLeft(std::clamp(box.left(), area.left(), std::max(area.left(), area.right() - width)));
  QColor behind = tokens().surface;
  behind.setAlphaF(0.8f);
  painter.fillRect(box, behind);
  painter.setPen(QPen(tokens().textTertiary, 1));
  const QPointF end(right ? box.left() - 2 : box.right() + 2, above ? box.top() + line / 2 : box.top() + line / 2);
  const QPointF toward = (end - at) / std::hypot(end.x() - at.x(), end.y() - at.y());
  painter.drawLine(at + toward * 7, end);
  painter.setFont(strong);
  painter.setPen(tokens().textPrimary);
  painter.drawText(QRectF(box.left(), box.top(), width, line), Qt::AlignVCenter | Qt::AlignLeft, text);
  painter.setFont(font(TextStyle::caption));
  painter.setPen(tokens().textTertiary);
  painter.drawText(QRectF(box.left(), box.top() + line, width, line), Qt::AlignVCenter | Qt::AlignLeft, note);
}

void ChartOverlay::drawCursor(QPainter& painter, const QRectF& area) const {
  const auto cursor = chart_.group_.cursor();
  if (!cursor) return;
  const double x = std::round(pixelX(*cursor)) + 0.5;
  if (!std::isfinite(x) || x < area.left() - 0.5 || x > area.right() + 1) return;
  painter.setPen(QPen(tokens().textPrimary, 1));
  painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
  for (int i = 0; i < chart_.lineCount(); ++i) {
    const ChartSeries& series = chart_.series(i);
    if (series.size() == 0 || *cursor > series.x(series.size() - 1) || *cursor < series.x(0)) continue;
    const std::size_t index = series.nearest(*cursor);
    const QPointF at(pixelX(series.x(index)),
                     pixelY(chart_.line(i).smoothed ? series.smooth(index) : series.raw(index)));
    if (!area.adjusted(-1, -1, 1, 1).contains(at)) continue;
    painter.setPen(QPen(tokens().surface, 1.5));
    painter.setBrush(tokens().series(chart_.line(i).colour));
    painter.drawEllipse(at, 4, 4);
  }
  painter.setFont(font(TextStyle::monoCaption));
  const QString text = chart_.group_.axis().text(*cursor);
  const double width = painter.fontMetrics().horizontalAdvance(text) + 10, height = painter.fontMetrics().height() + 2;
  const double right = mParentPlot->viewport().right() - 1.0;
  const QRectF box(std::clamp(x - width / 2, area.left() - 8, std::max(area.left() - 8, right - width)),
                   area.bottom() + 2, width, height);
  painter.setPen(Qt::NoPen);
  painter.setBrush(tokens().tooltip);
  painter.drawRoundedRect(box, 3, 3);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(tokens().tooltipText);
  painter.drawText(box, Qt::AlignCenter, text);
}

}  // namespace luthier
