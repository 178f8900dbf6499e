#include "pages/export/export_dialog.h"

#include <QFileDialog>
#include <QHBoxLayout>
#include <QKeyEvent>
#include <QLineEdit>
#include <algorithm>
#include <memory>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "forms/catalog_text.h"
#include "forms/option_form.h"
#include "pages/export/format_card.h"
#include "recipe/catalog.h"
#include "widgets/format.h"
#include "widgets/states.h"

namespace luthier {

namespace {
QLabel* boldLabel(const QString& text) {
  QLabel* label = makeLabel(text, TextStyle::label);
  QFont bold = label->font();
  bold.setWeight(QFont::DemiBold);
  label->setFont(bold);
  return label;
}
}  // namespace

ExportDialog::ExportDialog(JobList& jobs, QWidget* page)
    : Overlay(tr("Export a file"), "exportDialog", page), jobs_(jobs) {
  makeCards();
  auto* below = makeRow(20);
  auto* left = makeColumn(8);
  optionsTitle_ = boldLabel({});
  left->addWidget(optionsTitle_);
  form_ = new OptionForm;
  form_->setObjectName("exportForm");
  form_->setCompact();
  connect(form_, &OptionForm::edited, this, [this](const QString& path, const Json& value) {
    const std::string key = path.toStdString();
    if (key == "precision")
      choice_.precision = value.is_string() ? QString::fromStdString(value.get<std::string>()) : "fp32";
    else if (value.is_null())
      choice_.options.erase(key);
    else
      choice_.options[key] = value;
    showOptions();
    refresh();
  });
  left->addWidget(form_);
  noOptions_ = makeText(tr("The adapter keeps its numbers as they were trained: there is nothing to choose."),
                        TextStyle::body, "secondary");
  left->addWidget(noOptions_);
  makeTarget(left);
  left->addStretch(1);
  below->addLayout(left, 5);

  auto* proof = new Card;
  proof->body()->addWidget(boldLabel(tr("Proof after writing")));
  proof->body()->addWidget(makeText(tr("Another process loads the file from the disk and compares it with the model in "
                                       "memory, on held-out rows."),
                                    TextStyle::small));
  for (const QString& line : {tr("Largest difference of logits"), tr("Same label or next token"),
                              tr("Every tensor on the disk"), tr("Size and time for a row")}) {
    auto* row = makeRow(8);
    row->addWidget(new StateMark(StateKind::done));
    row->addWidget(makeText(line, TextStyle::small, ""), 1);
    proof->body()->addLayout(row);
  }
  proof->body()->addStretch(1);
  below->addWidget(proof, 3);
  body()->addLayout(below);
  body()->addStretch(1);

  footer()->addWidget(makeLabel(tr("Ctrl+Enter exports"), TextStyle::small, "secondary"));
  footer()->addStretch(1);
  QPushButton* cancel = makeButton(tr("Cancel"), "exportDialogCancel");
  confirm_ = makeButton(tr("Export"), "exportConfirmButton", "primary");
  footer()->addWidget(cancel);
  footer()->addWidget(confirm_);
  connect(cancel, &QPushButton::clicked, this, &Overlay::close);
  connect(confirm_, &QPushButton::clicked, this, [this] {
    choice_.folder = target();
    for (const OptionSpec& spec : optionsFor(choice_.kind.toStdString(), source_.recipe)) {
      // An option of one number type that was set before another type was chosen: the form no longer shows it.
      const std::string& condition = spec.info.shown_when;
      if (condition.starts_with("precision=") && condition != "precision=" + choice_.precision.toStdString())
        choice_.options.erase(spec.info.key);
    }
    close();
    Q_EMIT confirmed(choice_);
  });
}

void ExportDialog::makeCards() {
  auto* grid = new QGridLayout;
  grid->setContentsMargins(0, 0, 0, 0);
  grid->setSpacing(10);
  const int columns = std::min<int>(3, int(exporters().size()));
  for (const ExporterEntry& entry : exporters()) {
    auto* card = new FormatCard(QString::fromStdString(entry.kind), catalogText(entry.label), catalogText(entry.help));
    connect(card, &QAbstractButton::clicked, this, [this, card] { choose(card->kind()); });
    grid->addWidget(card, int(cards_.size()) / columns, int(cards_.size()) % columns);
    cards_.push_back(card);
  }
  body()->addLayout(grid);
}

void ExportDialog::makeTarget(QVBoxLayout* column) {
  column->addSpacing(4);
  QLabel* label = makeLabel(tr("Folder"), TextStyle::label);
  column->addWidget(label);
  auto* row = makeRow(8);
  folder_ = new QLineEdit;
  folder_->setObjectName("exportFolderEdit");
  folder_->setAccessibleName(tr("Folder that is made"));
  folder_->setFont(luthier::font(TextStyle::mono));
  connect(&theme(), &Theme::changed, folder_, [this] { folder_->setFont(luthier::font(TextStyle::mono)); });
  label->setBuddy(folder_);
  connect(folder_, &QLineEdit::textChanged, this, &ExportDialog::refresh);
  QPushButton* browse = makeIconButton("folder", tr("Choose where the folder is made"), "exportBrowseButton");
  connect(browse, &QPushButton::clicked, this, [this] {
    auto* dialog = new QFileDialog(this, tr("Choose where the folder is made"));
    dialog->setAttribute(Qt::WA_DeleteOnClose);
    dialog->setFileMode(QFileDialog::Directory);
    dialog->setOption(QFileDialog::ShowDirsOnly);
    connect(dialog, &QFileDialog::fileSelected, this, [this](const QString& below) {
      folder_->setText(QString::fromStdString(
          freeFolder(below.toStdString(), source_.recipe.name, choice_.kind.toStdString()).string()));
    });
    dialog->open();
  });
  row->addWidget(folder_, 1);
  row->addWidget(browse);
  column->addLayout(row);
  free_ = makeLabel({}, TextStyle::small, "secondary");
  column->addWidget(free_);
  problem_ = makeText({}, TextStyle::small, "error");
  problem_->setObjectName("exportProblem");
  column->addWidget(problem_);
}

void ExportDialog::openFor(const ExportSource& source, const QString& kind, const QString& precision) {
  source_ = source;
  sizes_.clear();
  suggested_.clear();
  choice_ = {{}, precision, {}, {}};
  setHeading(tr("Export a file"), tr("%1, %2").arg(source.name, source.checkpoint));
  QString first;
  for (FormatCard* card : cards_) {
    card->setReason(reasonAgainst(card->kind().toStdString(), source.recipe));
    card->setSize({});
    if (card->isEnabled() && (first.isEmpty() || card->kind() == kind)) first = card->kind();
  }
  choose(first);
  measure();
  open();
  if (QWidget* chosen = findChild<QWidget*>("formatCard." + first)) chosen->setFocus();
}

void ExportDialog::choose(const QString& kind) {
  choice_.kind = kind;
  for (FormatCard* card : cards_) card->setChecked(card->kind() == kind);
  const std::string format = kind.toStdString();
  optionsTitle_->setText(tr("Options: %1").arg(catalogText(exporter_entry(format).label)));
  const ExporterEntry& entry = exporter_entry(format);
  const bool known = std::find(entry.precisions.begin(), entry.precisions.end(), choice_.precision.toStdString()) !=
                     entry.precisions.end();
  if (!known) choice_.precision = QString::fromStdString(entry.precisions.front());
  const std::vector<OptionSpec> specs = optionsFor(format, source_.recipe);
  choice_.options.clear();
  form_->setSections({{{}, {}, specs}});
  showOptions();
  form_->setVisible(!specs.empty());
  noOptions_->setVisible(specs.empty());
  const QString proposal = QString::fromStdString(freeFolder(source_.folder, source_.recipe.name, format).string());
  if (folder_->text().isEmpty() || folder_->text() == suggested_ || suggested_.isEmpty()) folder_->setText(proposal);
  suggested_ = proposal;
  refresh();
}

void ExportDialog::showOptions() {
  Json values = {{"precision", choice_.precision.toStdString()}};
  for (const auto& [key, value] : choice_.options) values[key] = value;
  form_->setValues(values);
}

void ExportDialog::measure() {
  if (measuring_) measuring_->cancel();
  struct Found {
    ExportSizes sizes;
    double small = 0;
  };
  auto found = std::make_shared<Found>();
  measuring_ = new ThreadJob(
      tr("Sizes of exports"),
      [found, recipe = source_.recipe](JobProgress&) {
        found->sizes = exportSizes(recipe);
        found->small = smallFiles(recipe);
      },
      [this, found, run = source_.run] {
        if (run != source_.run) return;
        sizes_ = found->sizes;
        smallBytes_ = found->small;
        refresh();
      },
      this);
  jobs_.run(measuring_);
}

double ExportDialog::sizeOf(const QString& kind, const QString& precision) const {
  const auto found = sizes_.find(kind.toStdString());
  if (found == sizes_.end()) return 0;
  const auto size = found->second.find(precision.toStdString());
  const std::string& first = exporter_entry(kind.toStdString()).precisions.front();
  return (size != found->second.end() ? size->second : found->second.at(first)) + smallBytes_;
}

std::filesystem::path ExportDialog::target() const {
  return resolve_path(folder_->text().trimmed().toStdString(), source_.folder);
}

void ExportDialog::refresh() {
  for (FormatCard* card : cards_) {
    const double bytes = card->isEnabled() ? sizeOf(card->kind(), choice_.precision) : 0;
    card->setSize(bytes > 0 ? bytesText(bytes) : QString());
  }
  const double bytes = choice_.kind.isEmpty() ? 0 : sizeOf(choice_.kind, choice_.precision);
  const bool empty = folder_->text().trimmed().isEmpty();
  const QString reason = reasonAgainst(empty ? std::filesystem::path() : target(), bytes);
  double free = 0;
  if (!empty) attempt({}, [&] { free = double(free_space_bytes(target())); });
  free_->setText(free > 0 ? tr("%1 free on this disk").arg(bytesText(free)) : QString());
  problem_->setText(reason);
  problem_->setVisible(!reason.isEmpty());
  setLookProperty(folder_, "invalid", !reason.isEmpty());
  confirm_->setText(bytes > 0 ? tr("Export %1").arg(bytesText(bytes)) : tr("Export"));
  confirm_->setAccessibleName(confirm_->text());
  setEnabledBecause(confirm_, reason.isEmpty(), reason);
  if (isOpen()) place();
}

void ExportDialog::keyPressEvent(QKeyEvent* event) {
  const bool enter = event->key() == Qt::Key_Return || event->key() == Qt::Key_Enter;
  if (enter && event->modifiers().testFlag(Qt::ControlModifier)) return confirm_->click();
  Overlay::keyPressEvent(event);
}

}  // namespace luthier
