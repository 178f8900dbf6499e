#include "pages/preflight/check_list.h"

#include <QHBoxLayout>
#include <QMenu>
#include <QTimer>

namespace luthier {

namespace {
constexpr int kMendedMilliseconds = 2000;

QString groupTitle(const QString& group) {
  if (group == "device") return QObject::tr("Device");
  if (group == "data") return QObject::tr("Data");
  if (group == "numerics") return QObject::tr("Numerics");
  return group;
}

/// What was never hidden is shown by its layout, all rows at once; setVisible(true) would lay out the page for each.
void showOrHide(QWidget* widget, bool visible) {
  if (!visible || widget->testAttribute(Qt::WA_WState_ExplicitShowHide)) widget->setVisible(visible);
}
}  // namespace

CheckList::CheckList(QWidget* parent) : Card(tr("Checks"), parent) {
  setObjectName("checkList");
  const int before = 1;  // after the title, before the subtitle
  passed_ = makeChip({}, "good");
  warnings_ = makeChip({}, "warning");
  errors_ = makeChip({}, "neutral");
  for (QLabel* chip : {errors_, warnings_, passed_}) header()->insertWidget(before, chip);
  problemsOnly_ = new QCheckBox(tr("Show problems only"));
  problemsOnly_->setObjectName("problemsOnlyBox");
  problemsOnly_->setAccessibleName(problemsOnly_->text());
  header()->addWidget(problemsOnly_);
  connect(problemsOnly_, &QCheckBox::toggled, this, &CheckList::filter);
  body()->setContentsMargins(0, 0, 0, 4);
  body()->setSpacing(0);
  rows_ = makeColumn(0);
  body()->addLayout(rows_);
  none_ = new QWidget;
  auto* none = makeColumn(0, none_);
  none->addWidget(makeLine());
  QLabel* text = makeLabel(tr("No problems."), TextStyle::body, "secondary");
  text->setContentsMargins(13, 8, 13, 4);
  none->addWidget(text);
  body()->addWidget(none_);
  connect(&theme(), &Theme::changed, this, [this] { setResult(result_); });  // columns are as wide as the text size
}

void CheckList::setResult(const PreflightResult& result) {
  if (&result != &result_) result_ = result;
  clearLayout(rows_);
  shown_.clear();
  groups_.clear();
  setChip(passed_, tr("%1 pass").arg(result.count("pass")), "good");
  setChip(warnings_, tr("%1 warn").arg(result.count("warning")), result.count("warning") > 0 ? "warning" : "neutral");
  setChip(errors_, tr("%1 block").arg(result.count("error")), result.count("error") > 0 ? "error" : "neutral");
  QStringList groups = {"device", "data", "numerics"};
  for (const PreflightResult::Check& check : result.checks)
    if (!groups.contains(check.group)) groups << check.group;
  for (const QString& group : groups) {
    for (const PreflightResult::Check& check : result.checks) {
      if (check.group != group) continue;
      if (!groups_.contains(group)) addGroup(group);
      addRow(check);
    }
  }
  filter();
  setFixesEnabled(fixesEnabled_, whyNot_);
}

void CheckList::addGroup(const QString& group) {
  auto* bar = new QWidget;
  bar->setObjectName("checkGroup." + group);
  auto* column = makeColumn(0, bar);
  column->addWidget(makeLine());
  auto* title = new QWidget;
  title->setProperty("surface", "page");
  title->setAttribute(Qt::WA_StyledBackground);
  auto* row = makeRow(0, title);
  row->setContentsMargins(13, 4, 13, 4);
  row->addWidget(makeLabel(groupTitle(group), TextStyle::small, "secondary"));
  column->addWidget(title);
  rows_->addWidget(bar);
  groups_.insert(group, bar);
}

void CheckList::addRow(const PreflightResult::Check& check) {
  auto* widget = new QWidget;
  widget->setObjectName("check." + check.id);
  widget->setAccessibleName(check.label + ", " + stateName(check.state()));
  widget->setAccessibleDescription(check.value + ". " + check.message);
  auto* column = makeColumn(0, widget);
  column->addWidget(makeLine());
  auto* layout = makeRow(10);
  layout->setContentsMargins(11, 3, 13, 3);
  layout->addWidget(new StateMark(check.state()));
  QLabel* name = makeText(check.label, TextStyle::label, "");
  name->setFixedWidth(scaled(150));
  QLabel* value = makeText(check.value, TextStyle::mono, "");
  value->setFixedWidth(scaled(132));
  QLabel* message = makeText(check.message, TextStyle::body, "secondary");
  message->setMinimumHeight(scaled(24));
  layout->addWidget(name);
  layout->addWidget(value);
  layout->addWidget(message, 1);
  Row row{widget, message, check, {}};
  addFixes(row, layout);
  column->addLayout(layout);
  rows_->addWidget(widget);
  shown_.push_back(row);
}

void CheckList::addFixes(Row& row, QHBoxLayout* layout) {
  const PreflightResult::Check check = row.check;
  if (check.fixes.empty()) return;
  QPushButton* first = makeFixButton(check.fixes[0].label, "fix." + check.id);
  first->setToolTip(check.fixes[0].set.join(", "));
  connect(first, &QPushButton::clicked, this, [this, check] { Q_EMIT fixChosen(check.id, check.fixes[0]); });
  layout->addWidget(first);
  row.buttons << first;
  if (check.fixes.size() == 1) return;
  QPushButton* more = makeIconButton("more", tr("Other ways to put it right"), "fixMore." + check.id);
  auto* menu = new QMenu(more);
  for (std::size_t i = 1; i < check.fixes.size(); ++i) {
    QAction* action = menu->addAction(check.fixes[i].label);
    action->setObjectName("fix." + check.id + "." + QString::number(i + 1));
    connect(action, &QAction::triggered, this, [this, check, i] { Q_EMIT fixChosen(check.id, check.fixes[i]); });
  }
  more->setMenu(menu);
  layout->addWidget(more);
  row.buttons << more;
}

void CheckList::filter() {
  const bool problems = problemsOnly_->isChecked();
  QStringList groups;
  for (const Row& row : shown_) {
    const bool visible = !problems || !row.check.passed();
    showOrHide(row.widget, visible);
    if (visible) groups << row.check.group;
  }
  for (auto group = groups_.cbegin(); group != groups_.cend(); ++group)
    showOrHide(group.value(), groups.contains(group.key()));
  none_->setVisible(groups.isEmpty());
}

void CheckList::showChange(const QString& id, const QString& change) {
  for (const Row& row : shown_) {
    if (row.check.id != id) continue;
    row.message->setText(change);
    setTone(row.message, "accent");
    row.widget->layout()->activate();  // it may take another line
    QTimer::singleShot(kMendedMilliseconds, row.message, [label = row.message, text = row.check.message] {
      label->setText(text);
      setTone(label, "secondary");
    });
  }
}

void CheckList::setFixesEnabled(bool enabled, const QString& reason) {
  fixesEnabled_ = enabled;
  whyNot_ = reason;
  for (const Row& row : shown_)
    for (QWidget* button : row.buttons) {
      const QString own = row.check.fixes[0].set.join(", ");
      setEnabledBecause(button, enabled, reason);
      if (enabled && button == row.buttons[0]) button->setToolTip(own);
    }
}

}  // namespace luthier
