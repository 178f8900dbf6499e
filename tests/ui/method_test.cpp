// The Method page over a real project: objective, cards, options, layers, advice; every edit in the recipe and undone.
#include <QAccessible>
#include <QLineEdit>
#include <QPushButton>
#include <QScrollArea>
#include <QSlider>
#include <map>

#include "forms/option_form.h"
#include "pages/method/bake_off.h"
#include "pages/method/method_card.h"
#include "pages/method/method_page.h"
#include "pages/method/target_grid.h"
#include "recipe/catalog.h"
#include "support/testing.h"
#include "support/window.h"
#include "widgets/controls.h"

using namespace luthier;
using luthier::testing::child;
using luthier::testing::grabBothThemes;
using luthier::testing::WindowFixture;
using luthier::testing::write_text;

namespace {

/// A copy of the starter "classify text" with the method `method`.
void openStarter(WindowFixture& fixture, const Json& method) {
  const fs::path project = fs::path(fixture.folder.path().toStdString()) / "project";
  fs::copy(luthier::testing::source_folder() / "resources/starters/classify-text", project,
           fs::copy_options::recursive);
  Json recipe = read_json(project / "recipe.json");
  recipe["method"] = method;
  write_json(project / "recipe.json", recipe);
  fixture.document.open(project);
}

/// A recipe over a config.json alone: a decoder with 24 layers of Qwen2.5-0.5B's shapes, and a few lines of text.
void openDecoder(WindowFixture& fixture) {
  const fs::path project = fs::path(fixture.folder.path().toStdString()) / "decoder";
  write_text(project / "model/config.json", R"({"model_type": "qwen2", "architectures": ["Qwen2ForCausalLM"],
    "vocab_size": 151936, "hidden_size": 896, "num_hidden_layers": 24, "num_attention_heads": 14,
    "num_key_value_heads": 2, "intermediate_size": 4864, "max_position_embeddings": 32768,
    "tie_word_embeddings": true, "hidden_act": "silu", "rms_norm_eps": 1e-6, "rope_theta": 1000000.0})");
  std::string rows = "prompt,completion\n";
  for (int i = 0; i < 400; ++i) rows += "what is " + std::to_string(i) + "?,a number\n";
  write_text(project / "rows.csv", rows);
  write_json(project / "recipe.json", Json{{"luthier", 1},
                                           {"name", "tutor"},
                                           {"objective", {{"kind", "causal_lm"}}},
                                           {"model", {{"path", "model"}}},
                                           {"data",
                                            {{"train", "rows.csv"},
                                             {"roles", {{"prompt", "prompt"}, {"completion", "completion"}}},
                                             {"max_tokens", 512}}},
                                           {"method", {{"kind", "lora"}, {"rank", 16}, {"alpha", 32}}},
                                           {"training", {{"batch_size", 8}, {"gradient_accumulation", 4}}},
                                           {"export", {{{"format", "peft"}}}}});
  fixture.document.open(project);
}

template <class Ready>
void waitFor(Ready ready) {
  QTRY_VERIFY_WITH_TIMEOUT(ready(), 20000);
}

struct Shown {
  explicit Shown(WindowFixture& fixture) : page(fixture.workbench) {
    page.resize(944, 868);
    page.show();
    waitFor([&] { return fixture.facts.model() && fixture.facts.data() && fixture.facts.estimate(); });
    QTest::qWait(20);  // laid out
  }
  MethodPage page;
};

void clickSegment(SegmentedControl* control, const QString& id) {
  QTest::mouseClick(control, Qt::LeftButton, {}, control->segmentRect(id).center());
}

}  // namespace

class MethodTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void cardsShowWhatEachMethodTrainsAndNeeds() {
    WindowFixture fixture;
    openStarter(fixture, {{"kind", "full"}});
    Shown shown(fixture);
    QCOMPARE(shown.page.findChildren<MethodCard*>().size(), qsizetype(methods().size()));
    auto* full = child<MethodCard>(shown.page, "methodCard.full");
    auto* lora = child<MethodCard>(shown.page, "methodCard.lora");
    QVERIFY(full->isChecked() && !lora->isChecked());
    QVERIFY2(full->accessibleName().contains("trains 100 %"), qPrintable(full->accessibleName()));
    QVERIFY(lora->accessibleName().contains("Memory", Qt::CaseInsensitive));
    // 1,152 rows and 1.8 M parameters: a small model is trained whole.
    QVERIFY(full->accessibleName().contains("recommended"));
    const QString reason = child<QLabel>(shown.page, "methodReason")->text();
    QVERIFY2(reason.contains("1,152"), qPrintable(reason));
    grabBothThemes(shown.page, "method-full");
  }

  void choosingAMethodEditsTheRecipeAndCanBeUndone() {
    WindowFixture fixture;
    openStarter(fixture, {{"kind", "lora"}, {"rank", 4}});
    Shown shown(fixture);
    QTest::mouseClick(child<MethodCard>(shown.page, "methodCard.feature_extraction"), Qt::LeftButton);
    QCOMPARE(fixture.document.text("method.kind"), "feature_extraction");
    QVERIFY(child<MethodCard>(shown.page, "methodCard.feature_extraction")->isChecked());
    QTRY_VERIFY(!shown.page.findChild<QLineEdit*>("option.rank"));
    // An adapter's export goes with the method that makes adapters.
    for (const Json& one : fixture.document.json()["export"]) QVERIFY(one["format"] != "peft");
    // Arrow keys move on, and what LoRA was set to is still known.
    for (const char* from : {"methodCard.feature_extraction", "methodCard.layerwise", "methodCard.adapter"})
      QTest::keyClick(child<MethodCard>(shown.page, from), Qt::Key_Right);
    QCOMPARE(fixture.document.text("method.kind"), "lora");
    QCOMPARE(fixture.document.number("method.rank"), 4.0);
    QTRY_VERIFY(shown.page.findChild<QLineEdit*>("option.rank"));
    QCOMPARE(child<QLineEdit>(shown.page, "option.rank")->text(), "4");
    fixture.document.undoStack().setIndex(0);
    QCOMPARE(fixture.document.text("method.kind"), "lora");
    QVERIFY(child<MethodCard>(shown.page, "methodCard.lora")->isChecked());
  }

  void everyMethodTellsItsCostAndHasItsOptions() {
    WindowFixture fixture;
    openStarter(fixture, {{"kind", "full"}});
    Shown shown(fixture);
    std::map<QString, double> bytes;
    for (const MethodEntry& entry : methods()) {
      auto* card = child<MethodCard>(shown.page, ("methodCard." + entry.kind).c_str());
      QVERIFY2(card->isAvailable(), entry.kind.c_str());  // all of them go with a BERT that classifies
      QVERIFY2(card->accessibleName().contains("memory"), qPrintable(card->accessibleName()));
      QTest::mouseClick(card, Qt::LeftButton);
      QTest::qWait(0);  // new rows of options come after the click
      const MethodOptions& method = fixture.document.lenient().method;
      QCOMPARE(kind_of(method), entry.kind);
      QCOMPARE(child<QWidget>(shown.page, "targetGrid")->isVisible(), lora_of(method) != nullptr);
      bytes[QString::fromStdString(entry.kind)] = double(fixture.facts.estimateFor(method)->memory.total());
      for (const OptionSpec& spec : entry.options)
        if (spec.info.level == OptionLevel::simple && spec.info.shown_when.empty() && entry.kind != "layerwise")
          QVERIFY2(child<QWidget>(shown.page, ("option." + spec.info.key).c_str()), spec.info.key.c_str());
      if (entry.kind == "adapter") grabBothThemes(shown.page, "method-adapter");
    }
    QVERIFY(bytes["lora"] < bytes["full"] && bytes["feature_extraction"] < bytes["ia3"]);
  }

  void adaptationAndDistillationAreInTheForm() {
    WindowFixture fixture;
    openStarter(fixture, {{"kind", "full"}});
    Shown shown(fixture);
    auto* search = child<QLineEdit>(shown.page, "optionSearchEdit");
    QTest::keyClicks(search, "adapt to the field");
    QTest::mouseClick(child<QAbstractButton>(shown.page, "option.adaptation"), Qt::LeftButton);
    QVERIFY(fixture.document.json().contains("adaptation"));
    // Its file is missing: the page says so.
    QTRY_VERIFY(child<QLabel>(shown.page, "methodProblem")->text().contains("adaptation"));
    fixture.document.undoStack().undo();
    search->setText("teacher");
    QVERIFY(child<QAbstractButton>(shown.page, "option.distillation")->isVisible());
  }

  void optionsEditTheRecipeAndFollowUndo() {
    WindowFixture fixture;
    openStarter(fixture, {{"kind", "lora"}});
    Shown shown(fixture);
    auto* rank = child<QLineEdit>(shown.page, "option.rank");
    rank->selectAll();
    QTest::keyClicks(rank, "16");
    QCOMPARE(fixture.document.number("method.rank"), 16.0);
    QTRY_COMPARE(child<QLabel>(shown.page, "effect.alpha")->text(), "scale 1");
    auto* changed = child<QPushButton>(shown.page, "optionChangedButton");
    QVERIFY2(changed->isVisible() && changed->text().contains("changed"), qPrintable(changed->text()));
    fixture.document.undoStack().undo();
    QCOMPARE(rank->text(), "8");
    QVERIFY(!fixture.document.isSet("method.rank"));
    QTest::keyClicks(child<QLineEdit>(shown.page, "optionSearchEdit"), "smoothing");
    QVERIFY(child<QLineEdit>(shown.page, "option.label_smoothing")->isVisible());
    QVERIFY(!rank->isVisible());
  }

  void slashGoesToTheSearch() {
    WindowFixture fixture;
    openStarter(fixture, {{"kind", "lora"}});
    Shown shown(fixture);
    shown.page.activateWindow();
    child<MethodCard>(shown.page, "methodCard.lora")->setFocus();
    QTest::keyClick(&shown.page, Qt::Key_Slash);
    QTRY_VERIFY(child<QLineEdit>(shown.page, "optionSearchEdit")->hasFocus());
  }

  void objectivesThatTheDataDoesNotAllowSayWhy() {
    WindowFixture fixture;
    openStarter(fixture, {{"kind", "full"}});
    Shown shown(fixture);
    auto* objective = child<SegmentedControl>(shown.page, "objectiveSelector");
    QCOMPARE(objective->current(), "classification");
    clickSegment(objective, "tagging");  // no column has the roles tokens and tags
    QCOMPARE(fixture.document.text("objective.kind"), "classification");
    for (const char* none : {"causal_lm", "seq2seq", "ctc"})  // not a decoder, no recordings
      QVERIFY2(objective->segmentRect(none).isEmpty(), none);
    clickSegment(objective, "masked_lm");
    QCOMPARE(fixture.document.text("objective.kind"), "masked_lm");
    QVERIFY(!fixture.document.json()["data"]["roles"].contains("label"));
    QVERIFY2(fixture.document.problems().empty(),
             fixture.document.problems().empty() ? "" : fixture.document.problems()[0].path.c_str());
    QTRY_VERIFY(child<QLineEdit>(shown.page, "option.mask_share"));
    fixture.document.undoStack().undo();
    QCOMPARE(objective->current(), "classification");
    QVERIFY(fixture.document.json()["data"]["roles"].contains("label"));
  }

  void layersAreChosenByClickDragAndKey() {
    WindowFixture fixture;
    openDecoder(fixture);
    Shown shown(fixture);
    auto* grid = child<TargetGrid>(shown.page, "targetGrid");
    QCOMPARE(grid->layers().layers(), 168);  // 24 blocks of 7
    QCOMPARE(grid->chosen().size(), std::size_t(168));
    const auto targets = [&] { return fixture.document.value("method.targets"); };
    QCOMPARE(targets(), Json("all-linear"));
    grabBothThemes(shown.page, "method-lora");
    // A name at the left turns its row off: the rest are whole rows, so a list of endings.
    QTest::mouseClick(grid, Qt::LeftButton, {}, grid->rowHeaderRect(1).center());
    QCOMPARE(targets(), Json({"q_proj", "v_proj", "o_proj", "gate_proj", "up_proj", "down_proj"}));
    // A number below turns its column on where a layer of it is off, else off.
    QTest::mouseClick(grid, Qt::LeftButton, {}, grid->columnHeaderRect(3).center());
    QVERIFY(grid->isChosen(1, 3));
    QCOMPARE(grid->chosen().size(), std::size_t(145));
    QTest::mouseClick(grid, Qt::LeftButton, {}, grid->columnHeaderRect(3).center());
    QCOMPARE(grid->chosen().size(), std::size_t(138));
    // The attention layers alone.
    QTest::mouseClick(child<QPushButton>(shown.page, "attentionOnlyButton"), Qt::LeftButton);
    QCOMPARE(targets(), Json({"q_proj", "k_proj", "v_proj", "o_proj"}));
    // Dragging over three cells of a row turns off what the first was: an expression then.
    QTest::mousePress(grid, Qt::LeftButton, {}, grid->cellRect(0, 0).center());
    for (const int block : {1, 2}) QTest::mouseMove(grid, grid->cellRect(0, block).center());
    QTest::mouseRelease(grid, Qt::LeftButton, {}, grid->cellRect(0, 2).center());
    QCOMPARE(grid->chosen().size(), std::size_t(93));
    QVERIFY(targets().is_string());
    const auto& lora = std::get<LoraOptions>(fixture.document.lenient().method);
    QCOMPARE(lora_layers(*fixture.facts.model(), lora).size(), std::size_t(93));
    grabBothThemes(shown.page, "method-lora-chosen");
    QCOMPARE(child<QLabel>(shown.page, "targetBlock")->text().section(',', 0, 0), "Block 2: 3 layers");
    // Keys: the cell under the cursor, then back.
    grid->setFocus(Qt::TabFocusReason);
    QTest::keyClick(grid, Qt::Key_Space);
    QCOMPARE(grid->chosen().size(), std::size_t(94));
    QTest::keyClick(grid, Qt::Key_Space);
    QCOMPARE(grid->chosen().size(), std::size_t(93));
    fixture.document.undoStack().setIndex(0);
    QCOMPARE(grid->chosen().size(), std::size_t(168));
  }

  void cellsAreCheckBoxesForAssistiveTechnology() {
    WindowFixture fixture;
    openDecoder(fixture);
    Shown shown(fixture);
    auto* grid = child<TargetGrid>(shown.page, "targetGrid");
    QAccessibleInterface* access = QAccessible::queryAccessibleInterface(grid);
    QVERIFY(access);
    QCOMPARE(access->childCount(), 168);
    QAccessibleInterface* cell = access->child(24 * 2 + 5);
    QCOMPARE(cell->text(QAccessible::Name), "v_proj, block 5, adapted");
    QCOMPARE(cell->role(), QAccessible::CheckBox);
    QVERIFY(cell->state().checked);
    cell->actionInterface()->doAction(QAccessibleActionInterface::toggleAction());
    QVERIFY(!cell->state().checked);
    QVERIFY(grid->accessibleName().contains("167 of 168"));
  }

  void aMethodThatCannotWorkSaysWhy() {
    WindowFixture fixture;
    openDecoder(fixture);
    Shown shown(fixture);
    auto* features = child<MethodCard>(shown.page, "methodCard.feature_extraction");
    QVERIFY(!features->isAvailable());  // the output is tied to the embedding
    QVERIFY2(features->accessibleDescription().startsWith("Not available:"),
             qPrintable(features->accessibleDescription()));
    QTest::mouseClick(features, Qt::LeftButton);
    QCOMPARE(fixture.document.text("method.kind"), "lora");
  }

  void aWrongRecipeIsToldWithAWayToTheOption() {
    WindowFixture fixture;
    openStarter(fixture, {{"kind", "lora"}});
    Shown shown(fixture);
    fixture.document.set("method.targets", Json::array(), "Layers");
    auto* problem = child<QLabel>(shown.page, "methodProblem");
    QTRY_VERIFY(problem->isVisible());
    QVERIFY(problem->text().contains("names no layer"));
    auto* go = child<QPushButton>(shown.page, "pagePrimaryButton");
    QVERIFY(!go->isEnabled() && !go->toolTip().isEmpty());
    QCOMPARE(shown.page.state(), StateKind::error);
    grabBothThemes(shown.page, "method-problem");
    QTest::mouseClick(child<QPushButton>(shown.page, "methodProblemButton"), Qt::LeftButton);
    QVERIFY(child<QLineEdit>(shown.page, "option.targets")->isVisible());
    fixture.document.undoStack().undo();
    QTRY_VERIFY(!problem->isVisible());
    QTest::mouseClick(go, Qt::LeftButton);
    QCOMPARE(fixture.wentTo(), QString::number(int(Step::preflight)));
  }

  void aRecipeFileBecomesTheDocument() {
    WindowFixture fixture;
    openStarter(fixture, {{"kind", "full"}});
    Shown shown(fixture);
    const fs::path elsewhere = fs::path(fixture.folder.path().toStdString()) / "elsewhere/other.json";
    write_text(elsewhere, R"({"luthier": 1, "name": "other", "objective": {"kind": "classification"},
      "model": {"path": "../project/encoder"}, "data": {"train": "../project/train.csv",
      "roles": {"text": "text", "label": "label"}}, "method": {"kind": "lora", "rank": 3}, "training": {"epochs": 1}})");
    shown.page.loadRecipe(QString::fromStdString(elsewhere.string()));
    QCOMPARE(fixture.document.number("method.rank"), 3.0);
    QCOMPARE(fixture.document.text("model.path"), "encoder");  // within the project, so relative to it
    QVERIFY(fixture.document.problems().empty());
    fixture.document.undoStack().undo();
    QCOMPARE(fixture.document.text("method.kind"), "full");
    // What is no recipe is refused on the page, and nothing changes.
    write_text(elsewhere, "[1, 2]");
    shown.page.loadRecipe(QString::fromStdString(elsewhere.string()));
    QVERIFY(child<ErrorCard>(shown.page, "errorCard")->isVisible());
    QCOMPARE(fixture.document.text("method.kind"), "full");
  }

  void severalMethodsAreQueuedOnTheSameRows() {
    qputenv("LUTHIER_CLI", "/bin/true");  // the runs stay in the queue
    WindowFixture fixture;
    openStarter(fixture, {{"kind", "full"}});
    Shown shown(fixture);
    auto* compare = child<QPushButton>(shown.page, "bakeOffButton");
    QTRY_VERIFY(compare->isEnabled());
    QCOMPARE(compare->text(), "Compare 3 methods");
    QTest::mouseClick(compare, Qt::LeftButton);
    QCOMPARE(fixture.compared().size(), 3);
    std::map<std::string, double> rates;
    for (const QString& id : fixture.compared()) {
      const Recipe run = read_recipe(fixture.runs.store().run_folder(id.toStdString()) / "recipe.json");
      QCOMPARE(run.name, fixture.document.name().toStdString());
      QCOMPARE(run.data.max_rows, kBakeOffRows);
      QVERIFY(run.exports.empty());
      rates[kind_of(run.method)] = run.training.learning_rate;
    }
    QCOMPARE(rates.size(), std::size_t{3});
    QCOMPARE(rates.at("full"), 5e-4);  // the recipe's own
    // Usual are 2e-5 to 5e-5 for all weights and 1e-4 to 3e-4 for adapters: 5.48 times as much, in two digits.
    for (const auto& [kind, rate] : rates)
      if (kind == "lora" || kind == "adapter" || kind == "feature_extraction") QCOMPARE(rate, 2.7e-3);
    QVERIFY(!fixture.document.isSet("data.max_rows"));
    qunsetenv("LUTHIER_CLI");
  }

  void nothingIsCutInTheSmallestWindow_data() {
    QTest::addColumn<double>("scale");
    QTest::newRow("small") << 1.0;
    QTest::newRow("large-text") << 1.5;
  }
  void nothingIsCutInTheSmallestWindow() {
    QFETCH(double, scale);
    Theme::Look look = theme().look();
    look.textScale = scale;
    theme().setLook(look);
    WindowFixture fixture;
    openDecoder(fixture);
    Shown shown(fixture);
    shown.page.resize(932, 638);
    QTest::qWait(50);
    QCOMPARE(shown.page.size(), QSize(932, 638));
    grabBothThemes(shown.page, QString("method-") + QTest::currentDataTag());
    for (QScrollArea* area : shown.page.findChildren<QScrollArea*>())
      QTRY_VERIFY2(!area->isVisible() || area->widget()->width() <= area->viewport()->width(),
                   qPrintable(QString("%1 holds %2, %3 wide, needs %4, in %5")
                                  .arg(area->objectName(), area->widget()->metaObject()->className())
                                  .arg(area->widget()->width())
                                  .arg(area->widget()->minimumSizeHint().width())
                                  .arg(area->viewport()->width())));
    // Heights that follow from widths are settled after the layout that found the widths.
    const auto cut = [&] {
      for (QLabel* label : shown.page.findChildren<QLabel*>()) {
        if (!label->isVisible() || label->text().isEmpty() || qobject_cast<ElidedLabel*>(label)) continue;
        const int needed = label->wordWrap() ? label->heightForWidth(label->width()) : label->sizeHint().height();
        const int wide = label->wordWrap() ? 0 : label->fontMetrics().horizontalAdvance(label->text());
        if (label->height() < needed - 2 || label->width() < wide - 1) return label->text();
      }
      return QString();
    };
    QTRY_COMPARE(cut(), QString());
    look.textScale = 1;
    theme().setLook(look);
  }

  void changesTakeNoNoticeableTime() {
    WindowFixture fixture;
    openDecoder(fixture);
    Shown shown(fixture);
    const auto slowest = [&](const std::function<void()>& change) {
      double longest = 0;
      for (int i = 0; i < 5; ++i) {
        QElapsedTimer timer;
        timer.start();
        change();
        longest = std::max(longest, double(timer.nsecsElapsed()) / 1e6);
        QTest::qWait(40);
      }
      return longest;
    };
    int rank = 16;
    auto* field = child<QLineEdit>(shown.page, "option.rank");
    const double typing = slowest([&] {
      field->selectAll();
      QTest::keyClicks(field, QString::number(++rank));
    });
    bool full = false;
    const double method = slowest([&] {
      full = !full;
      QTest::mouseClick(child<MethodCard>(shown.page, full ? "methodCard.full" : "methodCard.lora"), Qt::LeftButton);
    });
    qInfo("typing two digits %.1f ms, another method %.1f ms", typing, method);
    // Each key is a change of its own; a frame may take 50 ms.
    QVERIFY2(typing < 100, qPrintable(QString::number(typing)));
    QVERIFY2(method < 100, qPrintable(QString::number(method)));
  }

  void aProjectThatIsOpenIsNeverCalledClosed() {
    WindowFixture fixture;
    MethodPage page(fixture.workbench);
    openStarter(fixture, {{"kind", "full"}});
    page.show();  // in the same turn of the event loop
    QVERIFY(!child<QPushButton>(page, "methodGoHomeButton")->isVisible());
  }

  void withoutAProjectThereIsAWayToOne() {
    WindowFixture fixture;
    MethodPage page(fixture.workbench);
    page.resize(944, 868);
    page.show();
    QTest::mouseClick(child<QPushButton>(page, "methodGoHomeButton"), Qt::LeftButton);
    QCOMPARE(fixture.wentTo(), QString::number(int(Step::home)));
    QCOMPARE(page.state(), StateKind::notStarted);
    page.loadRecipe("/a/recipe.json");  // with no project to load it into, it is opened as one
    QCOMPARE(fixture.opened(), "/a/recipe.json");
    grabBothThemes(page, "method-empty");
  }
};

LUTHIER_WINDOW_TEST_MAIN(MethodTest)
#include "method_test.moc"
