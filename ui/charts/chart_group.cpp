#include "charts/chart_group.h"

#include <algorithm>
#include <cmath>

#include "charts/axis_ticks.h"
#include "charts/chart_export.h"
#include "charts/metric_chart.h"
#include "widgets/format.h"

namespace luthier {

namespace {
constexpr int kTickMilliseconds = 34;  // below 30 a second
constexpr qint64 kDrawMilliseconds = 8;

std::vector<double> clockTicks(double lower, double upper, int count) {
  static constexpr double kSteps[] = {0.1, 0.2, 0.5, 1,   2,    5,    10,   15,    30,    60,
                                      120, 300, 600, 900, 1800, 3600, 7200, 10800, 21600, 43200};
  double step = 86400;
  for (const double each : kSteps)
    if ((upper - lower) / each <= count) {
      step = each;
      break;
    }
  while ((upper - lower) / step > count) step *= 2;
  std::vector<double> ticks;
  for (double index = std::ceil(lower / step); index * step <= upper; ++index) ticks.push_back(index * step);
  return ticks;
}
}  // namespace

ChartAxis stepAxis() {
  return {QObject::tr("step"), "step", [](double x) { return countText(std::llround(x)); }, tickText, {}};
}

ChartAxis epochAxis() {
  return {QObject::tr("epoch"), "epoch", [](double x) { return QString::number(x, 'f', 2); }, tickText, {}};
}

ChartAxis timeAxis() {
  return {QObject::tr("time"), "seconds", [](double x) { return clockDurationText(x); },
          [](double x, double step) { return step < 1 ? tickText(x, step) : clockDurationText(x); }, clockTicks};
}

ChartGroup::ChartGroup(QObject* parent) : QObject(parent), axis_(stepAxis()) {
  timer_.setInterval(kTickMilliseconds);
  timer_.setTimerType(Qt::PreciseTimer);
  connect(&timer_, &QTimer::timeout, this, &ChartGroup::tick);
}

void ChartGroup::add(MetricChart* chart) { charts_.push_back(chart); }

void ChartGroup::remove(MetricChart* chart) {
  charts_.removeAll(chart);
  waiting_.removeAll(chart);
  if (active_ == chart) active_ = nullptr;
}

void ChartGroup::redraw(MetricChart* chart) {
  if (!waiting_.contains(chart)) waiting_.push_back(chart);
  if (!timer_.isActive()) timer_.start();
}

void ChartGroup::redrawAll() {
  for (MetricChart* chart : charts_) redraw(chart);
}

void ChartGroup::tick() {
  QElapsedTimer clock;
  clock.start();
  // The first to wait is the first to be drawn, so that none starves.
  for (int left = int(waiting_.size()); left > 0 && clock.elapsed() < kDrawMilliseconds; --left) {
    MetricChart* chart = waiting_.takeFirst();
    if (chart->isVisible()) chart->replot();
  }
  if (waiting_.isEmpty()) timer_.stop();
}

void ChartGroup::setSmoothing(double weight) {
  if (weight == smoothing_) return;
  smoothing_ = weight;
  for (MetricChart* chart : charts_) chart->smoothingMoved();
  redrawAll();
  Q_EMIT smoothingChanged();
}

void ChartGroup::setLogScale(bool log) {
  if (log == logScale_) return;
  logScale_ = log;
  redrawAll();
  Q_EMIT scaleChanged();
}

void ChartGroup::setAxis(const ChartAxis& axis) {
  axis_ = axis;
  resetZoom();
  setCursor(std::nullopt);
  redrawAll();
}

void ChartGroup::setFullRange(double lower, double upper) {
  if (!(upper > lower)) upper = lower + 1;
  if (full_ == std::pair{lower, upper}) return;
  full_ = {lower, upper};
  if (!zoom_) redrawAll();
}

void ChartGroup::zoom(double lower, double upper) {
  if (!(upper > lower)) return;
  zoom_ = {lower, upper};
  redrawAll();
  Q_EMIT zoomChanged();
}

void ChartGroup::resetZoom() {
  if (!zoom_) return;
  zoom_.reset();
  redrawAll();
  Q_EMIT zoomChanged();
}

void ChartGroup::setEvents(std::vector<ChartEvent> events) {
  events_ = std::move(events);
  redrawAll();
}

void ChartGroup::setEventsShown(bool shown) {
  eventsShown_ = shown;
  redrawAll();
}

void ChartGroup::setCursor(std::optional<double> x) {
  if (x == cursor_) return;
  cursor_ = x;
  for (MetricChart* chart : charts_) chart->cursorMoved();
  Q_EMIT cursorChanged();
}

void ChartGroup::save(const QString& file) const { saveCharts(charts_, file); }

void ChartGroup::copy() const { copyCharts(active_ ? QList<MetricChart*>{active_} : charts_); }

}  // namespace luthier
