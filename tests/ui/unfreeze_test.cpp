// The layer-wise timeline and the rate test on the Method page, with mouse, keys and assistive technology.
#include <QAccessible>
#include <QComboBox>
#include <QLineEdit>
#include <QPushButton>
#include <nlohmann/json.hpp>

#include "pages/method/method_page.h"
#include "pages/method/rate_card.h"
#include "pages/method/rate_chart.h"
#include "pages/method/step_chart.h"
#include "pages/method/unfreeze_timeline.h"
#include "support/testing.h"
#include "support/window.h"

using namespace luthier;
using luthier::testing::child;
using luthier::testing::grabBothThemes;
using luthier::testing::WindowFixture;
using luthier::testing::write_text;

namespace {

/// A recipe over the config.json of bert-base alone and a few lines of text, trained block by block for four epochs.
void openEncoder(WindowFixture& fixture, const Json& method) {
  const fs::path project = fs::path(fixture.folder.path().toStdString()) / "encoder";
  write_text(project / "model/config.json",
             R"({"model_type": "bert", "architectures": ["BertForSequenceClassification"],
    "vocab_size": 30522, "hidden_size": 768, "num_hidden_layers": 12, "num_attention_heads": 12,
    "intermediate_size": 3072, "max_position_embeddings": 512, "type_vocab_size": 2, "hidden_act": "gelu",
    "pad_token_id": 0})");
  std::string rows = "text,label\n";
  for (int i = 0; i < 320; ++i)
    rows += "row " + std::to_string(i) + (i % 3 == 0 ? ",a\n" : i % 3 == 1 ? ",b\n" : ",c\n");
  write_text(project / "rows.csv", rows);
  write_json(
      project / "recipe.json",
      Json{{"luthier", 1},
           {"name", "reviews"},
           {"objective", {{"kind", "classification"}}},
           {"model", {{"path", "model"}}},
           {"data",
            {{"train", "rows.csv"}, {"validation_share", 0.1}, {"roles", {{"text", "text"}, {"label", "label"}}}}},
           {"method", method},
           {"training", {{"epochs", 4}, {"learning_rate", 2e-5}}}});
  fixture.document.open(project);
}

struct Shown {
  explicit Shown(WindowFixture& fixture) : page(fixture.workbench) {
    page.resize(944, 868);
    page.show();
    // The model is looked at once more when the data has told the number of its labels.
    const auto ready = [&] {
      return fixture.facts.model() && fixture.facts.data() && fixture.facts.estimate() &&
             fixture.jobs.running().isEmpty();
    };
    QElapsedTimer timer, quiet;
    timer.start();
    quiet.start();
    while (timer.elapsed() < 20000 && quiet.elapsed() < 400) {
      QTest::qWait(20);
      if (!ready()) quiet.restart();
    }
    timeline = child<UnfreezeTimeline>(page, "unfreezeTimeline");
  }
  MethodPage page;
  UnfreezeTimeline* timeline = nullptr;
};

QPoint edgeOf(const UnfreezeTimeline& timeline, int row) {
  return {timeline.barRect(row).left() + 3, timeline.barRect(row).center().y()};
}

void drag(UnfreezeTimeline* timeline, int row, double epoch) {
  QTest::mousePress(timeline, Qt::LeftButton, {}, edgeOf(*timeline, row));
  QTest::mouseMove(timeline, {timeline->xOf(epoch) + 2, timeline->barRect(row).center().y()});
  QTest::mouseRelease(timeline, Qt::LeftButton, {}, {timeline->xOf(epoch) + 2, timeline->barRect(row).center().y()});
}

}  // namespace

class UnfreezeTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void showsWhenEachBlockJoins() {
    WindowFixture fixture;
    openEncoder(fixture, {{"kind", "layerwise"}, {"rate_decay", 0.85}});
    Shown shown(fixture);
    const auto& rows = shown.timeline->rows();
    QCOMPARE(rows.size(), std::size_t(14));  // head, 12 blocks, embeddings
    QCOMPARE(rows[0].name, "head");
    QCOMPARE(rows[1].name, "block 11");
    QCOMPARE(rows[13].name, "embeddings");
    QCOMPARE(rows[0].parameters, 590'592 + 2'307);  // pooler and classifier of bert-base with three labels
    QCOMPARE(rows[1].parameters, 7'087'872);
    QCOMPARE(rows[13].parameters, 23'837'184);
    QCOMPARE(rows[3].start, 3.0);
    QCOMPARE(rows[4].start, -1.0);  // it would join when the run has ended
    QCOMPARE(shown.timeline->rowText(2), "block 10, trains from epoch 2, rate 0.72");
    const auto& steps = child<StepChart>(shown.page, "trainableByEpoch")->steps();
    QCOMPARE(steps.size(), std::size_t(4));
    QVERIFY(std::abs(steps[3].value - 100.0 * (592'899 + 3 * 7'087'872) / 109'484'547) < 1e-6);
    const auto& memory = child<StepChart>(shown.page, "memoryByEpoch")->steps();
    QCOMPARE(memory.size(), std::size_t(4));
    QVERIFY(memory[0].value < memory[3].value);
    grabBothThemes(shown.page, "method-layerwise");
  }

  void anEdgeIsDraggedAndSnapsToHalfEpochs() {
    WindowFixture fixture;
    openEncoder(fixture, {{"kind", "layerwise"}});
    Shown shown(fixture);
    drag(shown.timeline, 2, 1.6);  // block 10, from 2
    QCOMPARE(fixture.document.text("method.unfreeze"), "given");
    const Json starts = fixture.document.value("method.starts");
    QCOMPARE(starts["layer.10"], Json(1.5));
    QCOMPARE(starts["layer.11"], Json(1.0));
    QCOMPARE(starts["layer.3"], Json(-1.0));
    QCOMPARE(child<QComboBox>(shown.page, "unfreezePreset")->currentText(), "As drawn");
    fixture.document.undoStack().undo();
    QCOMPARE(shown.timeline->rows()[2].start, 2.0);
    QVERIFY(!fixture.document.isSet("method.starts"));
  }

  void severalRowsMoveTogether() {
    WindowFixture fixture;
    openEncoder(fixture, {{"kind", "layerwise"}});
    Shown shown(fixture);
    QTest::mouseClick(shown.timeline, Qt::LeftButton, {}, shown.timeline->rowRect(1).center());
    QTest::mouseClick(shown.timeline, Qt::LeftButton, Qt::ShiftModifier, shown.timeline->rowRect(3).center());
    QCOMPARE(shown.timeline->selected(), std::set<int>({1, 2, 3}));
    drag(shown.timeline, 2, 1);  // by one epoch to the left: 1, 2, 3 become 0, 1, 2
    for (const int row : {1, 2, 3}) QCOMPARE(shown.timeline->rows()[std::size_t(row)].start, double(row - 1));
    grabBothThemes(shown.page, "method-layerwise-selected");
  }

  void aDoubleClickFreezesAndThaws() {
    WindowFixture fixture;
    openEncoder(fixture, {{"kind", "layerwise"}});
    Shown shown(fixture);
    QTest::mouseDClick(shown.timeline, Qt::LeftButton, {}, shown.timeline->rowRect(2).center());
    QCOMPARE(fixture.document.value("method.starts")["layer.10"], Json(-1.0));
    QTest::mouseDClick(shown.timeline, Qt::LeftButton, {}, shown.timeline->rowRect(2).center());
    QCOMPARE(fixture.document.value("method.starts")["layer.10"], Json(1.0));  // with the block above it
  }

  void keysDoTheSame() {
    WindowFixture fixture;
    openEncoder(fixture, {{"kind", "layerwise"}});
    Shown shown(fixture);
    UnfreezeTimeline* timeline = shown.timeline;
    timeline->setFocus(Qt::TabFocusReason);
    const auto start = [&](const char* block) { return fixture.document.value("method.starts")[block]; };
    QTest::keyClick(timeline, Qt::Key_Down);
    QCOMPARE(child<QLabel>(shown.page, "unfreezeRow")->text(),
             "<b>block 11</b> trains from epoch 1 at 0.90 × 2e-5 = "
             "1.80e-5.");
    QTest::keyClick(timeline, Qt::Key_Right);
    QCOMPARE(start("layer.11"), Json(1.5));
    QTest::keyClick(timeline, Qt::Key_Down, Qt::ShiftModifier);
    QTest::keyClick(timeline, Qt::Key_Left);
    QCOMPARE(start("layer.11"), Json(1.0));
    QCOMPARE(start("layer.10"), Json(1.5));
    QTest::keyClick(timeline, Qt::Key_Delete);
    QCOMPARE(start("layer.10"), Json(-1.0));
    QTest::keyClick(timeline, Qt::Key_Home);
    for (int i = 0; i < 20; ++i) QTest::keyClick(timeline, Qt::Key_Right);
    QCOMPARE(start("head"), Json(3.5));  // something is left to train in
    QTest::keyClick(timeline, Qt::Key_End);
    QTest::keyClick(timeline, Qt::Key_Space);
    QCOMPARE(start("embeddings"), Json(0.0));
  }

  void rowsAreSlidersForAssistiveTechnology() {
    WindowFixture fixture;
    openEncoder(fixture, {{"kind", "layerwise"}});
    Shown shown(fixture);
    QAccessibleInterface* access = QAccessible::queryAccessibleInterface(shown.timeline);
    QVERIFY(access);
    QCOMPARE(access->childCount(), 14);
    QAccessibleInterface* row = access->child(1);
    QCOMPARE(row->role(), QAccessible::Slider);
    QCOMPARE(row->text(QAccessible::Name), "block 11, trains from epoch 1, rate 0.90");
    row->valueInterface()->setCurrentValue(2.5);
    QCOMPARE(fixture.document.value("method.starts")["layer.11"], Json(2.5));
    QCOMPARE(row->valueInterface()->currentValue().toDouble(), 2.5);
    QVERIFY2(shown.timeline->accessibleName().contains("4 of 14"), qPrintable(shown.timeline->accessibleName()));
  }

  void presetsRateAndResetEditTheRecipe() {
    WindowFixture fixture;
    openEncoder(fixture, {{"kind", "layerwise"}});
    Shown shown(fixture);
    auto* preset = child<QComboBox>(shown.page, "unfreezePreset");
    QCOMPARE(preset->currentText(), "One block per epoch");
    const auto choose = [&](const char* text) {
      preset->setCurrentText(text);
      Q_EMIT preset->activated(preset->currentIndex());
    };
    choose("Two blocks per epoch");
    QCOMPARE(shown.timeline->rows()[2].start, 1.0);
    QCOMPARE(shown.timeline->rows()[3].start, 2.0);
    QCOMPARE(preset->currentText(), "Two blocks per epoch");
    choose("When validation stops improving");
    QCOMPARE(fixture.document.text("method.unfreeze"), "plateau");
    QVERIFY(shown.timeline->rows()[1].atPlateau && !shown.timeline->rows()[0].atPlateau);
    auto* decay = child<QLineEdit>(shown.page, "option.rate_decay");
    decay->setFocus();
    decay->selectAll();
    QTest::keyClicks(decay, "0.5");
    QCOMPARE(fixture.document.number("method.rate_decay"), 0.5);
    QCOMPARE(shown.timeline->rows()[1].rate, 0.5);
    QTest::mouseClick(child<QPushButton>(shown.page, "unfreezeReset"), Qt::LeftButton);
    QCOMPARE(preset->currentText(), "One block per epoch");
    QCOMPARE(fixture.document.number("method.rate_decay"), 0.9);
    // All options are a click away, and back.
    QTest::mouseClick(child<QPushButton>(shown.page, "unfreezeAllOptions"), Qt::LeftButton);
    QVERIFY(!shown.timeline->isVisible());
    QTest::mouseClick(child<QPushButton>(shown.page, "unfreezeBack"), Qt::LeftButton);
    QVERIFY(shown.timeline->isVisible());
  }

  void ratesAreTriedAndTheBestIsTaken() {
    if (!fs::exists(qEnvironmentVariable("LUTHIER_CLI").toStdString()) && !fs::exists(testing::cli_path()))
      QSKIP("luthier-cli is not built");
    WindowFixture fixture;
    const fs::path project = fs::path(fixture.folder.path().toStdString()) / "project";
    fs::copy(luthier::testing::source_folder() / "resources/starters/classify-text", project,
             fs::copy_options::recursive);
    fixture.document.open(project);
    Shown shown(fixture);
    auto* button = child<QPushButton>(shown.page, "rateTestButton");
    QVERIFY2(button->isEnabled(), qPrintable(button->toolTip()));
    QTest::mouseClick(button, Qt::LeftButton);
    QCOMPARE(button->text(), "Cancel");
    auto* chart = child<RateChart>(shown.page, "rateTestChart");
    QTRY_VERIFY_WITH_TIMEOUT(button->text() == "Try rates", 240000);
    QVERIFY2(chart->test().points.size() > 20, qPrintable(child<QLabel>(shown.page, "rateTestText")->text()));
    auto* use = child<QPushButton>(shown.page, "rateTestUse");
    QVERIFY2(!use->isHidden(), qPrintable(child<QLabel>(shown.page, "rateTestText")->text()));
    grabBothThemes(shown.page, "method-rate-test");
    use->click();
    QCOMPARE(fixture.document.number("training.learning_rate"), *chart->test().suggested());
    QVERIFY(!use->isEnabled());
  }
};

LUTHIER_WINDOW_TEST_MAIN(UnfreezeTest)
#include "unfreeze_test.moc"
