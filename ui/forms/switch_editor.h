#pragma once
// On or off: a boolean, or a group of options that may be absent.
#include "forms/option_editor.h"

namespace luthier {

class Switch;

class SwitchEditor : public OptionEditor {
  Q_OBJECT
 public:
  SwitchEditor(const OptionSpec& spec, const QString& name, QWidget* parent = nullptr);
  QWidget* field() const override;

 protected:
  void showValue(const Json& value) override;

 private:
  Switch* switch_;
  Json group_ = Json::object();  ///< what stood in the group when it was on, for when it is switched on again
};

}  // namespace luthier
