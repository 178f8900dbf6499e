// RunCard: what should be looked at, and the fixes.
#include "document/fix_changes.h"
#include "forms/catalog_text.h"
#include "pages/data/filter_bar.h"
#include "pages/data/finding_actions.h"
#include "shell/run_card.h"
#include "widgets/format.h"

namespace luthier {

namespace {
constexpr int kChangeMilliseconds = 2000;  // that the values of a fix are shown
}

void RunCard::updateFindings() {
  struct Line {
    QString id, message, severity;
    FindingAction action{};
  };
  QList<Line> lines;
  if (workbench_.document.isOpen()) {
    if (const DataProfile* profile = workbench_.facts.data())
      for (const Finding& finding : profile->findings)
        lines << Line{QString::fromStdString(finding.id), QString::fromStdString(finding.message),
                      QString::fromStdString(finding.severity),
                      actionFor(finding, *profile, workbench_.document.lenient(), workbench_.facts.model())};
    if (const ModelOutline* model = workbench_.facts.model())
      for (const OutlineFinding& finding : model->findings)
        lines << Line{QString::fromStdString(finding.id), catalogText(finding.message),
                      QString::fromStdString(finding.severity)};
    if (workbench_.facts.dataError()) lines << Line{"data", workbench_.facts.dataError()->what, "error"};
    if (workbench_.facts.modelError()) lines << Line{"model", workbench_.facts.modelError()->what, "error"};
    const auto& estimate = workbench_.facts.estimate();
    if (estimate && double(estimate->memory.total()) > double(estimate->memory_available_bytes))
      lines << Line{
          "memory",
          tr("The estimate of %1 is more than the %2 that are free")
              .arg(bytesText(double(estimate->memory.total())), bytesText(double(estimate->memory_available_bytes))),
          "error"};
  }
  // Most changes of the recipe change none of them: then a button under the pointer stays.
  QString key = workbench_.document.isOpen() ? "open" : "closed";
  for (const Line& line : lines)
    key += '\n' + line.id + line.severity + line.message + line.action.fixText + line.action.assignments.join(' ');
  if (key == findingsShown_) return;
  findingsShown_ = key;
  clearLayout(findings_);
  warnings_ = 0;
  int errors = 0;
  for (const Line& line : lines) {
    const StateKind kind = line.severity == "error"     ? StateKind::error
                           : line.severity == "warning" ? StateKind::warning
                                                        : StateKind::note;
    warnings_ += kind == StateKind::warning;
    errors += kind == StateKind::error;
    auto* row = new QWidget;
    row->setObjectName("finding." + line.id);
    auto* layout = makeRow(8, row);
    layout->setContentsMargins(0, 7, 0, 7);
    auto* mark = new StateMark(kind);
    layout->addWidget(mark, 0, Qt::AlignTop);
    layout->addWidget(makeText(capitalText(line.message), TextStyle::small, ""), 1);
    if (!line.action.assignments.isEmpty()) {
      QPushButton* fix = makeFixButton(tr("Fix"), "fix." + line.id);
      fix->setToolTip(line.action.fixText);
      fix->setAccessibleName(line.action.fixText);
      connect(fix, &QPushButton::clicked, this, [this, action = line.action] {
        QString changes;
        if (!attempt({}, [&] { changes = applyFix(workbench_.document, action.assignments, action.fixText); }))
          showChange(changes);
      });
      layout->addWidget(fix, 0, Qt::AlignTop);
    } else if (!line.action.filter.isEmpty()) {
      QPushButton* show = makeFixButton(tr("Show"), "show." + line.id);
      connect(show, &QPushButton::clicked, this, [this, filter = line.action.filter] {
        workbench_.goTo(Step::data);
        if (auto* bar = window()->findChild<FilterBar*>()) bar->setText(filter);
      });
      layout->addWidget(show, 0, Qt::AlignTop);
    }
    findings_->addWidget(makeLine());
    findings_->addWidget(row);
  }
  findingCount_->setText(QString::number(lines.size()));
  if (!workbench_.document.isOpen())
    setChip(chip_, {}, "neutral");
  else if (errors > 0)
    setChip(chip_, tr("%n errors", nullptr, errors), "error");
  else if (warnings_ > 0)
    setChip(chip_, tr("%n warnings", nullptr, warnings_), "warning");
  else
    setChip(chip_, tr("no warnings"), "good");
  chip_->setVisible(workbench_.document.isOpen());
  closedMark_->setState(errors > 0 ? StateKind::error : warnings_ > 0 ? StateKind::warning : StateKind::done);
}

void RunCard::showChange(const QString& change) {
  change_->setText(change);
  change_->show();
  changeTime_.start(kChangeMilliseconds);
}

}  // namespace luthier
