#include "pages/method/rate_chart.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

#include "theme/theme.h"
#include "widgets/format.h"

namespace luthier {

RateChart::RateChart(QWidget* parent) : QWidget(parent) {
  setObjectName("rateTestChart");
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
  connect(&theme(), &Theme::changed, this, [this] { update(); });
}

void RateChart::setTest(const RateTest& test) {
  test_ = test;
  QString spoken = tr("Loss by learning rate, %1 steps").arg(test_.points.size());
  if (!test_.points.empty()) {
    const auto low = std::min_element(test_.points.begin(), test_.points.end(),
                                      [](auto& a, auto& b) { return a.smoothed < b.smoothed; });
    spoken += tr(", lowest %1 at %2").arg(numberText(low->smoothed), numberText(low->rate));
  }
  if (const auto rate = test_.suggested()) spoken += tr(", suggested %1").arg(numberText(*rate));
  setAccessibleName(spoken);
  update();
}

void RateChart::paintEvent(QPaintEvent*) {
  if (test_.points.size() < 2) return;
  const Tokens& t = tokens();
  QPainter painter(this);
  painter.setRenderHint(QPainter::Antialiasing);
  painter.setFont(luthier::font(TextStyle::caption));
  double low = test_.points[0].smoothed, high = low;
  for (const RatePoint& point : test_.points) {
    low = std::min(low, point.smoothed);
    high = std::max(high, point.smoothed);
  }
  // A loss that ran away would flatten what matters.
  high = std::min(high, low + 2.5 * std::max(1e-9, test_.points[0].smoothed - low) + 0.02 * std::abs(low));
  low -= 0.05 * (high - low);
  high += 0.05 * (high - low);
  const int line = painter.fontMetrics().height(), labels = painter.fontMetrics().horizontalAdvance("0.0000") + 8;
  const QRectF area(labels, 4, width() - labels - 10, height() - line - 12);
  const double from = std::log10(test_.points.front().rate), to = std::log10(test_.points.back().rate);
  const auto at = [&](double rate, double loss) {
    return QPointF(area.left() + area.width() * (std::log10(rate) - from) / std::max(1e-9, to - from),
                   area.bottom() - area.height() * (loss - low) / std::max(1e-12, high - low));
  };
  for (int power = int(std::ceil(from)); power <= int(std::floor(to)); ++power) {
    const double x = at(std::pow(10, power), low).x();
    painter.setPen(t.gridLine);
    painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
    painter.setPen(t.textSecondary);
    painter.drawText(QRectF(x - 30, area.bottom() + 4, 60, line), Qt::AlignCenter, QString("1e%1").arg(power));
  }
  for (const double share : {0.0, 0.5, 1.0}) {
    const double loss = low + share * (high - low), y = at(test_.points[0].rate, loss).y();
    painter.setPen(t.gridLine);
    painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
    painter.setPen(t.textSecondary);
    painter.drawText(QRectF(0, y - line / 2.0, labels - 6, line), Qt::AlignRight | Qt::AlignVCenter, numberText(loss));
  }
  painter.setClipRect(area.adjusted(-2, -2, 2, 2));
  QPolygonF raw, smooth;
  for (const RatePoint& point : test_.points) {
    raw << at(point.rate, point.loss);
    smooth << at(point.rate, point.smoothed);
  }
  QColor faint = t.series1;
  faint.setAlphaF(0.28F);
  painter.setPen(QPen(faint, 1));
  painter.drawPolyline(raw);
  painter.setPen(QPen(t.series1, 1.8));
  painter.drawPolyline(smooth);
  const auto rate = test_.suggested();
  if (!rate) return;
  const double x = at(*rate, low).x();
  painter.setPen(QPen(t.series2, 1.4, Qt::DashLine));
  painter.drawLine(QPointF(x, area.top()), QPointF(x, area.bottom()));
  painter.setPen(t.series2);
  const bool left = x > area.center().x();
  painter.drawText(QRectF(left ? x - 84 : x + 4, area.top(), 80, line), left ? Qt::AlignRight : Qt::AlignLeft,
                   numberText(*rate));
}

}  // namespace luthier
