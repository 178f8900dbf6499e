#include "pages/home/recent_row.h"

#include <QDir>
#include <QHBoxLayout>
#include <QPushButton>
#include <QVBoxLayout>

#include "widgets/format.h"

namespace luthier {

namespace {
struct Ending {
  StateKind state;
  QString text;
};

Ending endingOf(const RunRow& run) {
  const QString at = clockText(run.ended > 0 ? run.ended : run.started > 0 ? run.started : run.created);
  switch (run.status) {
    case RunStatus::queued:
      return {StateKind::notStarted, RecentRow::tr("Waiting since %1").arg(clockText(run.created))};
    case RunStatus::running: {
      const int percent = run.total_steps > 0 ? int(100 * run.step / run.total_steps) : 0;
      return {StateKind::running, RecentRow::tr("Training, %1 %").arg(percent)};
    }
    case RunStatus::paused:
      return {StateKind::paused, RecentRow::tr("Paused at step %1").arg(countText(run.step))};
    case RunStatus::success:
      return {StateKind::done, RecentRow::tr("Finished %1").arg(at)};
    case RunStatus::failed:
      return {StateKind::error, RecentRow::tr("Failed %1").arg(at)};
    case RunStatus::stopped:
      return {StateKind::note, RecentRow::tr("Stopped %1").arg(at)};
    case RunStatus::interrupted:
      return {StateKind::warning, RecentRow::tr("Interrupted %1").arg(at)};
  }
  return {StateKind::notStarted, {}};
}
}  // namespace

RecentRow::RecentRow(const RecentProject& project, int index, QWidget* parent) : QWidget(parent) {
  setObjectName(QString("recent.%1").arg(index));
  setToolTip(QDir::toNativeSeparators(QString::fromStdString(project.folder.string())));
  auto* row = makeRow(16, this);
  row->setContentsMargins(14, 8, 12, 8);
  auto* words = makeColumn(1);
  name_ = new ElidedLabel;
  QFont bold = luthier::font(TextStyle::label);
  bold.setWeight(QFont::DemiBold);
  name_->setFont(bold);
  words->addWidget(name_);
  facts_ = new ElidedLabel;
  facts_->setFont(luthier::font(TextStyle::small));
  facts_->setProperty("tone", "tertiary");
  words->addWidget(facts_);
  row->addLayout(words, 1);

  auto* last = new QWidget;
  last->setFixedWidth(scaled(210));
  auto* ending = makeRow(8, last);
  mark_ = new StateMark;
  run_ = new ElidedLabel;
  run_->setObjectName(QString("recent.%1.run").arg(index));
  run_->setProperty("tone", "secondary");
  ending->addWidget(mark_);
  ending->addWidget(run_, 1);
  row->addWidget(last);
  QPushButton* open = makeSmallButton(tr("Open"), QString("recent.%1.open").arg(index));
  open->setAccessibleName(tr("Open the project %1").arg(project.name));
  connect(open, &QPushButton::clicked, this, &RecentRow::openWanted);
  row->addWidget(open);
  setProject(project);
}

void RecentRow::setProject(const RecentProject& project) {
  setAccessibleName(project.name);
  name_->setFullText(project.name);
  QStringList about;
  for (const QString& part : {project.task, project.data, project.model})
    if (!part.isEmpty()) about << part;
  facts_->setFullText(about.join(" · "));
  const Ending told = project.lastRun ? endingOf(*project.lastRun) : Ending{StateKind::notStarted, tr("No run yet")};
  mark_->setState(told.state);
  run_->setFullText(told.text);
}

}  // namespace luthier
