// MetricChart: what is drawn, and what is said.
#include "charts/plot_library.h"

#include <algorithm>
#include <cmath>

#include "charts/axis_ticks.h"
#include "charts/chart_graph.h"
#include "charts/chart_legend.h"
#include "charts/chart_table.h"
#include "charts/given_ticker.h"
#include "charts/metric_chart.h"
#include "theme/theme.h"

namespace luthier {

namespace {
constexpr std::size_t kFew = 40;  // with so few values none is an outlier
// With more points a column of pixels than this, what is drawn is what they cover.
constexpr double kRawPerPixel = 0.6, kSmoothPerPixel = 1.5;

struct FillRange {
  double lower, upper;
  int pixels;
  bool log;
};

/// Widens `lowest`..`highest` by the values but for this share on either side.
void widen(std::vector<double>& values, double share, double& lowest, double& highest) {
  if (values.empty()) return;
  const std::size_t cut = values.size() <= kFew ? 0 : std::size_t(double(values.size()) * share);
  std::nth_element(values.begin(), values.begin() + std::ptrdiff_t(cut), values.end());
  lowest = std::min(lowest, values[cut]);
  const std::size_t high = values.size() - 1 - cut;
  std::nth_element(values.begin(), values.begin() + std::ptrdiff_t(high), values.end());
  highest = std::max(highest, values[high]);
}

/// Gives the graph what it has to draw, and `values` what can be seen of it.
void fill(ChartGraph* graph, const ChartSeries& series, bool smooth, const FillRange& range, double perPixel,
          std::vector<double>& values) {
  values.clear();
  if (double(series.countBetween(range.lower, range.upper)) > perPixel * range.pixels) {
    std::vector<ValueSpan> columns;
    series.columns(smooth, range.lower, range.upper, range.pixels, columns);
    for (const ValueSpan& span : columns)
      for (const double value : {span.low, span.high})
        if (std::isfinite(value) && (!range.log || value > 0)) values.push_back(value);
    graph->setColumns(std::move(columns));
    graph->data()->clear();
    return;
  }
  std::vector<QPointF> points;
  series.points(smooth, range.lower, range.upper, points);
  QVector<QCPGraphData> data;
  data.reserve(qsizetype(points.size()));
  for (const QPointF& point : points) {
    const bool there = std::isfinite(point.y()) && (!range.log || point.y() > 0);
    data.push_back(QCPGraphData(point.x(), there ? point.y() : std::numeric_limits<double>::quiet_NaN()));
    if (there && point.x() >= range.lower && point.x() <= range.upper) values.push_back(point.y());
  }
  graph->setColumns({});
  graph->data()->set(data, true);
}
}  // namespace

void MetricChart::drawLines(double& lowest, double& highest) {
  const bool log = logarithmic();
  const auto [lower, upper] = group_.range();
  const FillRange range{lower, upper, std::max(plot_->axisRect()->width(), 40), log};
  std::vector<double> values;
  for (Line& line : lines_) {
    const bool smooth = line.look.smoothed && group_.smoothing() > 0;
    if (line.raw) {
      line.raw->setVisible(smooth);
      if (smooth) {
        fill(line.raw, line.series, false, range, kRawPerPixel, values);
        widen(values, 0.02, lowest, highest);
      }
    }
    fill(line.main, line.series, smooth, range, smooth ? kSmoothPerPixel : kRawPerPixel, values);
    widen(values, line.look.smoothed ? 0.005 : 0, lowest, highest);
  }
  if (!(highest >= lowest)) return;  // a limit alone makes no chart
  for (const ChartReference& reference : references_)
    if (std::isfinite(reference.value) && (!log || reference.value > 0)) {
      lowest = std::min(lowest, reference.value);
      highest = std::max(highest, reference.value);
    }
}

void MetricChart::setTicks(double lowest, double highest) {
  const bool log = logarithmic();
  const int count = std::clamp(plot_->axisRect()->height() / 32, 2, 6);
  AxisTicks y;
  if (!(highest >= lowest)) {
    y = {0.5, 1, {}};  // nothing to show: no ticks either
  } else if (log) {
    y = logTicks(lowest, highest > lowest ? highest : lowest * 1.1, count);
    if (y.lower == lowest) y.lower *= 0.93;
    if (y.upper == highest) y.upper *= 1.07;
  } else {
    y = linearTicks(std::max(lowest, lowestValue_), std::min(highest, highestValue_), count, true);
    y.lower = std::max(y.lower, lowestValue_);
    y.upper = std::min(y.upper, highestValue_);
    std::erase_if(y.ticks, [&](double tick) { return tick < y.lower - 1e-12 || tick > y.upper + 1e-12; });
  }
  plot_->yAxis->setScaleType(log ? QCPAxis::stLogarithmic : QCPAxis::stLinear);
  plot_->yAxis->setRange(y.lower, y.upper);
  GivenTicker& yTicker = tickerOf(plot_->yAxis);
  const bool even = y.ticks.size() > 1 && (!log || y.upper / y.lower < 9);
  yTicker.ticks = y.ticks;
  yTicker.labels.clear();
  for (const double tick : y.ticks) yTicker.labels.push_back(tickText_(tick, even ? y.ticks[1] - y.ticks[0] : tick));

  const auto [lower, upper] = group_.range();
  plot_->xAxis->setRange(lower, upper);
  const ChartAxis& axis = group_.axis();
  const int xCount = std::clamp(plot_->axisRect()->width() / 62, 2, 8);
  GivenTicker& xTicker = tickerOf(plot_->xAxis);
  xTicker.ticks = axis.ticks ? axis.ticks(lower, upper, xCount) : linearTicks(lower, upper, xCount, false).ticks;
  xTicker.labels.clear();
  if (!(highest >= lowest)) xTicker.ticks.clear();
  const double step = xTicker.ticks.size() > 1 ? xTicker.ticks[1] - xTicker.ticks[0] : upper - lower;
  for (const double tick : xTicker.ticks) xTicker.labels.push_back(axis.tickText(tick, step));
}

void MetricChart::replot() {
  double lowest = std::numeric_limits<double>::infinity(), highest = -lowest;
  drawLines(lowest, highest);
  setTicks(lowest, highest);
  updateLegend();
  if (table_) table_->refresh();
  if (const QString text = spoken(); text != accessibleName()) setAccessibleName(text);
  plot_->replot(QCustomPlot::rpQueuedRefresh);
}

void MetricChart::updateLegend() {
  std::vector<ChartLegend::Entry> entries;
  for (const Line& line : lines_) {
    if (!line.look.inLegend) continue;
    ChartLegend::Entry entry{line.look.name, {}, line.look.colour, line.look.dashed};
    if (line.series.size() > 0 && !line.look.dashed) {
      const auto cursor = group_.cursor();
      const std::size_t index = cursor ? line.series.nearest(*cursor) : line.series.size() - 1;
      entry.value = valueText_(line.look.smoothed ? line.series.smooth(index) : line.series.raw(index));
    }
    entries.push_back(entry);
  }
  legend_->setEntries(entries);
}

QString MetricChart::spoken() const {
  QString text = title_;
  for (int i = 0; i < lineCount(); ++i) {
    const ChartSeries& values = series(i);
    if (values.size() == 0 || !line(i).inLegend || line(i).dashed) continue;
    const std::size_t last = values.size() - 1;
    text +=
        tr(". %1: last %2 at %3 %4")
            .arg(line(i).name, valueText_(values.raw(last)), group_.axis().name, group_.axis().text(values.x(last)));
    if (bestLine_ == i)
      if (const auto index = best())
        text += tr(", best %1 at %2 %3")
                    .arg(valueText_(values.raw(*index)), group_.axis().name, group_.axis().text(values.x(*index)));
  }
  return text;
}

}  // namespace luthier
