#pragma once
// A text, a list of texts with commas between them, or either of the two.
#include "forms/option_editor.h"

class QLineEdit;

namespace luthier {

class TextEditor : public OptionEditor {
  Q_OBJECT
 public:
  TextEditor(const OptionSpec& spec, const QString& name, QWidget* parent = nullptr);
  QWidget* field() const override;
  bool isWide() const override { return true; }

 protected:
  void showValue(const Json& value) override;

 private:
  void readField();
  QLineEdit* field_;
};

}  // namespace luthier
