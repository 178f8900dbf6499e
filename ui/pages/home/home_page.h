#pragma once
// Home: where a project begins. Drop a file or a folder, open a recent project, or try a starter.
#include <QTimer>

#include "document/starters.h"
#include "pages/home/recent_projects.h"
#include "pages/page.h"

class QGridLayout;
class QVBoxLayout;

namespace luthier {

class DropZone;
class RecentRow;

class HomePage : public Page {
  Q_OBJECT
 public:
  explicit HomePage(Workbench& workbench, QWidget* parent = nullptr);

  void shown() override;
  QPushButton* primaryButton() const override;
  QList<QAction*> pageActions() const override { return actions_; }
  /// Why something could not be opened, in place; nullopt takes the card away.
  void showError(const std::optional<ErrorText>& error);
  /// Looks at what was dropped or chosen, and opens it or says why not.
  void take(const QStringList& paths);

 private:
  QWidget* buildSection(const QString& title, const QString& note, QWidget* content);
  void choose(bool folder);
  void readAgain();
  void showStarters();
  void showRecent(std::vector<RecentProject> projects);
  void openStarter(const Starter& starter);
  /// The method that the advisor named, for a project that was just made.
  void takeAdvice();

  QList<QAction*> actions_;
  DropZone* zone_;
  ErrorCard* error_;
  QVBoxLayout* recentList_;
  QGridLayout* starterList_;
  QWidget *recentSection_, *starterSection_;
  std::vector<Starter> starters_;
  std::vector<RecentProject> projects_;
  std::vector<RecentRow*> rows_;
  QTimer readSoon_;
  QString wantedMethod_;  ///< of a project that is being started by the advisor
  bool reading_ = false, again_ = false, startersRead_ = false;
};

}  // namespace luthier
