// The Train page: real tiny runs by the real worker, watched, paused, resumed, stopped, killed and continued.
#include "pages/train/train_page.h"

#include <signal.h>

#include <QAbstractItemModelTester>
#include <QDir>
#include <QLabel>
#include <QLineEdit>
#include <QListView>
#include <QPlainTextEdit>
#include <QTabBar>
#include <QTableView>
#include <cmath>

#include "base/error.h"
#include "charts/metric_chart.h"
#include "pages/train/amend_card.h"
#include "pages/train/evaluation_panel.h"
#include "pages/train/run_settings.h"
#include "pages/train/samples_panel.h"
#include "pages/train/train_charts.h"
#include "recipe/schedule.h"
#include "store/process.h"
#include "support/testing.h"
#include "support/tiny_task.h"
#include "support/window.h"
#include "widgets/controls.h"

using namespace luthier;
using namespace luthier::testing;

namespace {
constexpr int kPatience = 60000;  // milliseconds: the worker loads LibTorch, and other tests may have the cores

/// A page over a temporary store with a tiny task beside it.
struct Bench {
  explicit Bench(double epochs = 3) {
    task = std::filesystem::path(fixture.folder.path().toStdString()) / "task";
    write_tiny_task(task);
    recipe = tiny_recipe(task);
    recipe["training"]["epochs"] = epochs;
    recipe["training"]["threads"] = 1;
    recipe["training"]["evaluate_every"] = {{"value", 40}, {"unit", "step"}};
    recipe["training"]["checkpoint_every"] = {{"value", 20}, {"unit", "step"}};
  }
  ~Bench() {
    // No trainer is left behind.
    for (const RunRow& run : fixture.runs.runs())
      if (!is_final(run.status)) attempt({}, [&] { fixture.runs.command(QString::fromStdString(run.id), "stop"); });
    QElapsedTimer clock;
    clock.start();
    const auto busy = [this] {
      return std::any_of(fixture.runs.runs().begin(), fixture.runs.runs().end(),
                         [](const RunRow& run) { return !is_final(run.status); });
    };
    while (busy() && clock.elapsed() < kPatience) QTest::qWait(50);
  }
  QString start() {
    page.resize(1180, 848);
    page.show();
    const QString id = fixture.runs.startRun(recipe_from_json(recipe, task, "recipe"));
    fixture.shown = id;
    page.shown();
    return id;
  }
  RunStatus status(const QString& id) const {
    const RunRow* row = fixture.runs.find(id);
    return row ? row->status : RunStatus::queued;
  }
  const ChartSeries& loss() { return child<MetricChart>(page, "lossChart")->series(0); }
  QString text(const char* label) { return child<QLabel>(page, label)->text(); }
  QPushButton* button(const char* name) { return child<QPushButton>(page, name); }
  void click(const char* name) { QTest::mouseClick(button(name), Qt::LeftButton); }

  WindowFixture fixture;
  TrainPage page{fixture.workbench};
  std::filesystem::path task;
  Json recipe;
};

/// The process that trains this run: luthier-cli train-worker RUN.
pid_t trainerOf(const QString& run) {
  for (const QString& name : QDir("/proc").entryList(QDir::Dirs)) {
    QFile file("/proc/" + name + "/cmdline");
    if (!file.open(QIODevice::ReadOnly)) continue;
    const QList<QByteArray> words = file.readAll().split('\0');
    if (words.contains("train-worker") && words.contains(run.toUtf8())) return name.toInt();
  }
  return 0;
}

EventRow happened(double time, std::int64_t step, const std::string& kind, const std::string& message = {}) {
  EventRow row;
  row.time = time;
  row.step = step;
  row.kind = kind;
  row.message = message;
  row.detail_json = "{}";
  return row;
}

MetricRow metric(std::int64_t step, const std::string& name, double value) {
  MetricRow row;
  row.step = step;
  row.epoch = double(step) / 10;
  row.name = name;
  row.value = value;
  return row;
}
}  // namespace

class TrainTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void withoutARunItLeadsToPreflight();
  void curvesGrowAndTheRunPausesResumesAndStops();
  void aKilledTrainerIsInterruptedAndContinues();
  void aFinishedRunShowsBaseAgainstTuned();
  void aFailedRunSaysWhyAndShowsItsLog();
  void aSecondRunWaitsForTheFirst();
  void theClockLeavesOutPausesAndWhatWasLost();
  void curvesForgetWhatAResumeSupersedes();
  void modelsKeepTheirPromises();
  void samplesShowPromptsAndHowAnswersEnd();
  void aLongRunLoadsWithoutHoldingUpTheWindow();
};

void TrainTest::withoutARunItLeadsToPreflight() {
  Bench bench;
  bench.page.resize(1180, 848);
  bench.page.show();
  bench.page.shown();
  QVERIFY(bench.page.state() == StateKind::notStarted);
  QVERIFY(!bench.button("pauseButton")->isVisible());
  grabBothThemes(bench.page, "train-empty");
  bench.click("goPreflightButton");
  QCOMPARE(bench.fixture.wentTo(), QString::number(int(Step::preflight)));
}

void TrainTest::curvesGrowAndTheRunPausesResumesAndStops() {
  Bench bench(2000);
  const QString id = bench.start();
  QTRY_VERIFY_WITH_TIMEOUT(bench.loss().size() > 60, kPatience);
  QVERIFY(bench.page.state() == StateKind::running);
  const MetricChart* loss = child<MetricChart>(bench.page, "lossChart");
  QTRY_VERIFY_WITH_TIMEOUT(loss->series(1).size() >= 2, kPatience);
  QVERIFY(child<MetricChart>(bench.page, "rateChart")->series(0).size() > 60);
  QVERIFY(child<MetricChart>(bench.page, "gradientChart")->series(0).size() > 60);
  // The rate so far is the planned one: the dotted line goes on where the drawn one ends.
  const Recipe recipe = read_recipe(bench.fixture.runs.store().run_folder(id.toStdString()) / "recipe.json");
  const ChartSeries& rate = child<MetricChart>(bench.page, "rateChart")->series(0);
  const std::int64_t total = bench.fixture.runs.find(id)->total_steps;
  const Schedule schedule = schedule_of(recipe.training, total / 2000, total);
  for (const std::size_t i : {std::size_t(0), rate.size() - 1}) {
    const double planned = rate_at(schedule, std::llround(rate.x(i)) - 1);
    QVERIFY2(std::fabs(rate.raw(i) - planned) <= 1e-12, qPrintable(QString("%1 %2").arg(rate.raw(i)).arg(planned)));
  }
  QVERIFY(child<MetricChart>(bench.page, "rateChart")->series(1).size() > 10);
  grabBothThemes(bench.page, "train-running");

  bench.click("pauseButton");
  QVERIFY(!bench.button("pauseButton")->isEnabled());
  QTRY_COMPARE_WITH_TIMEOUT(bench.status(id), RunStatus::paused, kPatience);
  QTRY_VERIFY(bench.button("resumeButton")->isVisible());
  QVERIFY(!bench.button("pauseButton")->isVisible());
  QVERIFY(bench.page.primaryButton() == bench.button("resumeButton"));
  QVERIFY2(bench.text("runBannerText").contains("Paused at step"), qPrintable(bench.text("runBannerText")));
  QVERIFY(bench.page.state() == StateKind::paused);
  // The event has the number 1 in the list and in the charts.
  auto& group = bench.page.findChild<TrainCharts*>()->group();
  QTRY_COMPARE(group.events().size(), 1u);
  QCOMPARE(group.events()[0].number, 1);
  QTest::qWait(300);  // rows that were written before the pause may still be on their way
  const std::size_t before = bench.loss().size();
  QTest::qWait(400);
  QCOMPARE(bench.loss().size(), before);
  grabBothThemes(bench.page, "train-paused");

  // In a pause the rate may change: from the run's recipe on, and in the planned rest of the chart.
  bench.click("bannerChangeButton");
  auto* card = child<AmendCard>(bench.page, "amendCard");
  QVERIFY(card->isVisible());
  QVERIFY(!bench.button("amendApplyButton")->isEnabled() && !bench.button("amendApplyButton")->toolTip().isEmpty());
  auto* size = child<QLineEdit>(*card, "option.batch_size");
  size->selectAll();
  QTest::keyClicks(size, "3");
  QVERIFY2(bench.text("amendProblem").contains("1, 2, 4, 8"), qPrintable(bench.text("amendProblem")));
  QVERIFY(!bench.button("amendApplyButton")->isEnabled());
  size->selectAll();
  QTest::keyClicks(size, "4");
  auto* half = child<QLineEdit>(*card, "option.learning_rate");
  half->selectAll();
  QTest::keyClicks(half, "0.001");
  QVERIFY(bench.button("amendApplyButton")->isEnabled());
  grabBothThemes(bench.page, "train-amend");
  bench.click("amendApplyButton");
  QVERIFY(!card->isVisible());
  QTRY_COMPARE_WITH_TIMEOUT(group.events().size(), 2u, kPatience);
  const auto kept = [&] {
    return read_recipe(bench.fixture.runs.store().run_folder(id.toStdString()) / "recipe.json").training;
  };
  QCOMPARE(kept().learning_rate, 0.001);
  QCOMPARE(kept().gradient_accumulation, 2);

  bench.click("resumeButton");
  QTRY_COMPARE_WITH_TIMEOUT(bench.status(id), RunStatus::running, kPatience);
  QTRY_VERIFY_WITH_TIMEOUT(bench.loss().size() > before + 10, kPatience);
  // The schedule of before up to the pause, that of half the rate behind it.
  const Schedule halved = schedule_of(kept(), total / 2000, total);
  for (const std::size_t i : {before - 1, before + 8}) {
    const double planned = rate_at(i < before ? schedule : halved, std::llround(rate.x(i)) - 1);
    QVERIFY2(std::fabs(rate.raw(i) - planned) <= 1e-12, qPrintable(QString("%1 %2").arg(rate.raw(i)).arg(planned)));
  }

  bench.click("checkpointButton");
  QVERIFY(!bench.button("checkpointButton")->isEnabled());
  QTRY_VERIFY_WITH_TIMEOUT(bench.button("checkpointButton")->isEnabled(), kPatience);

  // Keys: logarithmic scale, smoothing, crosshair.
  bench.page.activateWindow();
  child<MetricChart>(bench.page, "lossChart")->setFocus(Qt::TabFocusReason);
  QTest::keyClick(child<MetricChart>(bench.page, "lossChart"), Qt::Key_L);
  QVERIFY(group.logScale());
  const double smoothing = group.smoothing();
  QTest::keyClick(child<MetricChart>(bench.page, "lossChart"), Qt::Key_BracketLeft);
  QVERIFY(group.smoothing() < smoothing);
  QTest::keyClick(child<MetricChart>(bench.page, "lossChart"), Qt::Key_Left);
  QVERIFY(group.cursor().has_value());

  // Other axes: the same points at epochs and seconds.
  auto* axis = child<SegmentedControl>(bench.page, "axisToggle");
  QTest::mouseClick(axis, Qt::LeftButton, {}, axis->segmentRect("epochs").center());
  QVERIFY(std::fabs(bench.loss().x(11) - 1) < 0.2);  // 96 rows in batches of 8: twelve steps an epoch
  QTest::mouseClick(axis, Qt::LeftButton, {}, axis->segmentRect("time").center());
  QVERIFY(bench.loss().x(bench.loss().size() - 1) > bench.loss().x(0));

  bench.click("stopButton");
  QVERIFY(bench.text("runBannerText").contains("Stop at step"));
  grabTo(bench.page, "train-stop-question");
  bench.click("stopCancelButton");
  QTRY_VERIFY(!bench.page.findChild<QPushButton*>("stopConfirmButton"));
  QCOMPARE(bench.status(id), RunStatus::running);
  QTest::keyClick(&bench.page, Qt::Key_Period, Qt::ControlModifier);
  QTRY_VERIFY(bench.page.findChild<QPushButton*>("stopConfirmButton"));
  bench.click("stopConfirmButton");
  QTRY_COMPARE_WITH_TIMEOUT(bench.status(id), RunStatus::stopped, kPatience);
  QTRY_VERIFY(bench.text("runBannerText").contains("Stopped at step"));
  QVERIFY(bench.button("resumeButton")->isVisible());
  grabBothThemes(bench.page, "train-stopped");
}

void TrainTest::aKilledTrainerIsInterruptedAndContinues() {
  Bench bench(2000);
  const QString id = bench.start();
  QTRY_VERIFY_WITH_TIMEOUT(bench.loss().size() > 45, kPatience);  // past two checkpoints
  const pid_t trainer = trainerOf(id);
  QVERIFY(trainer > 0);
  QCOMPARE(::kill(trainer, SIGKILL), 0);
  QTRY_COMPARE_WITH_TIMEOUT(bench.status(id), RunStatus::interrupted, kPatience);
  QTRY_VERIFY(child<ErrorCard>(bench.page, "errorCard")->isVisible());
  QVERIFY(bench.page.state() == StateKind::error);
  QVERIFY2(child<ErrorCard>(bench.page, "errorCard")->accessibleName().contains("interrupted at step"),
           qPrintable(child<ErrorCard>(bench.page, "errorCard")->accessibleName()));
  QCOMPARE(child<QTabBar>(bench.page, "trainTabs")->currentIndex(), 1);  // the end of the log is in sight
  grabBothThemes(bench.page, "train-interrupted");
  const double lost = bench.loss().x(bench.loss().size() - 1);

  bench.click("errorResumeButton");
  QTRY_COMPARE_WITH_TIMEOUT(bench.status(id), RunStatus::running, kPatience);
  QTRY_VERIFY(!child<ErrorCard>(bench.page, "errorCard")->isVisible());
  QTRY_VERIFY_WITH_TIMEOUT(bench.loss().size() > 0 && bench.loss().x(bench.loss().size() - 1) > lost + 20, kPatience);
  for (std::size_t i = 1; i < bench.loss().size(); ++i) QCOMPARE(bench.loss().x(i), bench.loss().x(i - 1) + 1);
  QTRY_VERIFY(bench.page.findChild<TrainCharts*>()->group().events().size() >= 2);  // interrupted, continued
}

void TrainTest::aFinishedRunShowsBaseAgainstTuned() {
  Bench bench(4);
  bench.recipe["export"] = {{{"format", "huggingface"}}};
  const QString id = bench.start();
  QTRY_COMPARE_WITH_TIMEOUT(bench.status(id), RunStatus::success, kPatience);
  QTRY_VERIFY(bench.text("runBannerText").contains("Finished after"));
  QVERIFY(bench.page.state() == StateKind::done);
  const Json summary = Json::parse(bench.fixture.runs.find(id)->summary_json);
  const double tuned = summary["tuned"]["accuracy"].get<double>();
  QTRY_COMPARE(bench.text("metricNow.accuracy"), QString::number(tuned * 100, 'f', 1) + " %");
  QCOMPARE(bench.text("statStep"), QString("48"));  // 4 epochs of 12 steps
  QVERIFY(!bench.button("stopButton")->isVisible());
  grabBothThemes(bench.page, "train-finished");
  bench.page.resize(920, 640);
  grabTo(bench.page, "train-finished-small");
  bench.click("bannerExportButton");
  QCOMPARE(bench.fixture.wentTo(), QString::number(int(Step::exports)));
  bench.click("bannerTryButton");
  QCOMPARE(bench.fixture.wentTo(), QString::number(int(Step::tryIt)));
  // Settings: what differs from the defaults, and nothing else.
  auto* model = child<QTableView>(bench.page, "runSettings")->model();
  QStringList paths;
  for (int i = 0; i < model->rowCount(); ++i) paths << model->index(i, 0).data().toString();
  QVERIFY(paths.contains("training.learning_rate") && paths.contains("method.kind"));
  QVERIFY(!paths.contains("training.weight_decay"));
}

void TrainTest::aFailedRunSaysWhyAndShowsItsLog() {
  Bench bench;
  write_text(bench.task / "train.csv", "text,label\n");
  const QString id = bench.start();
  QTRY_COMPARE_WITH_TIMEOUT(bench.status(id), RunStatus::failed, kPatience);
  auto* card = child<ErrorCard>(bench.page, "errorCard");
  QTRY_VERIFY(card->isVisible());
  QVERIFY(card->accessibleName().contains("Training failed"));
  QVERIFY(bench.page.state() == StateKind::error);
  auto* log = child<QPlainTextEdit>(bench.page, "logView");
  QTRY_VERIFY(!log->toPlainText().isEmpty());
  auto* search = child<QLineEdit>(bench.page, "logSearchEdit");
  QTest::keyClicks(search, "train.csv");
  QVERIFY(!log->extraSelections().isEmpty());
  QTest::keyClicks(search, "zzz");
  QVERIFY(log->extraSelections().isEmpty());
  QCOMPARE(bench.text("logFound"), QString("Not found"));
  search->clear();
  grabBothThemes(bench.page, "train-failed");
}

void TrainTest::aSecondRunWaitsForTheFirst() {
  Bench bench(2000);
  bench.recipe["name"] = "first";
  const QString first = bench.start();
  QTRY_VERIFY_WITH_TIMEOUT(bench.loss().size() > 5, kPatience);
  bench.recipe["name"] = "second";
  const QString second = bench.start();
  QTRY_VERIFY(bench.text("runBannerText").contains("Waiting for its turn"));
  QVERIFY2(bench.text("runBannerText").contains("first"), qPrintable(bench.text("runBannerText")));
  QVERIFY(!bench.button("pauseButton")->isVisible());
  grabTo(bench.page, "train-queued");
  bench.click("bannerShowButton");
  QCOMPARE(bench.page.run(), first);
  QTRY_VERIFY(bench.loss().size() > 5);
  bench.fixture.shown = second;
  bench.page.shown();
  bench.click("stopButton");
  QVERIFY(!bench.page.findChild<QPushButton*>("stopDiscardButton"));  // it has nothing yet
  bench.click("stopConfirmButton");
  QTRY_COMPARE_WITH_TIMEOUT(bench.status(second), RunStatus::stopped, kPatience);
  QCOMPARE(bench.status(first), RunStatus::running);
  // The first one is stopped and nothing but its curves is kept.
  bench.fixture.shown = first;
  bench.page.shown();
  const auto checkpoints = bench.fixture.runs.store().run_folder(first.toStdString()) / "checkpoints";
  QTRY_VERIFY_WITH_TIMEOUT(std::filesystem::exists(checkpoints), kPatience);
  bench.click("stopButton");
  bench.click("stopDiscardButton");
  QTRY_COMPARE_WITH_TIMEOUT(bench.status(first), RunStatus::stopped, kPatience);
  QTRY_VERIFY2(bench.text("runBannerText").contains("No checkpoint is kept"), qPrintable(bench.text("runBannerText")));
  QVERIFY(!std::filesystem::exists(checkpoints));
  QVERIFY(!bench.page.findChild<QPushButton*>("bannerExportButton"));
  QTRY_VERIFY(bench.loss().size() > 5);
}

void TrainTest::theClockLeavesOutPausesAndWhatWasLost() {
  RunClock clock;
  clock.add(happened(1000, 0, "started"));
  clock.add(happened(1010, 0, "evaluation"));   // ten seconds before the first step
  clock.add(happened(1030, 20, "checkpoint"));  // a second a step
  QCOMPARE(clock.at(20), 30.0);
  QCOMPARE(clock.at(10), 20.0);
  clock.add(happened(1040, 30, "paused"));
  clock.add(happened(1340, 30, "resumed"));
  clock.setNow(35, 1345);
  QCOMPARE(clock.elapsed(), 45.0);
  QCOMPARE(clock.at(30), 40.0);
  QCOMPARE(clock.at(32.5), 42.5);
  QCOMPARE(clock.secondsPerStep(), 1.0);
  QCOMPARE(clock.at(45), 55.0);  // to come, at the present speed
  // Killed at step 35, started again an hour later from the checkpoint at 20.
  clock.add(happened(5000, 0, "started"));
  clock.add(happened(5004, 20, "resumed", "continued from step 20"));
  QCOMPARE(clock.elapsed(), 30.0);
  clock.add(happened(5014, 30, "evaluation"));
  QCOMPARE(clock.at(30), 40.0);
}

void TrainTest::curvesForgetWhatAResumeSupersedes() {
  RunCurves curves;
  for (int step = 1; step <= 10; ++step) curves.add(metric(step, "train.loss", step));
  const int before = curves.generation();
  curves.add(metric(6, "train.loss", 60));
  QCOMPARE(curves.of("train.loss").steps, (std::vector<std::int64_t>{1, 2, 3, 4, 5, 6}));
  QCOMPARE(curves.of("train.loss").values.back(), 60.0);
  QVERIFY(curves.generation() != before);
  QVERIFY(curves.of("nothing").values.empty());
  curves.add(metric(0, "base.test.accuracy", 0.5));
  curves.add(metric(0, "base.test.loss", 0.7));
  QCOMPARE(curves.splitOf("base"), std::string("test"));
  QCOMPARE(curves.results("base").at("accuracy"), 0.5);
  QVERIFY(curves.results("tuned").empty());
}

void TrainTest::modelsKeepTheirPromises() {
  EventModel events;
  const QAbstractItemModelTester first(&events, QAbstractItemModelTester::FailureReportingMode::QtTest);
  events.add(happened(1, 0, "started"));
  events.add(happened(2, 5, "paused", "the disk is full"));
  events.add(happened(3, 5, "sample"));  // for the panel alone
  events.add(happened(4, 6, "resumed", "resumed after a pause"));
  events.add(happened(5, 9, "non_finite", "the step was not taken"));
  QCOMPARE(events.rowCount(), 4);
  QCOMPARE(events.numbered().size(), 2u);
  QCOMPARE(events.numbered()[1].step, 9);
  QVERIFY(events.index(1).data(Qt::AccessibleTextRole).toString().startsWith("Event 1"));
  EventRow damaged = happened(6, 7, "evaluation", "evaluated");
  damaged.detail_json = "{\"metrics\": ";
  events.add(damaged);
  QCOMPARE(events.index(4).data().toString(), QString("Evaluated"));
  events.clear();
  QCOMPARE(events.rowCount(), 0);

  RunSettingsModel settings;
  const QAbstractItemModelTester second(&settings, QAbstractItemModelTester::FailureReportingMode::QtTest);
  Bench bench;
  const Recipe recipe = recipe_from_json(bench.recipe, bench.task, "recipe");
  settings.setRecipe(&recipe);
  QVERIFY(settings.rowCount() > 5);
  settings.setRecipe(nullptr);
  QCOMPARE(settings.rowCount(), 0);
}

void TrainTest::samplesShowPromptsAndHowAnswersEnd() {
  Bench bench;
  Store& store = bench.fixture.runs.store();
  const std::string id = store.create_run("tutor", "cpu", bench.recipe);
  const auto sample = [](std::int64_t step, int index, const std::string& answer, bool ended) {
    EventRow row = happened(1000 + double(step), step, "sample", "a line for the terminal");
    row.detail_json =
        Json{{"index", index},   {"model", step ? "training" : "base"}, {"prompt", "Question " + std::to_string(index)},
             {"answer", answer}, {"reference", "As it should be."},     {"ended", ended}}
            .dump();
    return row;
  };
  std::vector<EventRow> rows = {happened(1000, 0, "started")};
  const std::string loop = "the sky is blue because the sky is blue because the sky is blue because";
  for (const int index : {0, 1, 2}) rows.push_back(sample(0, index, loop, false));
  for (const int index : {0, 1, 2})
    rows.push_back(sample(40, index, "It scatters short waves more than long ones, and so on and", false));
  for (const int index : {0, 1, 2})
    rows.push_back(sample(80, index, "Air scatters short wavelengths more than long ones.", true));
  rows.push_back(happened(1090, 90, "sample", "without any detail"));
  store.append(id, {metric(80, "train.loss", 1)}, rows);
  store.set_progress(id, 80, 100, 2);
  store.set_status(id, RunStatus::running);
  bench.fixture.runs.poll();
  bench.fixture.shown = QString::fromStdString(id);
  bench.page.resize(1180, 848);
  bench.page.show();
  bench.page.shown();
  auto* samples = child<SamplesPanel>(bench.page, "samplesPanel");
  QVERIFY(samples->isVisible());
  QCOMPARE(samples->promptCount(), 3);
  QCOMPARE(samples->answerCount(), 3);
  QCOMPARE(bench.text("samplePlace"), QString("1 of 3"));
  grabBothThemes(bench.page, "train-samples");
  bench.click("sampleNowButton");
  QVERIFY(!bench.button("sampleNowButton")->isEnabled());
  QCOMPARE(store.take_commands(id).at(0).kind, std::string("sample"));
  Store(bench.fixture.home).append(id, {}, {sample(90, 0, "Air scatters blue light.", true)});
  QTRY_VERIFY(bench.button("sampleNowButton")->isEnabled());
  QCOMPARE(samples->answerCount(), 4);
  bench.click("sampleNext");
  QCOMPARE(bench.text("samplePlace"), QString("2 of 3"));
  bench.click("samplePrevious");
  bench.click("samplePrevious");
  QCOMPARE(bench.text("samplePlace"), QString("3 of 3"));
  QCOMPARE(endingOf(QString::fromStdString(loop), true).first, QString("repeats"));
  QCOMPARE(endingOf("Air scatters.", true).first, QString("ends correctly"));
  QCOMPARE(endingOf("Air scatters", false).first, QString("never ends"));
  auto* choice = child<SegmentedControl>(bench.page, "sideToggle");
  QTest::mouseClick(choice, Qt::LeftButton, {}, choice->segmentRect("evaluation").center());
  QVERIFY(child<EvaluationPanel>(bench.page, "evaluationPanel")->isVisible());
  store.set_status(id, RunStatus::stopped);
  bench.fixture.runs.poll();
}

void TrainTest::aLongRunLoadsWithoutHoldingUpTheWindow() {
  Bench bench;
  Store& store = bench.fixture.runs.store();
  const std::string id = store.create_run("long", "cpu", bench.recipe);
  constexpr int kSteps = 60000;
  std::vector<MetricRow> rows;
  for (int step = 1; step <= kSteps; ++step) {
    rows.push_back(metric(step, "train.loss", 1 + std::sin(step * 0.1)));
    rows.push_back(metric(step, "grad_norm", 1));
  }
  store.append(id, rows, {happened(1000, 0, "started"), happened(9000, kSteps, "finished")});
  store.set_progress(id, kSteps, kSteps, 10);
  store.set_status(id, RunStatus::success);
  bench.fixture.runs.poll();
  bench.page.resize(1180, 848);
  bench.page.show();
  QTest::qWait(200);
  double longest = 0;
  QElapsedTimer gap;
  QTimer beat;
  connect(&beat, &QTimer::timeout, this, [&] {
    longest = std::max(longest, double(gap.nsecsElapsed()) / 1e6);
    gap.restart();
  });
  bench.fixture.shown = QString::fromStdString(id);
  gap.start();
  beat.start(1);
  bench.page.shown();
  QTRY_COMPARE_WITH_TIMEOUT(bench.loss().size(), std::size_t(kSteps), kPatience);
  QTest::qWait(200);
  qInfo("longest time without an answer while %d rows came: %.0f ms", 2 * kSteps, longest);
  QVERIFY(longest < 250);  // a machine that is busy with other things; alone it is a fraction of this
}

LUTHIER_WINDOW_TEST_MAIN(TrainTest)
#include "train_test.moc"
