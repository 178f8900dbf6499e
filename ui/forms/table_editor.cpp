#include "forms/table_editor.h"

#include <QHBoxLayout>
#include <QLineEdit>
#include <QPushButton>

#include "forms/field_text.h"
#include "widgets/basics.h"

namespace luthier {

TableEditor::TableEditor(const OptionSpec& spec, const QString& name, QWidget* parent)
    : OptionEditor(spec, parent), holdsNumbers_(spec.type == "numbers_by_name") {
  setObjectName(name);
  box_ = new QWidget;
  introduce(box_);
  makeRow(0, this)->addWidget(box_, 1);
  auto* all = makeColumn(4, box_);
  column_ = makeColumn(4);
  all->addLayout(column_);
  add_ = makeSmallButton(tr("Add a line"), {}, "quiet");
  introduce(add_, ".add", tr("add a line"));
  auto* bottom = makeRow(0);
  bottom->addWidget(add_);
  bottom->addStretch(1);
  all->addLayout(bottom);
  connect(add_, &QPushButton::clicked, this, [this] {
    addLine({}, {});
    lines_.back().name->setFocus();
  });
  showValue(value());
}

void TableEditor::addLine(const QString& name, const QString& value) {
  Line line{new QWidget, new QLineEdit(name), new QLineEdit(value)};
  auto* row = makeRow(4, line.owner);
  line.name->setPlaceholderText(tr("name"));
  line.value->setPlaceholderText(holdsNumbers_ ? tr("number") : tr("text"));
  row->addWidget(line.name, 2);
  row->addWidget(line.value, holdsNumbers_ ? 1 : 2);
  QPushButton* remove = makeIconButton("x", tr("Remove this line"), "remove");
  row->addWidget(remove);
  column_->addWidget(line.owner);
  connect(line.name, &QLineEdit::textEdited, this, &TableEditor::read);
  connect(line.value, &QLineEdit::textEdited, this, &TableEditor::read);
  connect(remove, &QPushButton::clicked, this, [this, owner = line.owner] {
    removeLine(owner);
    read();
  });
  lines_ << line;
  introduceLines();
}

void TableEditor::removeLine(QWidget* owner) {
  lines_.removeIf([owner](const Line& line) { return line.owner == owner; });
  column_->removeWidget(owner);
  owner->hide();
  owner->deleteLater();
  introduceLines();
}

void TableEditor::introduceLines() {
  for (qsizetype i = 0; i < lines_.size(); ++i) {
    const QString number = QString::number(i);
    introduce(lines_[i].name, ".name." + number, tr("name %1").arg(i + 1));
    introduce(lines_[i].value, ".value." + number, tr("value %1").arg(i + 1));
  }
}

void TableEditor::showValue(const Json& value) {
  while (!lines_.isEmpty()) removeLine(lines_.back().owner);
  if (!value.is_object()) return;
  for (const auto& [name, entry] : value.items()) {
    const QString text = entry.is_number()   ? exactNumberText(entry.get<double>())
                         : entry.is_string() ? QString::fromStdString(entry.get<std::string>())
                                             : QString();
    addLine(QString::fromStdString(name), text);
  }
}

void TableEditor::read() {
  Json table = Json::object();
  for (const Line& line : lines_) {
    const QString name = line.name->text().trimmed();
    const QString text = line.value->text();
    if (name.isEmpty() && text.trimmed().isEmpty()) continue;
    if (name.isEmpty()) return refuse(tr("A line has no name."));
    if (table.contains(name.toStdString())) return refuse(tr("%1 stands there twice.").arg(name));
    if (!holdsNumbers_) {
      table[name.toStdString()] = text.toStdString();
      continue;
    }
    const std::optional<double> number = numberFromText(text);
    if (!number) return refuse(tr("%1 needs a number.").arg(name));
    if (const QString problem = rangeProblem(spec(), *number); !problem.isEmpty()) return refuse(problem);
    table[name.toStdString()] = numberJson(*number);
  }
  take(table);
}

}  // namespace luthier
