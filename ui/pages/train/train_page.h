#pragma once
// Train: the shown run while it goes on and after it has ended; pauses, resumes, stops it.
#include <memory>
#include <nlohmann/json.hpp>

#include "pages/page.h"
#include "pages/train/event_list.h"
#include "pages/train/run_curves.h"

class QScrollArea;
class QStackedWidget;
class QTabBar;

namespace luthier {

class AmendCard;
class EvaluationPanel;
class LogView;
class RunBanner;
class RunSettings;
class SamplesPanel;
class SegmentedControl;
class TrainCharts;
class TrainStats;

class TrainPage : public Page {
  Q_OBJECT
 public:
  explicit TrainPage(Workbench& workbench, QWidget* parent = nullptr);
  ~TrainPage() override;

  StateKind state() const override;
  void shown() override;
  QPushButton* primaryButton() const override;
  QList<QAction*> pageActions() const override { return actions_; }
  /// The run that is shown now; "" when there is none.
  QString run() const { return run_; }

 protected:
  void resizeEvent(QResizeEvent* event) override;
  void showEvent(QShowEvent* event) override;

 private:
  const RunRow* row() const;
  void makeHeader();
  QWidget* makeBody();
  QWidget* makeLower();
  QWidget* makeSide();
  void makeActions();
  void followShownRun();
  void attach(const QString& run);
  void takeMetrics(int first);
  void takeEvents(int first);
  void showSide();
  /// Looks at the run's row: header, banner, error.
  void refreshState();
  /// Stats, charts and panel, when the page is in sight.
  void refreshNumbers();
  void showBanner(const RunRow& run);
  void showError(const RunRow& run);
  void send(const std::string& kind, const Json& detail = Json::object());
  void amend();
  void recipeAmended();
  bool writesText() const;  ///< a language model, which answers prompts
  void resume();
  void askToStop(bool ask);

  QString run_;
  std::optional<Recipe> recipe_;
  std::unique_ptr<RunFeed> feed_;
  RunCurves curves_;
  RunClock clock_;
  EventModel events_;
  std::vector<ArtefactRow> artefacts_;
  std::string asked_;  ///< the command that was sent and has not taken effect
  bool stopQuestion_ = false, checkpointAsked_ = false, sampleAsked_ = false, stale_ = false;
  QString stateShown_;
  std::optional<ErrorText> problem_;  ///< of the last thing that was asked for

  QStackedWidget* stack_;
  EmptyState* empty_;
  QPushButton *checkpoint_, *pause_, *resume_, *stop_;
  RunBanner* banner_;
  AmendCard* amend_;
  ErrorCard* error_;
  TrainStats* stats_;
  TrainCharts* charts_;
  QWidget* side_;
  SegmentedControl* sideChoice_;
  QStackedWidget* sideStack_;
  SamplesPanel* samples_;
  EvaluationPanel* panel_;
  QTabBar* tabs_;
  QStackedWidget* lower_;
  QWidget* lowerCard_;
  QPushButton* fold_;
  EventList* eventList_;
  LogView* log_;
  RunSettings* settings_;
  QTimer second_;
  /// Numbers and charts once for all that has come, and after the page is there: laying it out and filling it at once
  /// would take longer than a key may wait.
  QTimer refreshSoon_;
  QList<QAction*> actions_;
};

}  // namespace luthier
