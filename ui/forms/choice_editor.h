#pragma once
// One of a few values: segments side by side where they fit, else a list that drops down.
#include "forms/option_editor.h"

class QComboBox;

namespace luthier {

class SegmentedControl;

class ChoiceEditor : public OptionEditor {
  Q_OBJECT
 public:
  ChoiceEditor(const OptionSpec& spec, const QString& name, QWidget* parent = nullptr);
  QWidget* field() const override;

 protected:
  void showValue(const Json& value) override;

 private:
  SegmentedControl* segments_ = nullptr;
  QComboBox* list_ = nullptr;
};

}  // namespace luthier
