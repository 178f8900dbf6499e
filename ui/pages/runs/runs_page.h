#pragma once
// All runs of the store: open, resume, delete, compare up to six.
#include <QLineEdit>
#include <map>

#include "charts/chart_group.h"
#include "pages/page.h"
#include "pages/runs/run_model.h"
#include "pages/runs/settings_diff.h"

class QComboBox;
class QStackedLayout;

namespace luthier {

class MetricChart;
class RunTable;
class SegmentedControl;

/// What is compared of one run.
struct RunCurveSet {
  ComparedRun run;
  QString shortName;
  std::map<std::string, std::vector<MetricRow>> metrics;
  QString id;
  RunStatus status = RunStatus::queued;  ///< and step: when this was read
  std::int64_t step = 0;
};

class RunsPage : public Page {
  Q_OBJECT
 public:
  explicit RunsPage(Workbench& workbench, QWidget* parent = nullptr);
  void shown() override;
  QPushButton* primaryButton() const override { return open_; }
  /// Ticks these, in this order.
  void compareRuns(const QStringList& runs);

 private:
  QString current() const;
  void updateButtons();
  void compare();
  /// The curves of ticked runs that go on grow.
  void compareAgain();
  void showCompared();
  void drawOverlay();
  void askDelete();
  void deleteNow();
  void exportTable();

  RunModel model_;
  RunFilter filter_;
  RunTable* table_;
  QLineEdit* filterEdit_;
  SegmentedControl *scope_, *axis_;
  QPushButton *open_, *resume_, *repeat_, *delete_;
  QWidget *compareRow_, *confirm_, *empty_, *filled_;
  QLabel* confirmText_;
  ErrorCard* error_;
  ChartGroup group_;
  MetricChart* chart_;
  QComboBox* metric_;
  SettingsDiff* diff_;
  std::vector<RunCurveSet> compared_;  ///< of the ticked runs, in their order
  int round_ = 0;
  QTimer again_;
};

}  // namespace luthier
