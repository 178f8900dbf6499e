// The Runs page: what the store has as a table, comparing, deleting; two windows on one store agree.
#include "pages/runs/runs_page.h"

#include <QAbstractItemModelTester>
#include <QLineEdit>
#include <QTableView>

#include "base/files.h"
#include "charts/metric_chart.h"
#include "pages/runs/run_model.h"
#include "support/window.h"

using namespace luthier;
using namespace luthier::testing;

class RunsTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void showsAnEmptyStateWithoutRuns();
  void theModelKeepsItsPromises();
  void listsFiltersAndComparesRuns();
  void comparedRunsThatGoOnGrow();
  void deletesAnEndedRunAfterAsking();
  void twoWindowsOnOneStoreAgree();
  void tellsWhatDiffersBetweenRecipes();

 private:
  static std::string addRun(Store& store, const std::string& name, RunStatus status, double learningRate, int steps) {
    const Json recipe = {{"luthier", 1},
                         {"name", name},
                         {"objective", {{"kind", "classification"}}},
                         {"model", {{"path", "/models/tiny"}}},
                         {"data", {{"train", "/data/train.csv"}}},
                         {"method", {{"kind", "lora"}, {"rank", 8}}},
                         {"training", {{"learning_rate", learningRate}}}};
    const std::string id = store.create_run(name, "cpu", recipe);
    std::vector<MetricRow> metrics;
    for (int step = 1; step <= steps; ++step)
      metrics.push_back({0, step * 10, step / 10.0, "validation.loss", 2.0 / step + learningRate});
    store.append(id, metrics, {});
    store.set_status(id, status);
    return id;
  }
};

void RunsTest::showsAnEmptyStateWithoutRuns() {
  WindowFixture fixture;
  RunsPage page(fixture.workbench);
  page.resize(1180, 800);
  page.show();
  auto* button = child<QPushButton>(page, "emptyPreflightButton");
  QVERIFY(button && button->isVisible());
  grabBothThemes(page, "runs-empty");
  QTest::mouseClick(button, Qt::LeftButton);
  QCOMPARE(fixture.wentTo(), QString::number(int(Step::preflight)));
}

void RunsTest::theModelKeepsItsPromises() {
  WindowFixture fixture;
  addRun(fixture.runs.store(), "a", RunStatus::success, 1e-3, 4);
  fixture.runs.poll();
  RunModel model(fixture.runs);
  QAbstractItemModelTester tester(&model, QAbstractItemModelTester::FailureReportingMode::QtTest);
  Store other(fixture.home);  // another process: its writes are what the window polls for
  addRun(other, "b", RunStatus::stopped, 1e-2, 3);
  QTRY_COMPARE_WITH_TIMEOUT(model.rowCount(), 2, 5000);
  QVERIFY(model.setData(model.index(0, RunModel::tick), Qt::Checked, Qt::CheckStateRole));
  QCOMPARE(model.ticked().size(), 1);
}

void RunsTest::listsFiltersAndComparesRuns() {
  WindowFixture fixture;
  addRun(fixture.runs.store(), "letters full", RunStatus::success, 1e-3, 8);
  addRun(fixture.runs.store(), "letters rank 8", RunStatus::interrupted, 5e-3, 6);
  addRun(fixture.runs.store(), "reviews", RunStatus::success, 1e-2, 8);
  fixture.runs.poll();
  RunsPage page(fixture.workbench);
  page.resize(1180, 820);
  page.show();
  page.shown();
  auto* table = child<QTableView>(page, "runTable");
  QVERIFY(table);
  QTRY_COMPARE(table->model()->rowCount(), 3);
  for (const int row : {0, 1}) {
    const QRect tick = table->visualRect(table->model()->index(row, RunModel::tick));
    QTest::mouseClick(table->viewport(), Qt::LeftButton, {}, tick.center());
  }
  auto* chart = child<MetricChart>(page, "overlayChart");
  QVERIFY(chart->isVisible());
  QTRY_COMPARE(chart->lineCount(), 2);
  grabBothThemes(page, "runs-compare");
  auto* filter = child<QLineEdit>(page, "runFilterEdit");
  QTest::keyClicks(filter, "letters");
  QCOMPARE(table->model()->rowCount(), 2);
}

void RunsTest::comparedRunsThatGoOnGrow() {
  WindowFixture fixture;
  Store& store = fixture.runs.store();
  const std::string ended = addRun(store, "letters", RunStatus::success, 1e-3, 8);
  const std::string going = addRun(store, "letters", RunStatus::running, 2e-3, 2);
  const FileLock trainer = store.take_lock(going);
  Json full = read_json(store.run_folder(going) / "recipe.json");
  full["method"] = {{"kind", "full"}};
  write_json(store.run_folder(going) / "recipe.json", full);
  fixture.runs.poll();
  RunsPage page(fixture.workbench);
  page.resize(1180, 820);
  page.show();
  page.shown();
  page.compareRuns({QString::fromStdString(ended), QString::fromStdString(going)});
  auto* chart = child<MetricChart>(page, "overlayChart");
  QTRY_COMPARE(chart->lineCount(), 2);
  QCOMPARE(chart->series(1).size(), std::size_t{2});
  // Each has another method: the lines are called by it.
  QTRY_VERIFY2(chart->accessibleName().contains("Full fine-tuning"), qPrintable(chart->accessibleName()));
  Store trainers(fixture.home);
  trainers.append(going, {{0, 30, 3, "validation.loss", 0.5}}, {});
  trainers.set_progress(going, 30, 100, 3);
  QTRY_COMPARE_WITH_TIMEOUT(chart->series(1).size(), std::size_t{3}, 8000);
  trainers.set_status(going, RunStatus::stopped);
  fixture.runs.poll();
}

void RunsTest::deletesAnEndedRunAfterAsking() {
  WindowFixture fixture;
  const std::string id = addRun(fixture.runs.store(), "old", RunStatus::success, 1e-3, 2);
  fixture.runs.poll();
  RunsPage page(fixture.workbench);
  page.resize(1180, 800);
  page.show();
  page.shown();
  QTest::mouseClick(child<QPushButton>(page, "deleteRunsButton"), Qt::LeftButton);
  QVERIFY(fixture.runs.store().find_run(id));
  auto* really = child<QPushButton>(page, "deleteConfirmButton");
  QVERIFY(really->isVisible());
  QTest::mouseClick(really, Qt::LeftButton);
  QVERIFY(!fixture.runs.store().find_run(id));
  QVERIFY(!std::filesystem::exists(fixture.runs.store().run_folder(id)));
}

void RunsTest::twoWindowsOnOneStoreAgree() {
  WindowFixture fixture;
  RunStore other(fixture.home);
  const std::string id = addRun(other.store(), "from the other window", RunStatus::success, 1e-3, 2);
  QTRY_VERIFY_WITH_TIMEOUT(fixture.runs.find(QString::fromStdString(id)), 5000);
  fixture.runs.deleteRun(QString::fromStdString(id));
  QTRY_VERIFY_WITH_TIMEOUT(!other.find(QString::fromStdString(id)), 5000);
}

void RunsTest::tellsWhatDiffersBetweenRecipes() {
  const Json a = {{"method", {{"kind", "lora"}, {"rank", 8}}}, {"training", {{"learning_rate", 1e-3}, {"epochs", 3}}}};
  Json b = a;
  b["training"]["learning_rate"] = 2e-4;
  b["method"] = {{"kind", "full"}};
  const std::vector<SettingRow> rows = compareSettings({{"one", a}, {"two", b}});
  QStringList differing;
  for (const SettingRow& row : rows)
    if (row.differs) differing << row.path + ": " + row.values.join(" | ");
  QCOMPARE(differing, QStringList({"method.kind: LoRA | Full fine-tuning", "method.rank: 8 | –",
                                   "training.learning_rate: 0.001 | 2e-4"}));
}

LUTHIER_WINDOW_TEST_MAIN(RunsTest)
#include "runs_test.moc"
