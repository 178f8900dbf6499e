#include "pages/preflight/preflight_page.h"

#include <QAction>
#include <QDateTime>
#include <QHBoxLayout>
#include <QProgressBar>
#include <QScrollArea>
#include <nlohmann/json.hpp>

#include "document/fix_changes.h"
#include "pages/from_every_page.h"
#include "pages/preflight/check_list.h"
#include "pages/preflight/figure_cards.h"
#include "pages/preflight/problem_list.h"
#include "pages/preflight/verdict_card.h"
#include "widgets/format.h"
#include "widgets/layout_pause.h"
#include "widgets/scroll_body.h"

namespace luthier {

namespace {
constexpr int kSettleMilliseconds = 400;
constexpr int kSideBySide = 800;  // pixels of the page below which the two cards stand one above the other

double nowSeconds() { return double(QDateTime::currentMSecsSinceEpoch()) / 1000; }
}  // namespace

PreflightPage::PreflightPage(Workbench& workbench, QWidget* parent)
    : Page(workbench, tr("Preflight"), "preflightPage", parent) {
  makeHeader();
  makeBody();
  again_.setSingleShot(true);
  again_.setInterval(kSettleMilliseconds);
  connect(&again_, &QTimer::timeout, this, &PreflightPage::runPreflight);
  connect(&workbench.document, &Document::changed, this, &PreflightPage::documentChanged);
  connect(&workbench.document, &Document::projectChanged, this, [this] {
    again_.stop();
    if (job_) job_->cancel();
    startAfter_ = failed_ = false;
    refresh();
  });
  connect(&workbench.facts, &ProjectFacts::preflightChanged, this, [this] {
    if (hasResult()) {
      const Json& told = this->workbench().facts.preflight();
      result_ = preflightFrom(told);
      memory_->setResult(result_);
      tokens_->setResult(result_);
      if (!isStale()) checks_->setResult(result_);
    }
    refresh();
  });
  connect(&theme(), &Theme::changed, this, &PreflightPage::fitFigures);
  refresh();
}

void PreflightPage::makeHeader() {
  runButton_ = makeButton(tr("Run preflight"), "preflightRunButton");
  startButton_ = makeButton(tr("Start training"), "startTrainingButton", "primary");
  addHeaderButton(runButton_);
  addHeaderButton(startButton_);
  connect(runButton_, &QPushButton::clicked, this, &PreflightPage::runOrCancel);
  connect(startButton_, &QPushButton::clicked, this, &PreflightPage::startOrCheck);
  runAction_ = new QAction(tr("Run preflight"), this);
  runAction_->setShortcut(Qt::Key_F5);
  runAction_->setShortcutContext(Qt::WindowShortcut);
  runAction_->setProperty(kFromEveryPage, true);
  connect(runAction_, &QAction::triggered, this, [this] {
    if (!isVisible()) workbench().goTo(Step::preflight);
    if (!job_ && runButton_->isEnabled()) runPreflight();
  });
  addAction(runAction_);
}

QList<QAction*> PreflightPage::pageActions() const { return {runAction_}; }

QWidget* PreflightPage::makeRunning() {
  auto* card = new Card;
  card->setObjectName("preflightRunning");
  auto* row = makeRow(10);
  row->addWidget(new StateMark(StateKind::running));
  stage_ = makeLabel({}, TextStyle::body, "secondary");
  stage_->setObjectName("preflightStage");
  row->addWidget(stage_, 1);
  progress_ = new QProgressBar;
  progress_->setTextVisible(false);
  progress_->setFixedWidth(scaled(220));
  progress_->setAccessibleName(tr("Progress of the preflight"));
  row->addWidget(progress_);
  card->body()->addLayout(row);
  return card;
}

void PreflightPage::makeBody() {
  auto* area = new QScrollArea;
  area->setWidgetResizable(true);
  area->setFrameShape(QFrame::NoFrame);
  area->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  auto* inner = new ScrollBody;
  inner->setProperty("surface", "none");
  auto* column = makeColumn(12, inner);
  column->setContentsMargins(20, 16, 20, 16);
  content()->setContentsMargins(0, 0, 0, 0);
  content()->addWidget(area, 1);

  empty_ = new EmptyState("pre", {}, {});
  empty_->setObjectName("preflightEmpty");
  emptyFirst_ = empty_->addAction({}, "preflightEmptyFirst");
  emptySecond_ = empty_->addAction({}, "preflightEmptySecond");
  problems_ = new ProblemList(workbench());
  error_ = new ErrorCard;
  connect(error_->addFix(tr("Run again"), "preflightRetryButton"), &QPushButton::clicked, this,
          &PreflightPage::runPreflight);
  running_ = makeRunning();
  verdict_ = new VerdictCard;
  memory_ = new MemoryComparison;
  tokens_ = new TokenShare;
  figures_ = new QWidget;
  pair_ = makeRow(12, figures_);
  pair_->addWidget(memory_, 8);
  pair_->addWidget(tokens_, 5);
  checks_ = new CheckList;
  connect(checks_, &CheckList::fixChosen, this, &PreflightPage::applyFix);
  column->addWidget(error_);
  column->addWidget(running_);
  column->addWidget(problems_);
  column->addWidget(empty_, 100);
  column->addWidget(verdict_);
  column->addWidget(figures_);
  column->addWidget(checks_);
  column->addStretch(1);
  area->setWidget(inner);
}

void PreflightPage::resizeEvent(QResizeEvent* event) {
  Page::resizeEvent(event);
  fitFigures();
}

void PreflightPage::fitFigures() {
  pair_->setDirection(width() < scaled(kSideBySide) ? QBoxLayout::TopToBottom : QBoxLayout::LeftToRight);
}

StateKind PreflightPage::state() const {
  if (job_) return StateKind::running;
  if (!hasResult() || isStale()) return StateKind::notStarted;
  return result_.verdict == "blocked"    ? StateKind::error
         : result_.verdict == "warnings" ? StateKind::warning
                                         : StateKind::done;
}

void PreflightPage::shown() { refresh(); }

void PreflightPage::runOrCancel() {
  if (!job_) return runPreflight();
  startAfter_ = false;
  again_.stop();
  job_->cancel();
}

void PreflightPage::runPreflight() {
  if (!workbench().document.recipe()) return refresh();
  if (job_) {  // of the recipe as it was: this one is run as soon as that has ended
    again_.start();
    return job_->cancel();
  }
  failed_ = false;
  if (const auto error = attempt(tr("The preflight was not started"), [this] { workbench().document.save(); }))
    return showError(*error);
  found_ = Json();
  const QString file = QString::fromStdString(workbench().document.file().string());
  job_ = new CliJob(tr("Preflight"), {"preflight", file, "--json"});
  job_->acceptExitCodes({1});
  connect(job_, &CliJob::line, this, [this](const Json& json) {
    if (json.is_object() && json.contains("preflight")) found_ = json["preflight"];
  });
  connect(job_, &Job::progressed, this, [this] {
    if (!job_) return;
    stage_->setText(capitalText(job_->stage()));
    progress_->setRange(0, job_->share() < 0 ? 0 : 100);
    progress_->setValue(qRound(job_->share() * 100));
  });
  connect(job_, &Job::finished, this,
          [this, started = workbench().document.json()](const std::optional<ErrorText>& error) {
            takeResult(error, started);
          });
  stage_->setText(tr("Starting"));
  progress_->setRange(0, 0);
  workbench().jobs.run(job_);
  refresh();
}

void PreflightPage::takeResult(const std::optional<ErrorText>& error, const Json& started) {
  job_ = nullptr;
  const bool start = startAfter_ && !error;
  startAfter_ = false;
  if (error && error->kind == "cancelled") return refresh();
  if (error) {
    ErrorText told = *error;
    told.title = tr("The preflight could not be finished");
    return showError(told);
  }
  if (found_.is_null())
    return showError({tr("The preflight could not be finished"),
                      tr("luthier-cli gave no result."),
                      {},
                      tr("Run it again; if it happens again, copy the details."),
                      "internal"});
  if (started != workbench().document.json()) return refresh();  // another recipe by now
  workbench().facts.setPreflight(found_);
  if (start && result_.blocking().isEmpty()) startTraining();
}

void PreflightPage::startOrCheck() {
  if (hasResult() && !isStale()) return startTraining();
  startAfter_ = true;
  if (!job_) return runPreflight();
  refresh();
}

void PreflightPage::startTraining() {
  QString run;
  const auto error =
      attempt(tr("Training was not started"), [&] { run = workbench().runs.startRun(*workbench().document.recipe()); });
  if (error) return showError(*error);
  workbench().showRun(run);
  workbench().goTo(Step::train);
}

void PreflightPage::applyFix(const QString& id, const PreflightResult::Fix& fix) {
  Document& document = workbench().document;
  QString changes;
  if (const auto error =
          attempt(tr("The fix was not applied"), [&] { changes = luthier::applyFix(document, fix.set, fix.label); }))
    return showError(*error);
  checks_->showChange(id, changes);
  again_.start();
}

void PreflightPage::documentChanged(const QStringList& paths) {
  if (paths == QStringList{"name"}) return;
  if (job_) {
    startAfter_ = false;
    again_.start();
  }
  refresh();
}

void PreflightPage::showError(const ErrorText& error) {
  failed_ = true;
  error_->setError(error);
  refresh();
}

void PreflightPage::refresh() {
  Document& document = workbench().document;
  const bool ready = document.isOpen() && document.recipe().has_value();
  const bool result = ready && hasResult();
  const LayoutPause pause(verdict_->parentWidget()->layout());
  error_->setVisible(failed_ && document.isOpen() && !job_);
  running_->setVisible(job_ != nullptr);
  verdict_->setVisible(result);
  figures_->setVisible(result);
  checks_->setVisible(result);
  if (result) {
    verdict_->setResult(result_, isStale(), nowSeconds());
    checks_->setFixesEnabled(!isStale(), tr("The recipe has changed since: run the preflight again."));
  }
  refreshEmpty(ready);
  refreshHeader(ready);
  Q_EMIT stateChanged();
}

void PreflightPage::refreshEmpty(bool ready) {
  Document& document = workbench().document;
  const auto showEmpty = [&](const QString& title, const QString& text, const QString& first, const QString& second) {
    empty_->setText(title, text);
    emptyFirst_->setText(first);
    emptyFirst_->setVisible(!first.isEmpty());
    emptySecond_->setText(second);
    emptySecond_->setVisible(!second.isEmpty());
  };
  emptyFirst_->disconnect(this);
  emptySecond_->disconnect(this);
  const auto link = [this](QPushButton* button, Step step) {
    connect(button, &QPushButton::clicked, this, [this, step] { workbench().goTo(step); });
  };
  const bool noData = document.isOpen() && document.text("data.train").isEmpty();
  const bool noModel = document.isOpen() && document.text("model.path").isEmpty();
  const bool missing = !document.isOpen() || noData || noModel;
  empty_->setVisible(missing || (ready && !hasResult() && !job_ && !failed_));
  problems_->setVisible(!missing && !ready);
  if (problems_->isVisibleTo(this)) problems_->setProblems(document.problems());
  if (!document.isOpen()) {
    showEmpty(tr("No project is open"),
              tr("The preflight checks a project's data, model and settings before training."), tr("Go to Home"), {});
    link(emptyFirst_, Step::home);
  } else if (noData || noModel) {
    const QString lacking = noData && noModel ? tr("A data file and a model are missing.")
                            : noData          ? tr("A data file is missing.")
                                              : tr("A model is missing.");
    showEmpty(tr("Nothing to check yet"),
              lacking + " " + tr("Then one real step tells memory, time and what is wrong."),
              noData ? tr("Choose data") : tr("Choose a model"), noData && noModel ? tr("Choose a model") : QString());
    link(emptyFirst_, noData ? Step::data : Step::model);
    link(emptySecond_, Step::model);
  } else {
    showEmpty(tr("Not checked yet"),
              tr("One real step on the longest rows measures memory and time, and finds what would go wrong."),
              tr("Run preflight"), {});
    connect(emptyFirst_, &QPushButton::clicked, this, &PreflightPage::runPreflight);
  }
}

void PreflightPage::refreshHeader(bool ready) {
  const bool known = ready && hasResult();
  const bool current = known && !isStale();
  setSubtitle(job_      ? tr("running")
              : !known  ? QString()
              : current ? tr("%1 checks, %2").arg(result_.checks.size()).arg(durationText(result_.seconds))
                        : tr("out of date"));
  runButton_->setText(job_ ? tr("Cancel") : known ? tr("Run again") : tr("Run preflight"));
  runButton_->setAccessibleName(runButton_->text());
  runButton_->setIcon(known && !job_ ? icon("reset") : QIcon());
  const QString why = !workbench().document.isOpen() ? tr("Open a project first.") : tr("The recipe has problems.");
  setEnabledBecause(runButton_, ready || job_, why);
  if (ready && !job_) runButton_->setToolTip(tr("F5"));
  startButton_->setText(current ? tr("Start training") : tr("Check and start"));
  startButton_->setAccessibleName(startButton_->text());
  const QStringList blocking = current ? result_.blocking() : QStringList();
  setEnabledBecause(startButton_, ready && blocking.isEmpty() && !startAfter_,
                    !ready        ? why
                    : startAfter_ ? tr("Training starts as soon as the preflight is done.")
                                  : tr("Blocked by: %1").arg(blocking.join(", ")));
}

}  // namespace luthier
