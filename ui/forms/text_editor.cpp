#include "forms/text_editor.h"

#include <QHBoxLayout>
#include <QLineEdit>

#include "forms/field_text.h"
#include "widgets/basics.h"

namespace luthier {

TextEditor::TextEditor(const OptionSpec& spec, const QString& name, QWidget* parent) : OptionEditor(spec, parent) {
  setObjectName(name);
  field_ = new QLineEdit;
  introduce(field_);
  if (spec.type == "texts") field_->setPlaceholderText(tr("with commas between"));
  makeRow(0, this)->addWidget(field_, 1);
  showValue(value());
  connect(field_, &QLineEdit::textEdited, this, &TextEditor::readField);
}

QWidget* TextEditor::field() const { return field_; }

void TextEditor::showValue(const Json& value) {
  QStringList entries;
  if (value.is_array())
    for (const Json& entry : value)
      if (entry.is_string()) entries << QString::fromStdString(entry.get<std::string>());
  QString text;
  if (value.is_array()) {
    text = listText(entries);
    // A list of one is told from a plain text by its comma.
    if (spec().type == "text_or_list" && entries.size() == 1) text += ",";
  } else if (value.is_string()) {
    const QString plain = QString::fromStdString(value.get<std::string>());
    text = spec().type == "text_or_list" ? listText({plain}) : plain;
  }
  field_->setText(text);
  field_->setCursorPosition(0);
}

void TextEditor::readField() {
  if (spec().type == "text") return take(Json(field_->text().toStdString()));
  const ListText read = listFromText(field_->text());
  if (!read.isClosed) return refuse(tr("A quotation mark is not closed."));
  if (spec().type == "text_or_list" && !read.hasComma && read.entries.size() == 1)
    return take(Json(read.entries.front().toStdString()));
  Json list = Json::array();
  for (const QString& entry : read.entries) list.push_back(entry.toStdString());
  take(list);
}

}  // namespace luthier
