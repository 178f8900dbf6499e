#pragma once
// The four charts of a run with their controls: smoothing, scale, axis, events, copy and save.
#include <QWidget>
#include <optional>
#include <vector>

#include "charts/chart_group.h"
#include "recipe/recipe.h"
#include "store/store.h"

class QCheckBox;
class QLabel;
class QSlider;

namespace luthier {

class MetricChart;
class RunClock;
class RunCurves;
class SegmentedControl;

/// An event that is numbered in the charts and in the list.
struct NumberedEvent {
  std::int64_t step = 0;
  int number = 0;
  QString text;
};

class TrainCharts : public QWidget {
  Q_OBJECT
 public:
  explicit TrainCharts(QWidget* parent = nullptr);
  /// The controls, to be placed above the charts.
  QWidget* toolbar() { return toolbar_; }
  ChartGroup& group() { return group_; }

  /// Another run: everything anew. `recipe` may be null.
  void setRun(const Recipe* recipe);
  /// The run was changed on its way: what is planned follows this recipe.
  void setPlan(const Recipe& recipe) { recipe_ = recipe; }
  void show(const RunRow& run, const RunCurves& curves, const RunClock& clock);
  void setEvents(std::vector<NumberedEvent> events);
  /// Puts the crosshair at a step.
  void showStep(std::int64_t step);
  void moveSmoothing(int ticks);
  void toggleScale();

 Q_SIGNALS:
  /// Something else is to be shown: call show() again.
  void wanted();

 private:
  struct Feed {  ///< which metric fills which line
    MetricChart* chart;
    int line;
    std::string metric;
    std::size_t taken = 0;
  };
  void makeToolbar();
  void buildLossCharts();
  void buildOtherCharts();
  void fill(Feed& feed, const RunCurves& curves, const RunClock& clock, bool anew);
  void fillPlan();
  void ringKept(const RunCurves& curves);
  void fillReferences(const RunCurves& curves);
  void placeEvents();
  double xOf(std::int64_t step, double epoch, const RunClock& clock) const;
  double xOfStep(double step) const;
  void chooseAxis(const QString& id);

  ChartGroup group_;
  QWidget* toolbar_;
  QSlider* smoothing_;
  QLabel* smoothingText_;
  SegmentedControl *scale_, *axis_, *gradientChoice_;
  QCheckBox* events_;
  MetricChart *loss_, *metric_, *rate_, *gradient_;
  std::optional<Recipe> recipe_;
  std::string charted_ = "loss";
  std::vector<Feed> feeds_;
  int planLine_ = 0, generation_ = -1;
  bool anew_ = true;
  std::int64_t settled_ = 0;
  std::vector<NumberedEvent> numbered_;
  RunRow run_;
  const RunClock* clock_ = nullptr;
};

}  // namespace luthier
