#include "forms/choice_editor.h"

#include <QComboBox>
#include <QHBoxLayout>

#include "forms/catalog_text.h"
#include "widgets/basics.h"
#include "widgets/controls.h"

namespace luthier {

namespace {
constexpr int kSegmentsAtMost = 212;  // pixels; wider ones become a list
}

ChoiceEditor::ChoiceEditor(const OptionSpec& spec, const QString& name, QWidget* parent) : OptionEditor(spec, parent) {
  setObjectName(name);
  QStringList ids, labels;
  for (const std::string& choice : spec.choices) {
    ids << QString::fromStdString(choice);
    labels << choiceText(choice);
  }
  auto* row = makeRow(0, this);
  auto* segments = new SegmentedControl({});
  segments->setChoices(ids, labels);
  if (segments->sizeHint().width() <= scaled(kSegmentsAtMost)) {
    segments_ = segments;
    introduce(segments_);
    row->addWidget(segments_);
    connect(segments_, &SegmentedControl::chosen, this, [this](const QString& id) { take(Json(id.toStdString())); });
  } else {
    delete segments;
    list_ = new QComboBox;
    for (qsizetype i = 0; i < ids.size(); ++i) list_->addItem(labels[i], ids[i]);
    introduce(list_);
    guardWheel(list_);
    row->addWidget(list_);
    connect(list_, &QComboBox::activated, this,
            [this](int index) { take(Json(list_->itemData(index).toString().toStdString())); });
  }
  row->addStretch(1);
  showValue(value());
}

QWidget* ChoiceEditor::field() const {
  return segments_ ? static_cast<QWidget*>(segments_) : static_cast<QWidget*>(list_);
}

void ChoiceEditor::showValue(const Json& value) {
  QString id;
  if (value.is_string()) id = QString::fromStdString(value.get<std::string>());
  if (value.is_boolean()) id = value.get<bool>() ? "yes" : "no";  // "header": true is allowed in a recipe
  if (segments_) segments_->setCurrent(id);
  if (list_) list_->setCurrentIndex(list_->findData(id));
}

}  // namespace luthier
