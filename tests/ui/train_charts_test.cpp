// What the curves of a run ring as its best evaluation: the one whose weights training kept.
#include "pages/train/train_charts.h"

#include "charts/metric_chart.h"
#include "pages/train/run_curves.h"
#include "support/window.h"

using namespace luthier;
using namespace luthier::testing;

class TrainChartsTest : public QObject {
  Q_OBJECT

  /// The step that the chart of the watched metric rings after these evaluations of accuracy and loss.
  static double ringed(double margin, const std::vector<std::pair<double, double>>& evaluations) {
    Recipe recipe;
    recipe.training.early_stopping = EarlyStoppingOptions{.metric = "accuracy", .min_delta = margin};
    RunCurves curves;
    std::int64_t step = 0;
    for (const auto& [accuracy, loss] : evaluations) {
      step += 72;
      curves.add({0, step, double(step) / 72, "validation.loss", loss});
      curves.add({0, step, double(step) / 72, "validation.accuracy", accuracy});
    }
    RunRow run;
    run.step = run.total_steps = step;
    run.status = RunStatus::success;
    TrainCharts charts;
    charts.setRun(&recipe);
    charts.show(run, curves, RunClock());
    const auto* chart = charts.findChild<MetricChart*>("metricChart");
    return chart && chart->best() ? chart->series(0).x(*chart->best()) : -1;
  }

 private Q_SLOTS:
  void ofEqualEvaluationsTheSurerOneIsRinged() {
    QCOMPARE(ringed(0, {{0.6, 1.3}, {0.9, 0.6}, {0.88, 0.4}, {0.9, 0.41}, {0.87, 0.38}}), 4 * 72.0);
  }
  void whatIsBetterByLessThanTheMarginIsNot() {
    QCOMPARE(ringed(0.05, {{0.6, 1.3}, {0.86, 0.6}, {0.9, 0.5}, {0.88, 0.4}}), 2 * 72.0);
  }
};

LUTHIER_WINDOW_TEST_MAIN(TrainChartsTest)
#include "train_charts_test.moc"
