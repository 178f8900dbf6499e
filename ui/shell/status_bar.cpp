#include "shell/status_bar.h"

#include <QDateTime>
#include <QPainter>
#include <cmath>

#include "device/device.h"
#include "widgets/format.h"

namespace luthier {

StatusBar::StatusBar(Workbench& workbench, QWidget* parent) : QWidget(parent), workbench_(workbench) {
  setObjectName("statusBar");
  setFixedHeight(scaled(30));
  auto* row = makeRow(8, this);
  row->setContentsMargins(12, 0, 12, 0);
  auto* chip = new QLabel;
  const auto draw = [this, chip] {
    chip->setPixmap(iconPixmap("cpu", tokens().textSecondary, 16, devicePixelRatioF()));
    setFixedHeight(scaled(30));
  };
  draw();
  connect(&theme(), &Theme::changed, chip, draw);
  const std::vector<Gpu> found = gpus();
  device_ =
      makeLabel(found.empty() ? tr("CPU, %n cores", nullptr, usable_cores()) : QString::fromStdString(found[0].name),
                TextStyle::small, "secondary");
  device_->setObjectName("statusDevice");
  memory_ = new MemoryBar;
  memory_->setObjectName("statusMemory");
  memory_->setBarHeight(4);
  memory_->setFixedWidth(64);
  memoryText_ = makeLabel({}, TextStyle::monoCaption, "secondary");
  mark_ = new StateMark(StateKind::running);
  job_ = new ElidedLabel;
  job_->setObjectName("statusJob");
  job_->setFont(luthier::font(TextStyle::small));
  job_->setProperty("tone", "secondary");
  job_->setMaximumWidth(scaled(420));
  progress_ = new DoubleProgress;
  progress_->setObjectName("statusProgress");
  progress_->setFixedWidth(140);
  left_ = makeLabel({}, TextStyle::monoCaption, "secondary");
  pause_ = makeButton(tr("Pause"), "statusPauseButton", "quiet");
  stop_ = makeButton(tr("Stop"), "statusStopButton", "quiet");
  cancel_ = makeButton(tr("Cancel"), "statusCancelButton", "quiet");
  for (QPushButton* button : {pause_, stop_, cancel_}) button->setProperty("extent", "fix");
  saved_ = makeLabel({}, TextStyle::small, "secondary");
  saved_->setObjectName("statusSaved");
  row->addWidget(chip);
  row->addWidget(device_);
  row->addWidget(memory_);
  row->addWidget(memoryText_);
  row->addSpacing(4);
  auto* line = makeLine(Qt::Vertical);
  line->setFixedHeight(14);
  row->addWidget(line);
  row->addSpacing(4);
  row->addWidget(mark_);
  row->addWidget(job_);
  row->addWidget(progress_);
  row->addWidget(left_);
  row->addWidget(pause_);
  row->addWidget(stop_);
  besideMark_ = new StateMark(StateKind::running);
  beside_ = new ElidedLabel;
  beside_->setObjectName("statusBesideJob");
  beside_->setFont(luthier::font(TextStyle::small));
  beside_->setProperty("tone", "secondary");
  beside_->setMaximumWidth(scaled(260));
  row->addWidget(besideMark_);
  row->addWidget(beside_);
  row->addWidget(cancel_);
  row->addStretch(1);
  row->addWidget(saved_);

  connect(pause_, &QPushButton::clicked, this, [this] {
    const RunRow* run = workbench_.runs.find(run_);
    if (!run) return;
    const char* kind = run->status == RunStatus::paused ? "resume" : "pause";
    attempt({}, [&] { workbench_.runs.command(run_, kind); });
  });
  connect(stop_, &QPushButton::clicked, this, [this] {
    workbench_.showRun(run_);
    workbench_.goTo(Step::train);  // stopping asks there, beside what would be lost
  });
  connect(cancel_, &QPushButton::clicked, this, [this] {
    for (const QPointer<Job>& job : workbench_.jobs.running())
      if (job) job->cancel();
  });
  connect(&workbench.runs, &RunStore::runsChanged, this, &StatusBar::updateJob);
  connect(&workbench.jobs, &JobList::changed, this, &StatusBar::updateJob);
  const auto tellSaved = [this] {
    const Document& document = workbench_.document;
    saved_->setText(document.isOpen() ? tr("Saved %1").arg(clockText(document.savedAt())) : QString());
  };
  connect(&workbench.document, &Document::saved, this, tellSaved);
  connect(&workbench.document, &Document::projectChanged, this, tellSaved);
  connect(&workbench.document, &Document::saveFailed, this, [this](const ErrorText& error) {
    saved_->setText(tr("Not saved: %1").arg(error.what.section('\n', 0, 0)));
    setTone(saved_, "error");
  });
  connect(&workbench.document, &Document::saved, this, [this] { setTone(saved_, "secondary"); });
  connect(&slow_, &QTimer::timeout, this, [this] {
    updateMemory();
    updateJob();
  });
  slow_.start(1000);
  updateMemory();
  updateJob();
}

void StatusBar::updateMemory() {
  const Memory memory = luthier::memory();
  const double total = double(std::min(memory.total_bytes, memory.limit_bytes.value_or(memory.total_bytes)));
  const double used = std::max(0.0, total - double(memory.available_here_bytes));
  memory_->setSegments({{tr("used"), used, tokens().textSecondary}}, total,
                       tr("Memory %1 of %2 used").arg(bytesText(used), bytesText(total)));
  memoryText_->setText(QString("%1 / %2 GB").arg(used / 1e9, 0, 'f', 1).arg(total / 1e9, 0, 'f', 1));
}

void StatusBar::updateJob() {
  const RunRow* run = workbench_.runs.active();
  run_ = run ? QString::fromStdString(run->id) : QString();
  const Job* job = nullptr;
  for (const QPointer<Job>& one : workbench_.jobs.running())
    if (one) job = one;
  mark_->setVisible(run || job);
  progress_->setVisible(run || (job && job->share() >= 0));
  pause_->setVisible(run && run->status != RunStatus::queued);
  stop_->setVisible(run);
  cancel_->setVisible(job);
  for (QWidget* beside : {static_cast<QWidget*>(besideMark_), static_cast<QWidget*>(beside_)})
    beside->setVisible(run && job);
  const auto jobText = [&] {
    QString text = job->stage().isEmpty() ? job->title() : job->title() + " · " + job->stage();
    if (run && job->share() >= 0) text += QString(" · %1 %").arg(qRound(job->share() * 100));
    return text;
  };
  if (run && job) beside_->setFullText(jobText());
  left_->setVisible(run);
  if (run) {
    const bool paused = run->status == RunStatus::paused;
    mark_->setState(paused                             ? StateKind::paused
                    : run->status == RunStatus::queued ? StateKind::notStarted
                                                       : StateKind::running);
    const QString state = run->status == RunStatus::queued ? tr("queued") : paused ? tr("paused") : tr("running");
    job_->setFullText(QString("%1 · %2").arg(QString::fromStdString(run->name), state));
    const double whole = run->total_steps > 0 ? double(run->step) / double(run->total_steps) : 0;
    const double epoch = run->epoch - std::floor(run->epoch);
    progress_->setShares(whole >= 1 ? 1 : epoch, whole);
    pause_->setText(paused ? tr("Resume") : tr("Pause"));
    const double now = QDateTime::currentMSecsSinceEpoch() / 1000.0;
    const double elapsed = now - run->started;
    left_->setText(!paused && whole > 0.01 && run->started > 0
                       ? tr("%1 left").arg(clockDurationText(elapsed / whole - elapsed))
                       : QString());
  } else if (job) {
    mark_->setState(StateKind::running);
    job_->setFullText(jobText());
    progress_->setShares(job->share(), job->share());
  } else {
    job_->setFullText(tr("No job running"));
  }
}

void StatusBar::paintEvent(QPaintEvent*) {
  QPainter painter(this);
  painter.fillRect(rect(), tokens().chrome);
  painter.setPen(tokens().line);
  painter.drawLine(0, 0, width(), 0);
}

}  // namespace luthier
