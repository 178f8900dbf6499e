#include "pages/train/train_page.h"

#include <QAction>
#include <QBoxLayout>
#include <QDateTime>
#include <QScrollArea>
#include <QStackedWidget>
#include <QTabBar>
#include <QTimer>
#include <algorithm>

#include "pages/from_every_page.h"
#include "pages/train/amend_card.h"
#include "pages/train/evaluation_panel.h"
#include "pages/train/log_view.h"
#include "pages/train/run_banner.h"
#include "pages/train/run_settings.h"
#include "pages/train/samples_panel.h"
#include "pages/train/train_charts.h"
#include "pages/train/train_stats.h"
#include "widgets/controls.h"
#include "widgets/format.h"

namespace luthier {

namespace {
constexpr int kSoonMilliseconds = 15;  ///< a key or a click may come between the page and its numbers
}

TrainPage::TrainPage(Workbench& workbench, QWidget* parent) : Page(workbench, tr("Train"), "trainPage", parent) {
  makeHeader();
  stack_ = new QStackedWidget;
  empty_ = new EmptyState("train", tr("No run yet"),
                          tr("Loss, metrics, log and events of a run show here. Preflight starts one."));
  connect(empty_->addAction(tr("Go to Preflight"), "goPreflightButton"), &QPushButton::clicked, this,
          [this] { this->workbench().goTo(Step::preflight); });
  stack_->addWidget(empty_);
  stack_->addWidget(makeBody());
  content()->setContentsMargins(0, 0, 0, 0);
  content()->addWidget(stack_);
  makeActions();

  connect(&workbench.runs, &RunStore::runsChanged, this, [this] {
    followShownRun();
    refreshState();
    refreshSoon_.start();
  });
  connect(&workbench.document, &Document::projectChanged, this, &TrainPage::followShownRun);
  connect(charts_, &TrainCharts::wanted, this, &TrainPage::refreshNumbers);
  connect(amend_, &AmendCard::applied, this, &TrainPage::amend);
  connect(amend_, &AmendCard::cancelled, amend_, &QWidget::hide);
  connect(eventList_, &EventList::stepWanted, charts_, &TrainCharts::showStep);
  // The clock goes on between two steps too.
  connect(&second_, &QTimer::timeout, this, [this] {
    if (const RunRow* run = row(); run && run->status == RunStatus::running) refreshNumbers();
  });
  second_.start(1000);
  refreshSoon_.setSingleShot(true);
  refreshSoon_.setInterval(kSoonMilliseconds);
  connect(&refreshSoon_, &QTimer::timeout, this, &TrainPage::refreshNumbers);
  refreshState();
}

TrainPage::~TrainPage() = default;

void TrainPage::makeHeader() {
  checkpoint_ = makeButton(tr("Checkpoint"), "checkpointButton");
  pause_ = makeButton(tr("Pause"), "pauseButton");
  resume_ = makeButton(tr("Resume"), "resumeButton", "primary");
  stop_ = makeButton(tr("Stop"), "stopButton", "danger");
  const auto draw = [this] {
    checkpoint_->setIcon(icon("flag", tokens().textPrimary));
    pause_->setIcon(icon("pause", tokens().textPrimary));
    resume_->setIcon(icon("play", tokens().onAccent));
    stop_->setIcon(icon("stop", tokens().error));
  };
  draw();
  connect(&theme(), &Theme::changed, this, draw);
  for (QPushButton* button : {checkpoint_, pause_, resume_, stop_}) addHeaderButton(button);
  connect(checkpoint_, &QPushButton::clicked, this, [this] { send("checkpoint"); });
  connect(pause_, &QPushButton::clicked, this, [this] { send("pause"); });
  connect(resume_, &QPushButton::clicked, this, &TrainPage::resume);
  connect(stop_, &QPushButton::clicked, this, [this] { askToStop(true); });
}

QWidget* TrainPage::makeBody() {
  auto* scroll = new QScrollArea;
  scroll->setWidgetResizable(true);
  scroll->setHorizontalScrollBarPolicy(Qt::ScrollBarAlwaysOff);
  scroll->setFrameShape(QFrame::NoFrame);
  auto* body = new QWidget;
  body->setProperty("surface", "none");
  auto* column = makeColumn(12, body);
  column->setContentsMargins(20, 16, 20, 16);
  banner_ = new RunBanner;
  amend_ = new AmendCard;
  amend_->hide();
  error_ = new ErrorCard;
  stats_ = new TrainStats;
  charts_ = new TrainCharts;
  column->addWidget(banner_);
  column->addWidget(amend_);
  column->addWidget(error_);
  column->addWidget(stats_);
  column->addWidget(charts_->toolbar());
  auto* middle = makeRow(12);
  auto* left = makeColumn(12);
  left->addWidget(charts_, 3);
  left->addWidget(makeLower(), 1);
  middle->addLayout(left, 1);
  middle->addWidget(makeSide());
  column->addLayout(middle, 1);
  scroll->setWidget(body);
  return scroll;
}

QWidget* TrainPage::makeSide() {
  side_ = new QWidget;
  auto* column = makeColumn(8, side_);
  sideChoice_ = new SegmentedControl("sideToggle");
  sideChoice_->setChoices({"samples", "evaluation"}, {tr("Samples"), tr("Evaluation")});
  sideChoice_->setCurrent("samples");
  sideChoice_->setAccessibleName(tr("What stands beside the charts"));
  sideStack_ = new QStackedWidget;
  samples_ = new SamplesPanel;
  panel_ = new EvaluationPanel;
  sideStack_->addWidget(samples_);
  sideStack_->addWidget(panel_);
  connect(samples_, &SamplesPanel::sampleWanted, this, [this] { send("sample"); });
  column->addWidget(sideChoice_, 0, Qt::AlignLeft);
  column->addWidget(sideStack_, 1);
  connect(sideChoice_, &SegmentedControl::chosen, this,
          [this](const QString& id) { sideStack_->setCurrentIndex(id == "samples" ? 0 : 1); });
  return side_;
}

QWidget* TrainPage::makeLower() {
  auto* card = new Card;
  lowerCard_ = card;
  card->body()->setContentsMargins(1, 0, 1, 4);
  card->body()->setSpacing(0);
  auto* bar = makeRow(4);
  bar->setContentsMargins(2, 0, 8, 0);
  tabs_ = new QTabBar;
  tabs_->setObjectName("trainTabs");
  tabs_->setAccessibleName(tr("Events, log or settings"));
  tabs_->setDrawBase(false);
  tabs_->setExpanding(false);
  for (const QString& name : {tr("Events"), tr("Log"), tr("Settings of this run")}) tabs_->addTab(name);
  fold_ = makeIconButton("chevron", tr("Fold"), "trainFoldButton");
  bar->addWidget(tabs_);
  bar->addStretch(1);
  bar->addWidget(fold_);
  card->body()->addLayout(bar);
  auto* line = makeLine();
  card->body()->addWidget(line);
  lower_ = new QStackedWidget;
  eventList_ = new EventList(events_);
  log_ = new LogView;
  settings_ = new RunSettings;
  lower_->addWidget(eventList_);
  lower_->addWidget(log_);
  lower_->addWidget(settings_);
  lower_->setMinimumHeight(scaled(84));
  lower_->setSizePolicy(QSizePolicy::Preferred, QSizePolicy::Ignored);
  card->body()->addWidget(lower_, 1);
  connect(tabs_, &QTabBar::currentChanged, lower_, &QStackedWidget::setCurrentIndex);
  connect(fold_, &QPushButton::clicked, this, [this, line] {
    const bool fold = lower_->isVisible();
    lower_->setVisible(!fold);
    line->setVisible(!fold);
    lowerCard_->setMaximumHeight(fold ? lowerCard_->minimumSizeHint().height() : QWIDGETSIZE_MAX);
    const QString what = fold ? tr("Unfold") : tr("Fold");
    fold_->setAccessibleName(what);
    fold_->setToolTip(what);
    fold_->setIcon(icon(fold ? "up" : "chevron"));
  });
  return card;
}

void TrainPage::makeActions() {
  const auto add = [this](const QString& text, const char* keys, auto run) {
    auto* action = new QAction(text, this);
    action->setShortcut(QKeySequence(keys));
    action->setShortcutContext(Qt::WindowShortcut);
    connect(action, &QAction::triggered, this, run);
    addAction(action);
    actions_ << action;
  };
  add(tr("Stop this run"), "Ctrl+.", [this] {
    if (const RunRow* active = workbench().runs.active(); active && !isVisible()) {
      workbench().showRun(QString::fromStdString(active->id));
      workbench().goTo(Step::train);
    }
    if (stop_->isVisible() && stop_->isEnabled()) askToStop(true);
  });
  actions_.last()->setProperty(kFromEveryPage, true);
  add(tr("Logarithmic or linear loss"), "L", [this] { charts_->toggleScale(); });
  add(tr("Less smoothing"), "[", [this] { charts_->moveSmoothing(-5); });
  add(tr("More smoothing"), "]", [this] { charts_->moveSmoothing(5); });
  add(tr("Whole range of the charts"), "", [this] { charts_->group().resetZoom(); });
}

const RunRow* TrainPage::row() const { return run_.isEmpty() ? nullptr : workbench().runs.find(run_); }

QPushButton* TrainPage::primaryButton() const { return resume_->isVisibleTo(this) ? resume_ : nullptr; }

StateKind TrainPage::state() const {
  const RunRow* run = row();
  if (!run) return StateKind::notStarted;
  switch (run->status) {
    case RunStatus::running:
      return StateKind::running;
    case RunStatus::paused:
      return StateKind::paused;
    case RunStatus::success:
      return StateKind::done;
    case RunStatus::failed:
    case RunStatus::interrupted:
      return StateKind::error;
    case RunStatus::stopped:
      return StateKind::note;
    case RunStatus::queued:
      break;
  }
  return StateKind::notStarted;
}

void TrainPage::shown() {
  followShownRun();
  refreshState();
  refreshSoon_.start();
}

void TrainPage::followShownRun() {
  const QString wanted = workbench().shownRun();
  if (wanted != run_ || (!wanted.isEmpty() && !feed_)) attach(workbench().runs.find(wanted) ? wanted : QString());
}

void TrainPage::attach(const QString& run) {
  feed_.reset();
  run_ = run;
  recipe_.reset();
  curves_.clear();
  clock_.clear();
  events_.clear();
  samples_->clear();
  artefacts_.clear();
  asked_.clear();
  problem_.reset();
  stopQuestion_ = checkpointAsked_ = sampleAsked_ = false;
  stateShown_.clear();
  amend_->hide();
  if (!run.isEmpty()) {
    const auto folder = workbench().runs.store().run_folder(run.toStdString());
    attempt({}, [&] { recipe_ = read_recipe(folder / "recipe.json"); });
    log_->setFile(folder / "log.txt");
    charts_->setRun(recipe_ ? &*recipe_ : nullptr);
    feed_ = std::make_unique<RunFeed>(workbench().runs, run);
    connect(feed_.get(), &RunFeed::metricsAdded, this, &TrainPage::takeMetrics);
    connect(feed_.get(), &RunFeed::eventsAdded, this, &TrainPage::takeEvents);
    connect(feed_.get(), &RunFeed::metricsReset, this, [this] {
      curves_.clear();
      takeMetrics(0);
    });
    takeMetrics(0);
    takeEvents(0);
  } else {
    log_->setFile({});
    charts_->setRun(nullptr);
  }
  settings_->setRecipe(recipe_ ? &*recipe_ : nullptr);
  showSide();
  refreshState();
  refreshSoon_.start();
  Q_EMIT stateChanged();
}

void TrainPage::takeMetrics(int first) {
  const auto& rows = feed_->metrics();
  for (std::size_t i = std::size_t(first); i < rows.size(); ++i) curves_.add(rows[i]);
  refreshSoon_.start();
}

void TrainPage::takeEvents(int first) {
  const auto& rows = feed_->events();
  bool exported = first == 0, sampled = first == 0, amended = false;
  for (std::size_t i = std::size_t(first); i < rows.size(); ++i) {
    clock_.add(rows[i]);
    events_.add(rows[i]);
    samples_->add(rows[i]);
    sampled = sampled || rows[i].kind == "sample";
    amended = amended || (rows[i].kind == "amended" && first > 0);
    if (rows[i].kind == "checkpoint") checkpointAsked_ = false;
    exported = exported || rows[i].kind == "exported" || rows[i].kind == "finished";
  }
  if (exported) attempt({}, [&] { artefacts_ = workbench().runs.store().artefacts(run_.toStdString()); });
  if (sampled) {
    sampleAsked_ = false;
    samples_->refresh();
  }
  if (amended) recipeAmended();
  charts_->setEvents(events_.numbered());
  showSide();
  refreshState();
  refreshSoon_.start();
}

void TrainPage::showSide() {
  const bool samples = samples_->promptCount() > 0 || writesText();
  sideChoice_->setVisible(samples);
  sideStack_->setCurrentIndex(samples && sideChoice_->current() == "samples" ? 0 : 1);
}

void TrainPage::refreshNumbers() {
  const RunRow* run = row();
  if (!run) return;
  if (!isVisible()) {
    stale_ = true;
    return;
  }
  stale_ = false;
  if (run->status == RunStatus::running) clock_.setNow(run->step, double(QDateTime::currentMSecsSinceEpoch()) / 1000);
  const Recipe* recipe = recipe_ ? &*recipe_ : nullptr;
  stats_->show(*run, recipe, curves_, clock_);
  charts_->show(*run, curves_, clock_);
  panel_->show(*run, recipe, curves_, artefacts_);
}

void TrainPage::showEvent(QShowEvent* event) {
  Page::showEvent(event);
  if (stale_) refreshSoon_.start();
}

void TrainPage::resizeEvent(QResizeEvent* event) {
  Page::resizeEvent(event);
  side_->setFixedWidth(std::clamp(width() * 29 / 100, scaled(236), scaled(336)));
}

}  // namespace luthier
