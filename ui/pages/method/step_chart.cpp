#include "pages/method/step_chart.h"

#include <QPainter>
#include <algorithm>
#include <cmath>

#include "theme/theme.h"
#include "widgets/format.h"

namespace luthier {

namespace {
/// An end of the axis that reads well, just above `value`.
double roundedUp(double value) {
  if (value <= 0) return 1;
  const double unit = std::pow(10, std::floor(std::log10(value)));
  for (const double step : {1.0, 2.0, 3.0, 4.0, 5.0, 6.0, 8.0})
    if (value <= step * unit) return step * unit;
  return 10 * unit;
}
}  // namespace

StepChart::StepChart(const QString& name, int series, QWidget* parent) : QWidget(parent), series_(series) {
  setObjectName(name);
  setSizePolicy(QSizePolicy::Expanding, QSizePolicy::Fixed);
}

void StepChart::setSteps(const std::vector<Step>& steps, double epochs, const QString& what,
                         std::function<QString(double)> text) {
  steps_ = steps;
  epochs_ = std::max(0.5, epochs);
  text_ = std::move(text);
  QStringList spoken;
  for (const Step& step : steps_) spoken << tr("%1 from epoch %2").arg(text_(step.value), numberText(step.from));
  setAccessibleName(what + ": " + spoken.join(", "));
  update();
}

void StepChart::paintEvent(QPaintEvent*) {
  if (steps_.empty()) return;
  const Tokens& t = tokens();
  QPainter painter(this);
  painter.setFont(luthier::font(TextStyle::caption));
  double highest = 0;
  for (const Step& step : steps_) highest = std::max(highest, step.value);
  const double top = roundedUp(highest);
  const int labels = painter.fontMetrics().horizontalAdvance(text_(top)) + 8, line = painter.fontMetrics().height();
  const QRectF area(labels, line / 2.0, width() - labels - 8, height() - line * 1.5 - 6);
  const auto at = [&](double epoch, double value) {
    return QPointF(area.left() + area.width() * std::min(1.0, epoch / epochs_),
                   area.bottom() - area.height() * value / top);
  };
  for (const double share : {0.0, 0.5, 1.0}) {
    const double y = at(0, share * top).y();
    painter.setPen(share == 0 ? t.lineStrong : t.gridLine);
    painter.drawLine(QPointF(area.left(), y), QPointF(area.right(), y));
    painter.setPen(t.textSecondary);
    painter.drawText(QRectF(0, y - line / 2.0, labels - 6, line), Qt::AlignRight | Qt::AlignVCenter,
                     text_(share * top));
  }
  const double every = std::max(1.0, std::ceil(epochs_ / std::max(1.0, area.width() / 28.0)));
  for (double epoch = 0; epoch <= epochs_ + 1e-9; epoch += every)
    painter.drawText(QRectF(at(epoch, 0).x() - 20, area.bottom() + 3, 40, line), Qt::AlignCenter, numberText(epoch));
  QPolygonF curve;
  for (std::size_t i = 0; i < steps_.size(); ++i) {
    const double until = i + 1 < steps_.size() ? steps_[i + 1].from : epochs_;
    curve << at(steps_[i].from, steps_[i].value) << at(until, steps_[i].value);
  }
  QColor fill = t.series(series_);
  fill.setAlphaF(0.14F);
  QPolygonF under = curve;
  under << QPointF(curve.last().x(), area.bottom()) << QPointF(curve.first().x(), area.bottom());
  painter.setPen(Qt::NoPen);
  painter.setBrush(fill);
  painter.drawPolygon(under);
  painter.setBrush(Qt::NoBrush);
  painter.setPen(QPen(t.series(series_), 1.6));
  painter.drawPolyline(curve);
}

}  // namespace luthier
