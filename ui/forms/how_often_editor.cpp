#include "forms/how_often_editor.h"

#include <QComboBox>
#include <QHBoxLayout>
#include <QLineEdit>

#include "forms/field_text.h"
#include "widgets/basics.h"

namespace luthier {

HowOftenEditor::HowOftenEditor(const OptionSpec& spec, const QString& name, QWidget* parent)
    : OptionEditor(spec, parent) {
  setObjectName(name);
  field_ = new QLineEdit;
  introduce(field_);
  unit_ = new QComboBox;
  unit_->addItem(tr("steps"), "step");
  unit_->addItem(tr("epochs"), "epoch");
  unit_->addItem(tr("minutes"), "minute");
  unit_->addItem(tr("of the run"), "run");
  introduce(unit_, ".unit", tr("unit"));
  guardWheel(unit_);
  auto* row = makeRow(8, this);
  row->addWidget(field_);
  row->addWidget(unit_);
  row->addStretch(1);
  const auto size = [this] {
    field_->setFont(luthier::font(TextStyle::mono));
    field_->setFixedWidth(scaled(64));
  };
  size();
  connect(&theme(), &Theme::changed, this, size);
  showValue(value());
  connect(field_, &QLineEdit::textEdited, this, &HowOftenEditor::read);
  connect(unit_, &QComboBox::activated, this, &HowOftenEditor::read);
}

QWidget* HowOftenEditor::field() const { return field_; }

void HowOftenEditor::showValue(const Json& value) {
  if (!value.is_object()) return;
  if (const auto amount = value.find("value"); amount != value.end() && amount->is_number())
    field_->setText(exactNumberText(amount->get<double>()));
  if (const auto unit = value.find("unit"); unit != value.end() && unit->is_string())
    unit_->setCurrentIndex(unit_->findData(QString::fromStdString(unit->get<std::string>())));
}

void HowOftenEditor::read() {
  const std::optional<double> amount = numberFromText(field_->text());
  if (!amount || *amount < 0) return refuse(tr("%1 is a number from 0 on; 0 is never.").arg(label()));
  const QString unit = unit_->currentData().toString();
  if (unit == "run" && *amount > 1) return refuse(tr("A share of the run is 0 to 1."));
  take(Json{{"value", numberJson(*amount)}, {"unit", unit.toStdString()}});
}

}  // namespace luthier
