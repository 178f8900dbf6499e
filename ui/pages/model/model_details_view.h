#pragma once
// The right side of the page Model: facts, checks, modules, tokenizer.
#include <QWidget>
#include <optional>

#include "jobs/error_text.h"
#include "pages/model/model_details.h"
#include "widgets/states.h"

class QGridLayout;
class QLineEdit;
class QSortFilterProxyModel;

namespace luthier {

class FlowLayout;
class ModuleTree;
class ModuleTreeView;
class TokenizerTryOut;

class ModelDetailsView : public QWidget {
  Q_OBJECT
 public:
  explicit ModelDetailsView(QWidget* parent = nullptr);
  /// `refusal`: why it was not chosen; shown above everything.
  void showModel(const ModelDetails& details, const MethodOptions& method, const std::optional<ErrorText>& refusal);
  /// Other LoRA targets.
  void setMethod(const MethodOptions& method);
  QLineEdit* filterEdit() const { return filter_; }

 private:
  void showFacts(const ModelDetails& details);
  void showChecks(const ModelDetails& details);
  void filterModules(const QString& text);
  QWidget* buildModules();

  QString folder_;
  ErrorCard* error_;
  QLabel *name_, *kind_;
  QPushButton* files_;
  QGridLayout* facts_;
  QWidget *factsCard_, *modulesCard_;
  QVBoxLayout* findings_;
  FlowLayout* passed_;
  QLabel* total_;
  ModuleTree* modules_;
  QSortFilterProxyModel* filtered_;
  ModuleTreeView* tree_;
  QLineEdit* filter_;
  TokenizerTryOut* tryOut_;
};

}  // namespace luthier
