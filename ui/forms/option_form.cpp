#include "forms/option_form.h"

#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>

#include "forms/option_editor.h"
#include "forms/option_row.h"
#include "widgets/basics.h"
#include "widgets/controls.h"

namespace luthier {

namespace {
const Json* lookUp(const Json& document, const QString& path) {
  const Json* at = &document;
  for (const QString& key : path.split('.')) {
    if (!at->is_object()) return nullptr;
    const auto found = at->find(key.toStdString());
    if (found == at->end()) return nullptr;
    at = &*found;
  }
  return at;
}

QString joined(const QString& prefix, const std::string& key) {
  return prefix.isEmpty() ? QString::fromStdString(key) : prefix + '.' + QString::fromStdString(key);
}
}  // namespace

OptionForm::OptionForm(QWidget* parent) : QWidget(parent) {
  setObjectName("optionForm");
  auto* all = makeColumn(6, this);
  bar_ = new QWidget;
  auto* bar = makeRow(8, bar_);
  search_ = new QLineEdit;
  search_->setObjectName("optionSearchEdit");
  search_->setAccessibleName(tr("Search settings"));
  search_->setClearButtonEnabled(true);
  search_->addAction(icon("search"), QLineEdit::LeadingPosition);
  search_->setToolTip(tr("Searches simple and advanced settings. Key: /"));
  search_->installEventFilter(this);
  auto* key = makeChip("/", "outline");
  key->setAttribute(Qt::WA_TransparentForMouseEvents);
  auto* inSearch = makeRow(0, search_);
  inSearch->setContentsMargins(0, 0, 8, 0);
  inSearch->addStretch(1);
  inSearch->addWidget(key);
  connect(search_, &QLineEdit::textChanged, key, [key](const QString& text) { key->setVisible(text.isEmpty()); });
  level_ = new SegmentedControl("optionLevel");
  level_->setAccessibleName(tr("Level of the settings"));
  level_->setChoices({"simple", "advanced"}, {tr("Simple"), tr("Advanced")});
  level_->setCurrent("simple");
  bar->addWidget(search_, 1);
  bar->addWidget(level_);
  all->addWidget(bar_);

  list_ = new QWidget;
  list_->setProperty("surface", "none");
  column_ = makeColumn(0, list_);
  scroll_ = new QScrollArea;
  scroll_->setWidgetResizable(true);
  scroll_->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll_->setFocusPolicy(Qt::NoFocus);
  scroll_->setWidget(list_);
  all->addWidget(scroll_, 1);
  nothing_ = makeText({}, TextStyle::body, "tertiary");
  nothing_->hide();
  connect(search_, &QLineEdit::textChanged, this, &OptionForm::updateRows);
  connect(level_, &SegmentedControl::chosen, this, &OptionForm::updateRows);
}

void OptionForm::setCompact() {
  bar_->hide();
  level_->setCurrent("advanced");
  scroll_->takeWidget();
  scroll_->hide();
  static_cast<QVBoxLayout*>(layout())->addWidget(list_);
  list_->show();
  updateRows();
}

void OptionForm::setSections(const std::vector<OptionSection>& sections) {
  rows_.clear();
  column_->removeWidget(nothing_);
  nothing_->setParent(this);
  while (QLayoutItem* item = column_->takeAt(0)) {
    if (QWidget* old = item->widget()) {
      old->hide();
      // It lives until the event loop turns; nobody shall find an old field by its name.
      for (QWidget* inner : old->findChildren<QWidget*>()) inner->setObjectName({});
      old->deleteLater();
    }
    delete item;
  }
  for (const OptionSection& section : sections) {
    QLabel* title = nullptr;
    if (!section.title.isEmpty()) {
      title = makeLabel(section.title, TextStyle::small, "tertiary");
      title->setContentsMargins(10, 8, 0, 2);
      column_->addWidget(title);
    }
    addRows(section.specs, section.prefix, {}, {}, title, 0);
  }
  column_->addWidget(nothing_);
  column_->addStretch(1);
  search_->setPlaceholderText(tr("Search all %1 settings").arg(optionCount()));
  updateRows();
}

void OptionForm::addRows(const std::vector<OptionSpec>& specs, const QString& prefix, const QString& names,
                         const QString& group, QWidget* section, int depth) {
  for (const OptionSpec& spec : specs) {
    const QString path = joined(prefix, spec.info.key), name = joined(names, spec.info.key);
    const bool isGroup = spec.type == "group";
    const bool mayBeAbsent = isGroup && spec.default_json == "null";
    if (!isGroup || mayBeAbsent) {
      auto* row = new OptionRow(spec, path, name, depth);
      column_->addWidget(row);
      rows_.push_back({row, section, prefix, group});
      connect(row, &OptionRow::edited, this, [this, path, row](const Json& value) {
        updateRows();
        Q_EMIT edited(path, value, row->label());
      });
    }
    if (isGroup)
      addRows(spec.children, path, name, mayBeAbsent ? path : group, section, mayBeAbsent ? depth + 1 : depth);
  }
}

void OptionForm::setValues(const Json& document) {
  for (Entry& entry : rows_) {
    const Json* found = lookUp(document, entry.row->path());
    entry.row->setValue(found ? *found : Json::parse(entry.row->spec().default_json));
  }
  updateRows();
}

void OptionForm::setEffect(const QString& path, const QString& text) {
  if (const Entry* entry = find(path)) entry->row->setEffect(text);
}

int OptionForm::changedCount() const {
  return int(std::count_if(rows_.begin(), rows_.end(), [](const Entry& entry) { return entry.row->isChanged(); }));
}

void OptionForm::setChangedOnly(bool only) {
  changedOnly_ = only;
  // A row stays while the filter is on, so that one that goes back to its default does not vanish under the cursor.
  for (Entry& entry : rows_) entry.keptAsChanged = entry.row->isChanged();
  updateRows();
}

bool OptionForm::showOption(const QString& path) {
  const Entry* entry = find(path);
  if (!entry) return false;
  changedOnly_ = false;
  search_->clear();
  if (entry->row->spec().info.level == OptionLevel::advanced) level_->setCurrent("advanced");
  updateRows();
  list_->layout()->activate();
  scroll_->ensureWidgetVisible(entry->row, 0, 40);
  entry->row->editor().field()->setFocus(Qt::ShortcutFocusReason);
  return true;
}

OptionEditor* OptionForm::editor(const QString& path) const {
  const Entry* entry = find(path);
  return entry ? &entry->row->editor() : nullptr;
}

const OptionForm::Entry* OptionForm::find(const QString& path) const {
  for (const Entry& entry : rows_)
    if (entry.row->path() == path) return &entry;
  return nullptr;
}

bool OptionForm::conditionHolds(const Entry& entry) const {
  const QString condition = QString::fromStdString(entry.row->spec().info.shown_when);
  if (condition.isEmpty()) return true;
  const Entry* other = find(joined(entry.siblings, condition.section('=', 0, 0).toStdString()));
  if (!other) return true;
  const Json& value = other->row->editor().value();
  const QString text = QString::fromStdString(value.is_string() ? value.get<std::string>() : value.dump());
  if (condition.contains('=')) return text == condition.section('=', 1);
  return !(text.isEmpty() || text == "false" || text == "0" || text == "null" || text == "[]" || text == "{}");
}

bool OptionForm::isShown(const Entry& entry) const {
  if (const Entry* group = entry.group.isEmpty() ? nullptr : find(entry.group))
    if (group->row->editor().value().is_null()) return false;
  if (!conditionHolds(entry)) return false;
  const QString sought = search_->text().trimmed();
  if (!sought.isEmpty()) return entry.row->matches(sought);
  if (changedOnly_) return entry.row->isChanged() || entry.keptAsChanged;
  return entry.row->spec().info.level == OptionLevel::simple || level_->current() == "advanced" ||
         !entry.row->editor().problem().isEmpty();
}

void OptionForm::updateRows() {
  QHash<QWidget*, bool> sections;
  bool any = false;
  for (const Entry& entry : rows_) {
    const bool shown = isShown(entry);
    if (entry.row->isVisibleTo(list_) != shown) entry.row->setVisible(shown);
    if (entry.section) sections[entry.section] |= shown;
    any |= shown;
  }
  for (auto section = sections.begin(); section != sections.end(); ++section)
    section.key()->setVisible(section.value());
  const QString sought = search_->text().trimmed();
  nothing_->setText(sought.isEmpty() ? tr("Everything is at its default.")
                                     : tr("No setting has “%1” in its name or help.").arg(sought));
  nothing_->setVisible(!any && (changedOnly_ || !sought.isEmpty()));
}

bool OptionForm::eventFilter(QObject* watched, QEvent* event) {
  if (watched == search_ && event->type() == QEvent::KeyPress &&
      static_cast<QKeyEvent*>(event)->key() == Qt::Key_Escape && !search_->text().isEmpty()) {
    search_->clear();
    return true;
  }
  return QWidget::eventFilter(watched, event);
}

}  // namespace luthier
