#include "forms/option_form.h"

#include <QKeyEvent>
#include <QLabel>
#include <QLineEdit>
#include <QScrollArea>
#include <QScrollBar>
#include <QVBoxLayout>

#include "forms/catalog_text.h"
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
  std::vector<Section> before = std::move(sections_);
  sections_.clear();
  for (const OptionSection& section : sections) {
    QString identity = section.title + '|' + section.prefix;
    for (const OptionSpec& spec : section.specs)
      identity += '|' + QString::fromStdString(spec.info.key + spec.info.label);
    const auto same =
        std::find_if(before.begin(), before.end(), [&](const Section& one) { return one.identity == identity; });
    if (same == before.end()) {
      sections_.push_back(makeSection(section, identity));
    } else {
      sections_.push_back(std::move(*same));
      before.erase(same);
    }
  }
  for (const Section& old : before) {
    old.box->hide();
    // It lives until the event loop turns; nobody shall find an old field by its name.
    for (QWidget* inner : old.box->findChildren<QWidget*>()) inner->setObjectName({});
    old.box->deleteLater();
  }
  while (QLayoutItem* item = column_->takeAt(0)) delete item;
  for (const Section& section : sections_) column_->addWidget(section.box);
  column_->addWidget(nothing_);
  column_->addStretch(1);
  search_->setPlaceholderText(tr("Search all %1 settings").arg(optionCount()));
  updateRows();
}

OptionForm::Section OptionForm::makeSection(const OptionSection& from, const QString& identity) {
  Section section{identity, new QWidget, nullptr, 0, {}};
  section.column = makeColumn(0, section.box);
  if (!from.title.isEmpty()) {
    QLabel* title = makeLabel(from.title, TextStyle::small, "tertiary");
    title->setContentsMargins(10, 8, 0, 2);
    section.column->addWidget(title);
    section.before = 1;
  }
  addEntries(section, from.specs, from.prefix, {}, {}, 0);
  return section;
}

void OptionForm::addEntries(Section& section, const std::vector<OptionSpec>& specs, const QString& prefix,
                            const QString& names, const QString& group, int depth) {
  for (const OptionSpec& spec : specs) {
    const QString path = joined(prefix, spec.info.key), name = joined(names, spec.info.key);
    const bool isGroup = spec.type == "group";
    const bool mayBeAbsent = isGroup && spec.default_json == "null";
    if (!isGroup || mayBeAbsent)
      section.rows.push_back(std::make_unique<Entry>(
          Entry{spec, path, name, prefix, group, depth, Json::parse(spec.default_json), {}, false, nullptr}));
    if (isGroup)
      addEntries(section, spec.children, path, name, mayBeAbsent ? path : group, mayBeAbsent ? depth + 1 : depth);
  }
}

void OptionForm::addRow(Section& section, std::size_t index) {
  Entry* entry = section.rows[index].get();
  entry->row = new OptionRow(entry->spec, entry->path, entry->name, entry->depth);
  entry->row->setValue(entry->value);
  if (!entry->effect.isEmpty()) entry->row->setEffect(entry->effect);
  const auto isMade = [](const std::unique_ptr<Entry>& one) { return one->row != nullptr; };
  const auto above = std::count_if(section.rows.begin(), section.rows.begin() + std::ptrdiff_t(index), isMade);
  section.column->insertWidget(section.before + int(above), entry->row);
  connect(entry->row, &OptionRow::edited, this, [this, entry](const Json& value) {
    const QString path = entry->path, label = entry->row->label();
    entry->value = entry->row->editor().value();
    updateRows();
    Q_EMIT edited(path, value, label);
  });
}

int OptionForm::optionCount() const {
  std::size_t count = 0;
  for (const Section& section : sections_) count += section.rows.size();
  return int(count);
}

void OptionForm::setValues(const Json& document) {
  for (const Section& section : sections_)
    for (const auto& entry : section.rows) {
      const Json* found = lookUp(document, entry->path);
      entry->value = found ? *found : Json::parse(entry->spec.default_json);
      if (entry->row) entry->row->setValue(entry->value);
    }
  updateRows();
}

void OptionForm::setEffect(const QString& path, const QString& text) {
  Entry* entry = find(path);
  if (!entry) return;
  entry->effect = text;
  if (entry->row) entry->row->setEffect(text);
}

int OptionForm::changedCount() const {
  int count = 0;
  for (const Section& section : sections_)
    for (const auto& entry : section.rows) count += isChanged(entry->spec, entry->value);
  return count;
}

void OptionForm::setChangedOnly(bool only) {
  changedOnly_ = only;
  // A row stays while the filter is on, so that one that goes back to its default does not vanish under the cursor.
  for (const Section& section : sections_)
    for (const auto& entry : section.rows) entry->keptAsChanged = isChanged(entry->spec, entry->value);
  updateRows();
}

bool OptionForm::showOption(const QString& path) {
  Entry* entry = find(path);
  if (!entry) return false;
  changedOnly_ = false;
  search_->clear();
  if (entry->spec.info.level == OptionLevel::advanced) level_->setCurrent("advanced");
  updateRows();
  OptionEditor* field = editor(path);
  list_->layout()->activate();
  list_->adjustSize();
  scroll_->ensureWidgetVisible(entry->row, 0, 40);
  field->field()->setFocus(Qt::ShortcutFocusReason);
  return true;
}

OptionEditor* OptionForm::editor(const QString& path) {
  for (Section& section : sections_)
    for (std::size_t i = 0; i < section.rows.size(); ++i) {
      if (section.rows[i]->path != path) continue;
      if (!section.rows[i]->row) {
        addRow(section, i);
        section.rows[i]->row->setVisible(isShown(*section.rows[i]));
      }
      return &section.rows[i]->row->editor();
    }
  return nullptr;
}

OptionForm::Entry* OptionForm::find(const QString& path) const {
  for (const Section& section : sections_)
    for (const auto& entry : section.rows)
      if (entry->path == path) return entry.get();
  return nullptr;
}

bool OptionForm::matchesSearch(const Entry& entry) const {
  const OptionInfo& info = entry.spec.info;
  const QString all = catalogText(info.label) + ' ' + QString::fromStdString(info.key) + ' ' + catalogText(info.help);
  for (const QString& word : search_->text().split(' ', Qt::SkipEmptyParts))
    if (!all.contains(word, Qt::CaseInsensitive)) return false;
  return true;
}

bool OptionForm::conditionHolds(const Entry& entry) const {
  const QString condition = QString::fromStdString(entry.spec.info.shown_when);
  if (condition.isEmpty()) return true;
  const Entry* other = find(joined(entry.siblings, condition.section('=', 0, 0).toStdString()));
  if (!other) return true;
  const Json& value = other->value;
  const QString text = QString::fromStdString(value.is_string() ? value.get<std::string>() : value.dump());
  if (condition.contains('=')) return text == condition.section('=', 1);
  return !(text.isEmpty() || text == "false" || text == "0" || text == "null" || text == "[]" || text == "{}");
}

bool OptionForm::isShown(const Entry& entry) const {
  if (const Entry* group = entry.group.isEmpty() ? nullptr : find(entry.group))
    if (group->value.is_null()) return false;
  if (!conditionHolds(entry)) return false;
  if (!search_->text().trimmed().isEmpty()) return matchesSearch(entry);
  if (changedOnly_) return entry.keptAsChanged || isChanged(entry.spec, entry.value);
  return entry.spec.info.level == OptionLevel::simple || level_->current() == "advanced" ||
         (entry.row && !entry.row->editor().problem().isEmpty());
}

void OptionForm::updateRows() {
  bool any = false;
  for (Section& section : sections_) {
    bool anyHere = false;
    for (std::size_t i = 0; i < section.rows.size(); ++i) {
      const bool shown = isShown(*section.rows[i]);
      if (shown && !section.rows[i]->row) addRow(section, i);
      OptionRow* row = section.rows[i]->row;
      if (row && row->isVisibleTo(section.box) != shown) row->setVisible(shown);
      anyHere |= shown;
    }
    // A box that was never shown or hidden would come up with its parent.
    if (section.box->isVisibleTo(list_) != anyHere || !section.box->testAttribute(Qt::WA_WState_ExplicitShowHide))
      section.box->setVisible(anyHere);
    any |= anyHere;
  }
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
