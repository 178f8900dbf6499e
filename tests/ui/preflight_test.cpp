// The Preflight page: what it shows of a result, its fixes, its empty and failed states, and the way to a run, with the
// real command and the real trainer on the starter project.
#include "pages/preflight/preflight_page.h"

#include <QCheckBox>
#include <QLabel>
#include <QPushButton>
#include <QSignalSpy>
#include <nlohmann/json.hpp>

#include "pages/preflight/figure_cards.h"
#include "support/testing.h"
#include "support/window.h"
#include "widgets/format.h"

using namespace luthier;
using namespace luthier::testing;

namespace {
/// What luthier-cli prints, with figures that are easy to follow.
const char* kRecorded = R"json({
  "verdict": "warnings", "seconds": 4.6, "steps": 4611, "epochs": 3, "step_seconds": 0.47,
  "longest_step_seconds": 0.51, "total_seconds": 2340, "evaluations": 9, "checkpoints": 5,
  "memory": {"estimate": {"weights": 990e6, "gradients": 40e6, "optimizer": 110e6, "activations": 11260e6, "total": 12400e6},
             "measured": {"weights": 990e6, "gradients": 40e6, "optimizer": 110e6, "activations": 11720e6, "total": 12860e6},
             "available": 80e9, "limit": 85e9},
  "disk": {"needed": 213e6, "free": 318e9, "folder": "/data/luthier"},
  "tokens": {"total": 8410000, "rows": 49172, "loss": 5617880, "context": 2430490, "cut": 361630, "cut_rows": 1092,
             "padding_share": 0.41},
  "checks": [
    {"id": "memory", "group": "device", "label": "Memory", "severity": "pass", "value": "12.9 of 80 GB",
     "message": "67.1 GB to spare. A batch of 48 would fit.", "fixes": []},
    {"id": "step_time", "group": "device", "label": "Step time", "severity": "pass", "value": "0.47 s",
     "message": "4,611 steps, 9 evaluations, 5 checkpoints: 39 min. Longest rows take 0.51 s.", "fixes": []},
    {"id": "disk", "group": "device", "label": "Disk", "severity": "pass", "value": "213 MB",
     "message": "318 GB free in /data/luthier.", "fixes": []},
    {"id": "output_layer", "group": "device", "label": "Output layer", "severity": "warning", "value": "9.3 GB",
     "message": "The vocabulary of 151,936 makes the logits the largest tensor.",
     "fixes": [{"label": "Halve the batch: 7.8 GB", "set": ["training.batch_size=8", "training.gradient_accumulation=2"]},
               {"label": "Shorter rows: 9.1 GB", "set": ["data.max_tokens=32"]}]},
    {"id": "cut_rows", "group": "data", "label": "Cut rows", "severity": "warning", "value": "1,092 (2.1 %)",
           "message" : "Longer than 64 tokens. The end token is lost in each of them.",
           "fixes" : [ {"label" : "Raise to 96: 15.2 GB", "set" : ["data.max_tokens=96"]} ]
},
    {"id": "loss_tokens", "group": "data", "label": "Loss tokens", "severity": "pass", "value": "66.8 %",
     "message": "Every row has at least 3 tokens that carry loss.", "fixes": []},
    {"id": "template", "group": "data", "label": "Template", "severity": "pass", "value": "matches",
     "message": "Training and serving prompts are equal on 200 rows.", "fixes": []},
    {"id": "first_loss", "group": "numerics", "label": "First loss", "severity": "pass", "value": "1.913",
     "message": "Between 0.5 and ln(151,936) = 11.9, so labels and shift are right.", "fixes": []},
    {"id": "gradients", "group": "numerics", "label": "Gradients", "severity": "pass", "value": "336 of 336",
     "message": "Every trainable tensor receives a finite gradient, no frozen tensor does.", "fixes": []}
  ]
})json";

Json recorded() { return Json::parse(kRecorded); }

Json blocked() {
  Json result = recorded();
  result["verdict"] = "blocked";
  result["checks"][0]["severity"] = "error";
  result["checks"][0]["message"] = "By estimate the run needs 4.1 GB more than there is, so the dry step was left out.";
  result["memory"]["measured"] = {{"weights", 0}, {"gradients", 0}, {"optimizer", 0}, {"activations", 0}, {"total", 0}};
  return result;
}
}  // namespace

class PreflightTest : public QObject {
  Q_OBJECT

  /// The starter as a project of its own, with these changes.
  static void openStarter(WindowFixture& fixture, const QStringList& changes = {}) {
    const fs::path project = fixture.home.parent_path() / "project";
    if (!fs::exists(project))
      fs::copy(source_folder() / "resources/starters/classify-text", project, fs::copy_options::recursive);
    fixture.document.open(project);
    if (!changes.isEmpty()) fixture.document.apply(changes, "Test");
    QVERIFY(fixture.document.recipe().has_value());
  }

  static void show(PreflightPage& page) {
    page.resize(932, 868);
    page.show();
    QVERIFY(QTest::qWaitForWindowExposed(&page));
    page.shown();
  }

 private Q_SLOTS:
  void showsTheRecordedResult() {
    WindowFixture fixture;
    openStarter(fixture);
    PreflightPage page(fixture.workbench);
    show(page);
    fixture.facts.setPreflight(recorded());
    QCOMPARE(child<QLabel>(page, "preflightVerdictTitle")->text(), "Ready, with 2 warnings");
    QCOMPARE(child<QLabel>(page, "preflightDuration")->text(), "39 min");
    QCOMPARE(child<QLabel>(page, "preflightPeakMemory")->text(), "12.9 GB");
    QCOMPARE(child<QLabel>(page, "preflightDisk")->text(), "213 MB");
    QCOMPARE(child<QLabel>(page, "estimateOff")->text(), "estimate off by 3.58 %");  // 12.4 / 12.86 - 1
    QCOMPARE(child<QLabel>(page, "tokenLoss")->text(), "66.8 % carry loss");
    QCOMPARE(child<QLabel>(page, "tokenCut")->text(), "4.30 % cut off");
    QVERIFY(child<QWidget>(page, "memoryMeasured")->accessibleName().contains("Activations 11.7 GB"));
    QCOMPARE(int(page.state()), int(StateKind::warning));
    QVERIFY(child<QPushButton>(page, "startTrainingButton")->isEnabled());
    QCOMPARE(child<QPushButton>(page, "startTrainingButton")->text(), "Start training");
    QCOMPARE(page.findChildren<QWidget*>(QRegularExpression("^check\\.")).size(), 9);
    grabBothThemes(page, "preflight-filled");
    page.resize(932, 688);
    grabBothThemes(page, "preflight-filled-small");
    Theme::Look large = theme().look();
    large.textScale = 1.5;
    theme().setLook(large);
    grabTo(page, "preflight-filled-large-text");
    large.textScale = 1;
    theme().setLook(large);
  }

  void problemsOnlyHidesWhatPassed() {
    WindowFixture fixture;
    openStarter(fixture);
    PreflightPage page(fixture.workbench);
    show(page);
    fixture.facts.setPreflight(recorded());
    QTest::mouseClick(child<QCheckBox>(page, "problemsOnlyBox"), Qt::LeftButton, {}, QPoint(10, 12));
    QVERIFY(child<QCheckBox>(page, "problemsOnlyBox")->isChecked());
    QVERIFY(!child<QWidget>(page, "check.memory")->isVisible());
    QVERIFY(child<QWidget>(page, "check.cut_rows")->isVisible());
    QVERIFY(child<QWidget>(page, "checkGroup.data")->isVisible());
    QVERIFY(!child<QWidget>(page, "checkGroup.numerics")->isVisible());
  }

  void aRedCheckDisablesStartAndIsNamed() {
    WindowFixture fixture;
    openStarter(fixture);
    PreflightPage page(fixture.workbench);
    show(page);
    fixture.facts.setPreflight(blocked());
    auto* start = child<QPushButton>(page, "startTrainingButton");
    QVERIFY(!start->isEnabled());
    QVERIFY2(start->toolTip().contains("Memory"), qPrintable(start->toolTip()));
    QCOMPARE(child<QLabel>(page, "preflightVerdictTitle")->text(), "Blocked by: Memory");
    QCOMPARE(child<QLabel>(page, "estimateOff")->text(), "not measured");
    QCOMPARE(child<QLabel>(page, "preflightPeakMemory")->text(), "12.4 GB");  // the estimate
    QCOMPARE(int(page.state()), int(StateKind::error));
    grabBothThemes(page, "preflight-blocked");
  }

  void aFixChangesTheRecipeShowsTheNewValuesAndIsUndone() {
    WindowFixture fixture;
    openStarter(fixture);
    PreflightPage page(fixture.workbench);
    show(page);
    fixture.facts.setPreflight(recorded());
    const Json before = fixture.document.json();
    QTest::mouseClick(child<QPushButton>(page, "fix.output_layer"), Qt::LeftButton);
    QCOMPARE(fixture.document.value("training.batch_size"), Json(8));
    QCOMPARE(fixture.document.value("training.gradient_accumulation"), Json(2));
    bool told = false;
    for (QLabel* label : child<QWidget>(page, "check.output_layer")->findChildren<QLabel*>())
      told |= label->text() == "batch size: 16 → 8, gradient accumulation: 1 → 2";
    QVERIFY(told);
    QVERIFY(fixture.facts.preflightStale());
    QCOMPARE(int(page.state()), int(StateKind::notStarted));
    QCOMPARE(child<QPushButton>(page, "startTrainingButton")->text(), "Check and start");
    QVERIFY(!child<QPushButton>(page, "fix.cut_rows")->isEnabled());  // it was for the recipe as it was
    QTRY_COMPARE(int(page.state()), int(StateKind::running));         // and is checked again by itself
    QCOMPARE(child<QPushButton>(page, "preflightRunButton")->text(), "Cancel");
    QTest::mouseClick(child<QPushButton>(page, "preflightRunButton"), Qt::LeftButton);
    QTRY_COMPARE_WITH_TIMEOUT(int(page.state()), int(StateKind::notStarted), 10000);
    fixture.document.undoStack().undo();
    QCOMPARE(fixture.document.json(), before);
  }

  void otherFixesStandInAMenu() {
    WindowFixture fixture;
    openStarter(fixture);
    PreflightPage page(fixture.workbench);
    show(page);
    fixture.facts.setPreflight(recorded());
    QVERIFY(child<QPushButton>(page, "fixMore.output_layer")->menu());
    child<QAction>(page, "fix.output_layer.2")->trigger();
    QCOMPARE(fixture.document.value("data.max_tokens"), Json(32));
  }

  void saysWhatIsMissingAndWhereItIsSet() {
    WindowFixture fixture;
    PreflightPage page(fixture.workbench);
    show(page);
    QVERIFY(child<QWidget>(page, "preflightEmpty")->isVisible());
    QVERIFY(!child<QPushButton>(page, "preflightRunButton")->isEnabled());
    QVERIFY(!child<QPushButton>(page, "startTrainingButton")->isEnabled());
    QTest::mouseClick(child<QPushButton>(page, "preflightEmptyFirst"), Qt::LeftButton);
    QCOMPARE(fixture.wentTo(), QString::number(int(Step::home)));
    const fs::path project = fixture.home.parent_path() / "empty";
    fixture.document.create(project, {{"luthier", 1}, {"name", "empty"}, {"objective", {{"kind", "classification"}}}});
    grabBothThemes(page, "preflight-empty");
    QTest::mouseClick(child<QPushButton>(page, "preflightEmptySecond"), Qt::LeftButton);
    QCOMPARE(fixture.wentTo(), QString::number(int(Step::model)));
    QTest::mouseClick(child<QPushButton>(page, "preflightEmptyFirst"), Qt::LeftButton);
    QCOMPARE(fixture.wentTo(), QString::number(int(Step::data)));
  }

  void listsTheProblemsOfARecipe() {
    WindowFixture fixture;
    openStarter(fixture);
    PreflightPage page(fixture.workbench);
    show(page);
    fixture.document.set("training.batch_size", Json(0), "Batch size");
    QVERIFY(!fixture.document.recipe());
    QVERIFY(child<QWidget>(page, "recipeProblems")->isVisible());
    QVERIFY(page.findChild<QWidget*>("problem.training.batch_size"));
    QVERIFY(!child<QPushButton>(page, "preflightRunButton")->isEnabled());
    QTest::mouseClick(child<QPushButton>(page, "openPage.training.batch_size"), Qt::LeftButton);
    QCOMPARE(fixture.wentTo(), QString::number(int(Step::method)));
    grabBothThemes(page, "preflight-problems");
  }

  void aFailedCommandIsACard() {
    WindowFixture fixture;
    openStarter(fixture);
    PreflightPage page(fixture.workbench);
    show(page);
    fs::remove(fixture.document.folder() / "train.csv");
    QTest::mouseClick(child<QPushButton>(page, "preflightRunButton"), Qt::LeftButton);
    auto* card = child<ErrorCard>(page, "errorCard");
    QTRY_VERIFY_WITH_TIMEOUT(card->isVisible(), 60000);
    QVERIFY(card->accessibleName().contains("train.csv"));
    QCOMPARE(int(page.state()), int(StateKind::notStarted));
    grabBothThemes(page, "preflight-failed");
  }

  void roundScalesAreJustLargeEnough() {
    QCOMPARE(roundScale(13.5e9), 16e9);
    QCOMPARE(roundScale(1e6), 1e6);
    QCOMPARE(roundScale(8.1e6), 1e7);
    QCOMPARE(roundScale(0), 1.0);
  }

  void measuresTheStarterAndStartsIt() {
    WindowFixture fixture;
    openStarter(fixture, {"training.max_steps=4", "training.threads=1", "data.max_rows=64", "export=[]",
                          "training.evaluate_base=false"});
    PreflightPage page(fixture.workbench);
    show(page);
    page.activateWindow();
    page.setFocus();
    QTest::keyClick(&page, Qt::Key_F5);
    QCOMPARE(int(page.state()), int(StateKind::running));
    QTRY_VERIFY_WITH_TIMEOUT(!child<QLabel>(page, "preflightStage")->text().isEmpty(), 20000);
    grabBothThemes(page, "preflight-running");
    QTRY_VERIFY_WITH_TIMEOUT(!fixture.facts.preflight().is_null(), 120000);
    const PreflightResult result = preflightFrom(fixture.facts.preflight());
    QVERIFY(result.wasMeasured());
    QVERIFY(result.checks.size() >= 6);
    QVERIFY(result.blocking().isEmpty());
    QCOMPARE(result.steps, 4);
    QVERIFY(child<QWidget>(page, "check.memory")->isVisible());
    grabBothThemes(page, "preflight-real");

    QTest::mouseClick(child<QPushButton>(page, "startTrainingButton"), Qt::LeftButton);
    QVERIFY(!fixture.shown.isEmpty());
    QCOMPARE(fixture.wentTo(), QString::number(int(Step::train)));
    QTRY_VERIFY_WITH_TIMEOUT(fixture.runs.find(fixture.shown)->status == RunStatus::success, 120000);
    QCOMPARE(fixture.runs.find(fixture.shown)->step, 4);
  }

  void staleStartChecksFirstAndThenStarts() {
    WindowFixture fixture;
    openStarter(fixture, {"training.max_steps=2", "training.threads=1", "data.max_rows=64", "export=[]",
                          "training.evaluate_base=false"});
    PreflightPage page(fixture.workbench);
    show(page);
    auto* start = child<QPushButton>(page, "startTrainingButton");
    QCOMPARE(start->text(), "Check and start");
    QTest::mouseClick(start, Qt::LeftButton);
    QVERIFY(fixture.shown.isEmpty());
    QVERIFY(!start->isEnabled());
    QTRY_VERIFY_WITH_TIMEOUT(!fixture.shown.isEmpty(), 120000);
    QTRY_VERIFY_WITH_TIMEOUT(is_final(fixture.runs.find(fixture.shown)->status), 120000);
    QCOMPARE(to_string(fixture.runs.find(fixture.shown)->status), std::string("success"));
  }
};

LUTHIER_WINDOW_TEST_MAIN(PreflightTest)
#include "preflight_test.moc"
