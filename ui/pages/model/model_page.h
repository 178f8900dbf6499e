#pragma once
// Model: which pre-trained model the run starts from, what it is made of, and whether it fits.
#include "document/starters.h"
#include "pages/model/found_models.h"
#include "pages/page.h"

class QLineEdit;
class QListView;
class QStackedWidget;

namespace luthier {

class HubBrowser;
class ModelList;
class ModelDetailsView;
class SegmentedControl;

class ModelPage : public Page {
  Q_OBJECT
 public:
  explicit ModelPage(Workbench& workbench, QWidget* parent = nullptr);

  StateKind state() const override;
  void shown() override;
  QPushButton* primaryButton() const override { return continue_; }
  QList<QAction*> pageActions() const override { return actions_; }
  /// Shows a model folder and, when nothing speaks against it, makes it the recipe's.
  void choose(const std::filesystem::path& folder);
  /// As choose(), for a folder that is kept in the list from now on.
  void open(const std::filesystem::path& folder);

 private:
  QWidget* buildList();
  void findModels();
  void rateModels();
  void showSource();
  void selectShown();
  /// `take`: it becomes the recipe's when nothing speaks against it.
  void look(const std::filesystem::path& folder, bool take);
  void write(const std::filesystem::path& folder);
  void takeDocumentModel();
  void openFolder();
  void updateButtons();
  FitSetting fitSetting() const;

  QList<QAction*> actions_;
  SegmentedControl* source_;
  QLineEdit* filter_;
  ModelList* models_;
  QListView* list_;
  QStackedWidget *sourceStack_, *listStack_, *detailStack_;
  HubBrowser* hub_;
  EmptyState *noModels_, *noModel_;
  ElidedLabel* footer_;
  ModelDetailsView* details_;
  QPushButton *open_, *continue_;
  std::vector<FoundModel> found_;
  std::vector<std::filesystem::path> opened_;  ///< folders chosen by hand
  std::filesystem::path shownFolder_;
  std::int64_t labels_ = 0;  ///< that the details were read for
  int findRound_ = 0, detailRound_ = 0;
  bool taking_ = false;  ///< the model that is being looked at was chosen and is to be written into the recipe
};

}  // namespace luthier
