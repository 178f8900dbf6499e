#pragma once
// What all pages of the window have in common, and what they work with.
#include <QWidget>
#include <functional>

#include "document/document.h"
#include "document/project_facts.h"
#include "jobs/job.h"
#include "jobs/run_store.h"
#include "shell/settings.h"
#include "widgets/states.h"

class QAction;
class QPushButton;

namespace luthier {

/// The pages in the order of the rail.
enum class Step { home, data, model, method, preflight, train, tryIt, exports, runs, settings };

/// Everything that pages share; the window owns it.
struct Workbench {
  Settings& settings;
  Document& document;
  ProjectFacts& facts;
  JobList& jobs;
  RunStore& runs;
  /// The run that Train, Try it and Export show; empty: the project's newest.
  std::function<QString()> shownRun;
  std::function<void(const QString& run)> showRun;  ///< and goes nowhere: call goTo for that
  /// Goes to Runs with these ticked: their curves lie over each other there.
  std::function<void(const QStringList& runs)> compareRuns;
  std::function<void(Step)> goTo;
  /// Opens a project folder, recipe or data file as dropping it on Home does; errors are shown there.
  std::function<void(const QString& path)> openPath;
};

/// One page: a header of 52 pixels with title, subtitle and buttons, then its content.
class Page : public QWidget {
  Q_OBJECT
 public:
  Page(Workbench& workbench, const QString& title, const QString& name, QWidget* parent = nullptr);

  /// The state that the rail shows beside the page's name.
  virtual StateKind state() const { return StateKind::notStarted; }
  /// Called when the page comes to the front; heavy work starts here, not in the constructor.
  virtual void shown() {}
  /// What Ctrl+Enter does; nullptr: nothing.
  virtual QPushButton* primaryButton() const { return nullptr; }
  /// Commands of the page for the command palette and its keys, with text and shortcut.
  virtual QList<QAction*> pageActions() const { return {}; }

  QString title() const { return title_; }

 Q_SIGNALS:
  void stateChanged();

 protected:
  Workbench& workbench() const { return workbench_; }
  void setTitle(const QString& title, const QString& subtitle);
  void setSubtitle(const QString& subtitle);
  /// Right part of the header, from left to right.
  void addHeaderButton(QWidget* button);
  /// The page's content below the header: margins 20, 16; spacing 12.
  QVBoxLayout* content() const { return content_; }

 private:
  Workbench& workbench_;
  QString title_;
  QLabel* titleLabel_;
  ElidedLabel* subtitle_;
  QHBoxLayout* header_;
  QVBoxLayout* content_;
};

}  // namespace luthier
