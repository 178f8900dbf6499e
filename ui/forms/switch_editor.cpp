#include "forms/switch_editor.h"

#include <QHBoxLayout>
#include <QSignalBlocker>

#include "widgets/basics.h"
#include "widgets/controls.h"

namespace luthier {

SwitchEditor::SwitchEditor(const OptionSpec& spec, const QString& name, QWidget* parent) : OptionEditor(spec, parent) {
  setObjectName(name);
  switch_ = new Switch(label(), {});
  introduce(switch_);
  auto* row = makeRow(0, this);
  row->addWidget(switch_);
  row->addStretch(1);
  showValue(value());
  const bool isGroup = spec.type == "group";
  connect(switch_, &Switch::toggled, this, [this, isGroup](bool on) {
    if (isGroup && !on && value().is_object()) group_ = value();
    take(isGroup ? (on ? group_ : Json()) : Json(on));
  });
}

QWidget* SwitchEditor::field() const { return switch_; }

void SwitchEditor::showValue(const Json& value) {
  const QSignalBlocker quiet(switch_);
  switch_->setChecked(value.is_object() || (value.is_boolean() && value.get<bool>()));
}

}  // namespace luthier
