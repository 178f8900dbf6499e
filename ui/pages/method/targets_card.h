#pragma once
// Which layers get an adapter: the grid with its figures, and a button for the attention layers alone.
#include <set>
#include <string>

#include "document/project_facts.h"
#include "widgets/basics.h"

namespace luthier {

class TargetGrid;

class TargetsCard : public Card {
  Q_OBJECT
 public:
  explicit TargetsCard(QWidget* parent = nullptr);
  /// `model` may be null: then there is nothing to choose from yet.
  void show(const ModelOutline* model, const LoraOptions& lora);

 Q_SIGNALS:
  /// method.targets as the user wants it now.
  void edited(const luthier::Json& targets);

 private:
  void tell(const std::set<std::string>& modules);
  void tellBlock(int block);
  ModelOutline model_;
  LoraOptions lora_;
  TargetGrid* grid_;
  ElidedLabel* count_;
  QLabel *nothing_, *block_;
  QWidget* legend_;
  QPushButton* attentionOnly_;
};

}  // namespace luthier
