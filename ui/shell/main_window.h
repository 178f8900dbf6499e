#pragma once
// The window: rail, page, run card, status bar; which page is in front; keys; opening of projects and files.
#include <QMainWindow>
#include <memory>

#include "pages/page.h"

class QStackedWidget;

namespace luthier {

class CommandPalette;
class PagesAhead;
class RunCard;
class StepRail;

class MainWindow : public QMainWindow {
  Q_OBJECT
 public:
  /// `home`: the run store's folder; errors as RunStore throws them.
  explicit MainWindow(const std::filesystem::path& home, QWidget* parent = nullptr);
  ~MainWindow() override;

  Workbench& workbench() { return *workbench_; }
  void goTo(Step step);
  Step step() const { return step_; }
  /// A project folder, a recipe file or a data file; what went wrong is shown in the window.
  void openPath(const QString& path);
  QWidget* page(Step step) const;

 protected:
  void closeEvent(QCloseEvent*) override;
  void resizeEvent(QResizeEvent*) override;
  void showEvent(QShowEvent*) override;
  bool eventFilter(QObject* watched, QEvent* event) override;

 private:
  void addPage(Step step, QWidget* page);
  void addKeys();
  void openPalette();
  void applySettings();
  void updateStates();
  void showError(const ErrorText& error);
  void foldCard();
  bool showHelp(const QWidget& widget);
  QString projectOf(const QString& path);
  std::filesystem::path newProjectFolder(const QString& name) const;
  QAction* addKey(const QString& text, const QKeySequence& keys, std::function<void()> run);

  Settings settings_;
  Document document_;
  JobList jobs_;
  RunStore runs_;
  ProjectFacts facts_;
  std::unique_ptr<Workbench> workbench_;
  QStackedWidget* stack_;
  StepRail* rail_;
  RunCard* card_;
  QWidget* errorPlace_;
  ErrorCard* error_;
  CommandPalette* palette_;
  QHash<int, QWidget*> pages_;
  QList<QAction*> actions_;
  Step step_ = Step::home;
  QString shownRun_;
  PagesAhead* ahead_;
  bool cardChosen_ = false;  ///< the user folded or unfolded the run card: the width no longer decides
};

}  // namespace luthier
