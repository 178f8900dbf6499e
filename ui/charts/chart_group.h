#pragma once
// What charts side by side have in common: smoothing, scale, the x axis with its zoom, the crosshair, event markers,
// and the tick at which they are drawn anew.
#include <QElapsedTimer>
#include <QList>
#include <QObject>
#include <QPointer>
#include <QTimer>
#include <functional>
#include <optional>
#include <utility>
#include <vector>

namespace luthier {

class MetricChart;

/// A numbered line over all charts.
struct ChartEvent {
  double x = 0;
  int number = 0;
  QString text;
};

/// How x is called and written.
struct ChartAxis {
  QString name = "step";                                   ///< "best 1.2 at step 2,400"
  QString unit = "step";                                   ///< of exported numbers
  std::function<QString(double x)> text;                   ///< whole, for the crosshair: "2,400"
  std::function<QString(double x, double step)> tickText;  ///< short, for the axis: "2k"
  /// Where ticks lie best; empty: round decimal steps.
  std::function<std::vector<double>(double lower, double upper, int count)> ticks;
};
ChartAxis stepAxis();
ChartAxis epochAxis();
/// Seconds.
ChartAxis timeAxis();

class ChartGroup : public QObject {
  Q_OBJECT
 public:
  explicit ChartGroup(QObject* parent = nullptr);

  void setSmoothing(double weight);
  double smoothing() const { return smoothing_; }
  void setLogScale(bool log);
  bool logScale() const { return logScale_; }
  /// Forgets zoom and crosshair: they mean something else now.
  void setAxis(const ChartAxis& axis);
  const ChartAxis& axis() const { return axis_; }
  /// What the x axis shows without zoom.
  void setFullRange(double lower, double upper);
  void zoom(double lower, double upper);
  void resetZoom();
  bool isZoomed() const { return zoom_.has_value(); }
  std::pair<double, double> range() const { return zoom_.value_or(full_); }
  void setEvents(std::vector<ChartEvent> events);
  const std::vector<ChartEvent>& events() const { return events_; }
  void setEventsShown(bool shown);
  bool eventsShown() const { return eventsShown_; }

  /// Where the crosshair stands in all charts; nullopt: nowhere, and the legends show the last values.
  void setCursor(std::optional<double> x);
  std::optional<double> cursor() const { return cursor_; }

  const QList<MetricChart*>& charts() const { return charts_; }
  /// All charts of the group in one picture or table; the ending says which: .png .svg .csv. Errors as the core throws
  /// them.
  void save(const QString& file) const;
  /// The chart that was clicked or focussed last, else all: as a picture and as a table of values.
  void copy() const;

  /// Draws `chart` at the next tick; every chart at most 30 times a second, and no longer than half a frame in a row.
  void redraw(MetricChart* chart);

 Q_SIGNALS:
  void zoomChanged();
  void cursorChanged();
  void scaleChanged();
  void smoothingChanged();

 private:
  friend class MetricChart;
  void add(MetricChart* chart);
  void remove(MetricChart* chart);
  void redrawAll();
  void tick();

  QList<MetricChart*> charts_, waiting_;
  MetricChart* active_ = nullptr;
  QTimer timer_;
  ChartAxis axis_;
  double smoothing_ = 0;
  bool logScale_ = false, eventsShown_ = true;
  std::pair<double, double> full_{0, 1};
  std::optional<std::pair<double, double>> zoom_;
  std::optional<double> cursor_;
  std::vector<ChartEvent> events_;
};

}  // namespace luthier
