#include "pages/preflight/verdict_card.h"

#include <QHBoxLayout>

#include "widgets/format.h"

namespace luthier {

VerdictCard::VerdictCard(QWidget* parent) : QFrame(parent) {
  setProperty("card", "true");
  setObjectName("preflightVerdict");
  auto* row = makeRow(14, this);
  row->setContentsMargins(16, 12, 16, 12);
  mark_ = new StateMark;
  mark_->setFixedSize(24, 24);
  row->addWidget(mark_);
  auto* words = makeColumn(2);
  title_ = makeText({}, TextStyle::heading, "");
  title_->setObjectName("preflightVerdictTitle");
  text_ = makeText({}, TextStyle::body, "secondary");
  words->addStretch(1);
  words->addWidget(title_);
  words->addWidget(text_);
  words->addStretch(1);
  row->addLayout(words, 1);
  row->addSpacing(10);
  finishes_ = addFigure(row, tr("Finishes"), "preflightFinishes");
  duration_ = addFigure(row, tr("Duration"), "preflightDuration");
  memory_ = addFigure(row, tr("Peak memory"), "preflightPeakMemory");
  disk_ = addFigure(row, tr("Disk"), "preflightDisk");
}

QLabel* VerdictCard::addFigure(QHBoxLayout* row, const QString& name, const char* objectName) {
  auto* column = makeColumn(1);
  column->addStretch(1);
  column->addWidget(makeLabel(name, TextStyle::caption, "tertiary"));
  QLabel* value = makeLabel({}, TextStyle::heading);
  value->setObjectName(objectName);
  column->addWidget(value);
  column->addStretch(1);
  row->addLayout(column);
  row->addSpacing(6);
  return value;
}

void VerdictCard::setResult(const PreflightResult& result, bool stale, double now) {
  const QStringList blocking = result.blocking();
  const int warnings = result.count("warning");
  if (stale) {
    mark_->setState(StateKind::notStarted);
    title_->setText(tr("The recipe has changed since"));
    text_->setText(tr("These figures belong to the recipe as it was. Run the preflight again before the start."));
  } else {
    mark_->setState(!blocking.isEmpty() ? StateKind::error : warnings > 0 ? StateKind::warning : StateKind::done);
    title_->setText(!blocking.isEmpty() ? tr("Blocked by: %1").arg(blocking.join(", "))
                    : warnings == 0     ? tr("Ready")
                    : warnings == 1     ? tr("Ready, with 1 warning")
                                        : tr("Ready, with %1 warnings").arg(warnings));
    QString text = result.wasMeasured()
                       ? tr("A real step took %1 and %2.")
                             .arg(durationText(result.longestStepSeconds), bytesText(result.measured.total))
                       : tr("The dry step was left out: these figures are estimates.");
    text += blocking.isEmpty() ? " " + tr("Nothing blocks the start.") : " " + tr("Put right what is red below.");
    text_->setText(text);
  }
  const bool timed = result.totalSeconds > 0;
  finishes_->setText(timed ? clockText(now + result.totalSeconds) : "–");
  duration_->setText(timed ? durationText(result.totalSeconds) : "–");
  memory_->setText(bytesText(result.peakMemory()));
  disk_->setText(bytesText(result.diskNeeded));
  setAccessibleName(title_->text() + ". " + text_->text());
  layout()->activate();  // layouts inside a layout keep the heights of the old text otherwise
}

}  // namespace luthier
