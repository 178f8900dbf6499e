#pragma once
// Preflight: one real step before the start, what it measured, what is wrong and the buttons that put it right.
#include <QPointer>
#include <QTimer>

#include "pages/page.h"
#include "pages/preflight/preflight_result.h"

class QBoxLayout;
class QProgressBar;

namespace luthier {

class CheckList;
class MemoryComparison;
class ProblemList;
class TokenShare;
class VerdictCard;

class PreflightPage : public Page {
  Q_OBJECT
 public:
  explicit PreflightPage(Workbench& workbench, QWidget* parent = nullptr);

  StateKind state() const override;
  void shown() override;
  QPushButton* primaryButton() const override { return startButton_; }
  QList<QAction*> pageActions() const override;

 protected:
  void resizeEvent(QResizeEvent*) override;

 private:
  void makeHeader();
  void makeBody();
  QWidget* makeRunning();
  void fitFigures();

  void runOrCancel();
  void runPreflight();
  void takeResult(const std::optional<ErrorText>& error, const Json& started);
  void startOrCheck();
  void startTraining();
  void applyFix(const QString& id, const PreflightResult::Fix& fix);
  void documentChanged(const QStringList& paths);
  void showError(const ErrorText& error);

  /// Shows what there is to show now; cheap.
  void refresh();
  void refreshHeader(bool ready);
  void refreshEmpty(bool ready);
  bool hasResult() const { return !workbench().facts.preflight().is_null(); }
  bool isStale() const { return workbench().facts.preflightStale(); }

  QPushButton *runButton_, *startButton_;
  QAction* runAction_;
  EmptyState* empty_;
  QPushButton *emptyFirst_, *emptySecond_;
  ProblemList* problems_;
  ErrorCard* error_;
  QWidget* running_;
  QLabel* stage_;
  QProgressBar* progress_;
  VerdictCard* verdict_;
  QWidget* figures_;
  QBoxLayout* pair_;
  MemoryComparison* memory_;
  TokenShare* tokens_;
  CheckList* checks_;

  PreflightResult result_;
  QPointer<CliJob> job_;
  Json found_;    ///< what the running job has said
  QTimer again_;  ///< runs the preflight anew once edits have settled
  bool startAfter_ = false;
  bool failed_ = false;  ///< error_ tells of the last attempt
};

}  // namespace luthier
