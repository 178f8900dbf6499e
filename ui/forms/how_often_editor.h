#pragma once
// A number and its unit: every 5 minutes, 0.06 of the run.
#include "forms/option_editor.h"

class QComboBox;
class QLineEdit;

namespace luthier {

class HowOftenEditor : public OptionEditor {
  Q_OBJECT
 public:
  HowOftenEditor(const OptionSpec& spec, const QString& name, QWidget* parent = nullptr);
  QWidget* field() const override;

 protected:
  void showValue(const Json& value) override;

 private:
  void read();
  QLineEdit* field_;
  QComboBox* unit_;
};

}  // namespace luthier
