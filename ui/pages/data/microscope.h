#pragma once
// The token microscope: one row exactly as training sees it, token by token, and what of it carries loss.
#include <QWidget>
#include <memory>
#include <optional>

#include "data/roles.h"
#include "pages/data/row_tokens.h"
#include "pages/page.h"

class QStackedWidget;

namespace luthier {

class SegmentedControl;
class TokenView;

class Microscope : public QWidget {
  Q_OBJECT
 public:
  explicit Microscope(Workbench& workbench, QWidget* parent = nullptr);
  ~Microscope() override;

  /// Encodes the row off the window's thread and shows it; `number` is what the table calls it (from 1).
  void showRow(const RoleRow& row, std::int64_t number);
  void clear();
  /// What is shown now; nullptr when nothing is.
  const RowTokens* shown() const { return shown_.get(); }

 Q_SIGNALS:
  void previousWanted();
  void nextWanted();
  void closed();
  /// The tokens of the row asked for last are there.
  void rowShown();

 private:
  struct Wanted {
    RoleRow row;
    std::int64_t number = 0;
  };
  void buildHeader(Card& card);
  QWidget* buildContent();
  void encode();
  void take(const RowTokens& tokens);
  /// What is shown now, in the mode that is chosen.
  void showTokens();
  void explain(const RowTokens& tokens);
  void explainPrompt(const RowTokens& tokens);
  void showLimit(const RowTokens& tokens);
  void raiseLimit();
  void documentChanged(const QStringList& paths);

  Workbench& workbench_;
  std::optional<Wanted> wanted_;
  bool encoding_ = false, again_ = false;
  std::shared_ptr<RowEncoding> encoder_;
  std::shared_ptr<const RowTokens> shown_;

  QLabel *number_, *counts_[4], *loss_, *limit_, *limitCost_, *target_, *targetId_, *explanation_;
  QWidget *targetRow_, *cutRow_, *countRows_, *legend_;
  SegmentedControl* mode_;
  QLabel* cutText_;
  QPushButton* raise_;
  std::int64_t raiseTo_ = 0;
  TokenView* view_;
  QStackedWidget* stack_;
  EmptyState *nothing_, *noModel_;
  ErrorCard* error_;
};

}  // namespace luthier
