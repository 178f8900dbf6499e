#pragma once
// Method: what is minimised, what is trained, and every option of both. Everything edits the recipe.
#include <QHash>
#include <map>

#include "pages/method/method_words.h"
#include "pages/page.h"

class QBoxLayout;
class QGridLayout;
class QVBoxLayout;
class QStackedWidget;

namespace luthier {

class MemoryLegend;
class MethodCard;
class OptionForm;
class RateCard;
class SegmentedControl;
class TargetsCard;
class UnfreezeCard;

class MethodPage : public Page {
  Q_OBJECT
 public:
  explicit MethodPage(Workbench& workbench, QWidget* parent = nullptr);

  StateKind state() const override;
  QPushButton* primaryButton() const override { return continue_; }
  QList<QAction*> pageActions() const override { return actions_; }
  /// Makes the recipe in `file` this project's, as one step of undo; what went wrong is shown on the page.
  void loadRecipe(const QString& file);

 protected:
  void resizeEvent(QResizeEvent*) override;
  void showEvent(QShowEvent*) override;

 private:
  void addTop();
  void addCards();
  void addForm();
  void addActions();
  /// Cards without their sentences; the reason stands beside the form then.
  void setCompact(bool compact);
  /// The cards in so many columns, and the reason where they leave room for it.
  void placeCards(int columns);
  void fitCards();
  /// Beside the objectives, or below them where both have not the width.
  void placeLegend();
  void placeReason(bool besideCards);
  void refresh();
  /// Makes the form and the cards while the page is not in front.
  void prepare();
  void updateObjectives();
  void updateForm();
  QString wantedForm() const;
  void updateCards();
  void fillCards();
  void updateTargets();
  void updateTimeline();
  void addTimeline();
  void updateProblem();
  void chooseObjective(const QString& kind);
  void chooseMethod(const QString& kind);
  void moveMethod(const QString& from, int step);
  void updateBakeOff(const Advice& advice);
  void startBakeOff();
  Estimates estimates() const;
  std::vector<Problem> ownProblems() const;

  QStackedWidget* stack_;
  QWidget* filled_;
  QVBoxLayout* column_;
  QBoxLayout* top_;
  QWidget *objectiveRow_, *cardRow_;
  SegmentedControl* objective_;
  MemoryLegend* legend_;
  QList<MethodCard*> cards_;
  Card *formCard_, *reasonCard_;
  TargetsCard* targets_;
  RateCard* rates_;
  UnfreezeCard* unfreeze_;
  QStackedWidget* lower_;  ///< all options, or the layer-wise timeline
  QPushButton* toTimeline_;
  bool compact_ = false;
  int columns_ = 0;
  QGridLayout* cardGrid_;
  QVBoxLayout* rightColumn_;
  OptionForm* form_;
  QPushButton *changed_, *continue_;
  QPushButton* bakeOff_;
  QLabel *reason_, *problem_, *bakeOffText_;
  std::vector<std::string> bakeOffKinds_;
  QWidget* problemRow_;
  ErrorCard* error_;
  QList<QAction*> actions_;
  bool allOptions_ = false;             ///< layer-wise: the form is wanted in place of the timeline
  QString formFor_;                     ///< objective and method that the form's rows are of
  std::map<std::string, Json> others_;  ///< the options of methods that were chosen before in this project
  QTimer prepareSoon_, refreshSoon_;
};

}  // namespace luthier
