// The page Model: finding, choosing, refusing, looking inside, trying the tokenizer.
#include <QAbstractItemModelTester>
#include <QLineEdit>
#include <QListView>
#include <QPushButton>
#include <QTreeView>
#include <nlohmann/json.hpp>

#include "pages/model/model_details.h"
#include "pages/model/model_list.h"
#include "pages/model/model_page.h"
#include "pages/model/module_tree.h"
#include "support/testing.h"
#include "support/tiny_task.h"
#include "support/window.h"
#include "widgets/controls.h"
#include "widgets/token_view.h"

using namespace luthier;
using namespace luthier::testing;

class ModelTest : public QObject {
  Q_OBJECT
  std::unique_ptr<WindowFixture> fixture;
  std::unique_ptr<ModelPage> page;

  fs::path path(const char* name) { return fixture->folder.filePath(name).toStdString(); }
  static fs::path base(const char* name) { return fixture_folder(name); }
  static fs::path fixture_folder(const char* name) {
    return luthier::testing::fixture(std::string("full/") + name + "/base");
  }

  void show(QSize size = {972, 868}) {
    page = std::make_unique<ModelPage>(fixture->workbench);
    page->resize(size);
    page->show();
    page->shown();
  }
  void openProject(const Json& changes = Json::object()) {
    write_tiny_task(path("project"), 24);
    Json recipe = tiny_recipe(path("project"));
    recipe["model"] = {{"path", ""}};
    recipe.merge_patch(changes);
    fixture->document.create(path("project"), recipe);
  }
  QListView* list() { return page->findChild<QListView*>("modelList"); }
  /// The row of the list with this name; -1 while it is not there.
  int rowOf(const QString& name) {
    for (int row = 0; row < list()->model()->rowCount(); ++row)
      if (list()->model()->index(row, 0).data().toString() == name) return row;
    return -1;
  }
  void click(const QString& name) {
    QTRY_VERIFY2(rowOf(name) >= 0, qPrintable(name));
    const QModelIndex index = list()->model()->index(rowOf(name), 0);
    list()->scrollTo(index);
    QTest::mouseClick(list()->viewport(), Qt::LeftButton, {}, list()->visualRect(index).center());
  }
  QString chipOf(const QString& name) {
    return list()->model()->index(rowOf(name), 0).data(ModelList::ChipRole).toString();
  }
  /// A copy of a fixture with other parts of its config.json.
  fs::path changedModel(const char* name, const char* from, const Json& changes) {
    fs::create_directories(path(name));
    fs::copy(base(from), path(name), fs::copy_options::recursive);
    Json config = read_json(path(name) / "config.json");
    config.merge_patch(changes);
    write_json(path(name) / "config.json", config);
    return path(name);
  }

 private Q_SLOTS:
  void init() {
    fixture = std::make_unique<WindowFixture>();
    qputenv("HF_HUB_CACHE", fixture->folder.filePath("cache").toUtf8());
  }
  void cleanup() {
    page.reset();
    fixture.reset();
  }

  void choosesAStarterModelByClick() {
    openProject();
    show();
    QVERIFY(!child<QPushButton>(*page, "pagePrimaryButton")->isEnabled());
    QVERIFY(page->state() == StateKind::notStarted);
    click("classify-text/encoder");
    const fs::path encoder = source_folder() / "resources/starters/classify-text/encoder";
    QTRY_COMPARE(fs::path(fixture->document.lenient().model.path), encoder);
    QTRY_VERIFY(page->state() == StateKind::done);
    QCOMPARE(chipOf("classify-text/encoder"), QString("fits"));
    QTRY_VERIFY(child<QWidget>(*page, "modelFacts")->isVisible());
    auto* next = child<QPushButton>(*page, "pagePrimaryButton");
    QTRY_VERIFY(next->isEnabled());
    auto* tokens = child<TokenView>(*page, "tokenizerTokens");
    QTRY_VERIFY(!tokens->tokens().empty());
    grabBothThemes(*page, "model-starter");
    page->resize(932, 638);
    grabBothThemes(*page, "model-starter-small");
    QTest::mouseClick(next, Qt::LeftButton);
    QCOMPARE(fixture->wentTo(), QString::number(int(Step::method)));
    fixture->document.undoStack().undo();
    QVERIFY(fixture->document.lenient().model.path.empty());
  }

  void choosesByKeyboard() {
    openProject({{"model", {{"path", base("bert-cls").string()}}}});
    show();
    QTRY_VERIFY(rowOf("base") >= 0);
    QTRY_COMPARE(list()->currentIndex().row(), rowOf("base"));
    list()->setFocus();
    // One key a row: headings are stepped over.
    for (int presses = 0; presses < list()->model()->rowCount(); ++presses) {
      if (list()->currentIndex().row() == rowOf("classify-text/encoder")) break;
      QTest::keyClick(list(),
                      list()->currentIndex().row() < rowOf("classify-text/encoder") ? Qt::Key_Down : Qt::Key_Up);
    }
    QTRY_COMPARE(fs::path(fixture->document.lenient().model.path).filename(), fs::path("encoder"));
  }

  void findsModelsInTheCacheByTheirNames() {
    const fs::path entry = path("cache") / "models--some--tiny-bert";
    fs::create_directories(entry / "snapshots");
    fs::create_directories(entry / "refs");
    fs::copy(base("bert-cls"), entry / "snapshots/abc123", fs::copy_options::recursive);
    fs::copy(base("bert-cls"), entry / "snapshots/old", fs::copy_options::recursive);
    write_text(entry / "refs/main", "abc123\n");
    write_text(entry / "snapshots/abc123/README.md", "---\nlanguage: en\nlicense: apache-2.0\n---\n# Tiny\n");
    openProject();
    show();
    auto* source = child<SegmentedControl>(*page, "modelSource");
    QTest::mouseClick(source, Qt::LeftButton, {}, source->segmentRect("cache").center());
    QTRY_VERIFY(rowOf("some/tiny-bert") >= 0);
    QCOMPARE(list()->model()->rowCount(), 2);  // a heading and one model
    QVERIFY(list()->model()->index(1, 0).data(ModelList::DetailRole).toString().contains("apache-2.0"));
    click("some/tiny-bert");
    QTRY_COMPARE(fs::path(fixture->document.lenient().model.path), entry / "snapshots/abc123");
  }

  void saysWhenTheCacheIsEmpty() {
    openProject();
    show();
    auto* source = child<SegmentedControl>(*page, "modelSource");
    QTest::mouseClick(source, Qt::LeftButton, {}, source->segmentRect("cache").center());
    QTRY_VERIFY(!list()->isVisible());
    grabTo(*page, "model-empty");
  }

  void refusesPickledWeightsAndRemoteCodeWithTheReason_data() {
    QTest::addColumn<QString>("kind");
    QTest::addColumn<QString>("reason");
    QTest::newRow("pickle") << "pickle" << "pickle";
    QTest::newRow("remote code") << "remote" << "Python code";
    QTest::newRow("unknown family") << "unknown" << "mamba";
  }
  void refusesPickledWeightsAndRemoteCodeWithTheReason() {
    QFETCH(const QString, kind);
    QFETCH(const QString, reason);
    openProject();
    Json changes = Json::object();
    if (kind == "remote") changes["auto_map"] = {{"AutoModel", "modeling_x.X"}};
    if (kind == "unknown") changes["model_type"] = "mamba";
    const fs::path folder = changedModel("bad", "bert-cls", changes);
    if (kind == "pickle") {
      fs::remove(folder / "model.safetensors");
      write_text(folder / "pytorch_model.bin", "PK");
    }
    show();
    page->open(folder);
    QTRY_VERIFY(child<QWidget>(*page, "errorCard")->isVisible());
    QString words;
    for (const QLabel* label : child<QWidget>(*page, "errorCard")->findChildren<QLabel*>())
      words += label->text() + '\n';
    QVERIFY2(words.contains(reason), qPrintable(words));
    QVERIFY(words.contains("was not chosen"));
    QVERIFY(fixture->document.lenient().model.path.empty());
    QTRY_VERIFY(rowOf("bad") >= 0);
    QCOMPARE(chipOf("bad"), QString("refused"));
    grabBothThemes(*page, "model-refused-" + kind);
  }

  void rateTellsWhatFitsTheMemory() {
    FoundModel model = lookAtModel(base("bert-cls"), ModelOrigin::opened, "classification", 2);
    FitSetting setting{FullOptions{}, TrainingOptions{}, 32, 0};
    const auto need = std::uint64_t(estimate_memory(*model.outline, setting.method, setting.training, 32).total());
    for (const auto& [room, fit] :
         {std::pair{2 * need, Fit::fits}, {need + need / 20, Fit::tight}, {need / 2, Fit::tooLarge}}) {
      setting.available_bytes = room;
      QVERIFY(rate(model, setting) == fit);
    }
    QVERIFY(rate(lookAtModel(base("bert-cls"), ModelOrigin::opened, "causal_lm", 0), setting) == Fit::otherTask);
    QVERIFY(rate(lookAtModel(path("absent"), ModelOrigin::opened, "causal_lm", 0), setting) == Fit::refused);
  }

  void listsOtherTasksApartAndSaysSo() {
    openProject({{"objective", {{"kind", "causal_lm"}}}});
    show();
    QTRY_VERIFY(rowOf("classify-text/encoder") >= 0);
    QVERIFY(rowOf("Other tasks") >= 0);
    click("classify-text/encoder");
    QTRY_VERIFY(page->findChild<QWidget*>("modelCheck.wrong_head"));
    QTRY_VERIFY(page->state() == StateKind::error);
  }

  void rememberedFoldersComeBack() {
    openProject();
    show();
    page->open(base("roberta-cls"));
    QTRY_COMPARE(fs::path(fixture->document.lenient().model.path), base("roberta-cls"));
    show();
    QTRY_VERIFY(rowOf("base") >= 0);
  }

  void dropsWhatBelongedToTheModelBefore() {
    openProject({{"model", {{"path", (path("project") / "model").string()}, {"from_config", true}}}});
    show();
    page->choose(base("bert-cls"));
    QTRY_COMPARE(fs::path(fixture->document.lenient().model.path), base("bert-cls"));
    QVERIFY(!fixture->document.lenient().model.from_config);
    fixture->document.undoStack().undo();
    QVERIFY(fixture->document.lenient().model.from_config);
  }

  void expectsNoWeightsWhereTheyAreDrawnAnew() {
    openProject({{"model", {{"path", (path("project") / "model").string()}, {"from_config", true}}}});
    show();
    QTRY_VERIFY(rowOf("model") >= 0);
    QCOMPARE(chipOf("model"), QString("fits"));
    QTRY_VERIFY(child<QWidget>(*page, "modelFacts")->isVisible());
    QVERIFY(!child<QWidget>(*page, "errorCard")->isVisible());
    QTRY_VERIFY(page->state() == StateKind::done);
  }

  void filtersModelsAndModules() {
    openProject({{"model", {{"path", base("bert-cls").string()}}}, {"method", {{"kind", "lora"}}}});
    show();
    QTRY_VERIFY(rowOf("base") >= 0 && rowOf("classify-text/encoder") >= 0);
    QTest::keyClicks(child<QLineEdit>(*page, "modelFilterEdit"), "classify");
    QCOMPARE(rowOf("base"), -1);
    QVERIFY(rowOf("classify-text/encoder") >= 0);
    auto* tree = child<QTreeView>(*page, "moduleTree");
    QTRY_VERIFY(tree->model()->rowCount() > 0);
    const auto count = [&] {
      int rows = 0;
      for (QModelIndex at = tree->model()->index(0, 0); at.isValid(); at = tree->indexBelow(at)) ++rows;
      return rows;
    };
    const int before = count();
    QTest::keyClicks(child<QLineEdit>(*page, "moduleFilterEdit"), "query");
    QVERIFY(count() != before);
    bool target = false;
    for (QModelIndex at = tree->model()->index(0, 0); at.isValid(); at = tree->indexBelow(at))
      target |= at.data().toString() == "query" && at.data(ModuleTree::NoteRole).toString() == "LoRA target";
    QVERIFY(target);
    grabBothThemes(*page, "model-modules");
    child<QLineEdit>(*page, "moduleFilterEdit")->clear();
    QCOMPARE(count(), before);
  }

  void moduleTreeAddsUpAndFoldsEqualBlocks() {
    Json config = read_json(base("bert-cls") / "config.json");
    config["num_hidden_layers"] = 5;
    write_text(path("deep/config.json"), config.dump());
    const auto outline =
        std::make_shared<const ModelOutline>(outline_model(path("deep/config.json"), "sequence_classification", 2));
    ModuleTree tree;
    QAbstractItemModelTester tester(&tree, QAbstractItemModelTester::FailureReportingMode::QtTest);
    tree.setModel(outline, LoraOptions{});
    std::int64_t sum = 0;
    const auto number = [](const QModelIndex& index) {
      return index.siblingAtColumn(ModuleTree::ParametersColumn).data().toString().remove(',').toLongLong();
    };
    for (int row = 0; row < tree.rowCount(); ++row) sum += number(tree.index(row, 0));
    QCOMPARE(sum, outline->total_parameters);
    QModelIndex at = tree.index(0, 0);
    for (const char* name : {"encoder", "layer"})
      for (int row = 0; row < tree.rowCount(at); ++row)
        if (tree.index(row, 0, at).data().toString() == name) {
          at = tree.index(row, 0, at);
          break;
        }
    QCOMPARE(at.data(ModuleTree::PathRole).toString(), QString("bert.encoder.layer"));
    QCOMPARE(at.siblingAtColumn(ModuleTree::ShapeColumn).data().toString(), QString("5 blocks"));
    QCOMPARE(tree.rowCount(at), 2);
    const QModelIndex folded = tree.index(1, 0, at);
    QCOMPARE(folded.data().toString(), QString("1 to 4"));
    QCOMPARE(tree.rowCount(folded), 4);
    QCOMPARE(number(folded), 4 * number(tree.index(0, 0, at)));
    QCOMPARE(tree.index(3, 0, folded).data(ModuleTree::PathRole).toString(), QString("bert.encoder.layer.4"));
    tree.setMethod(FullOptions{});
    tree.setModel(nullptr, FullOptions{});
    QCOMPARE(tree.rowCount(), 0);
  }

  void modelListPassesTheModelTester() {
    ModelList models;
    QAbstractItemModelTester tester(&models, QAbstractItemModelTester::FailureReportingMode::QtTest);
    std::vector<FoundModel> found;
    for (const char* name : {"bert-cls", "llama-lm", "bert-token"})
      found.push_back(lookAtModel(base(name), ModelOrigin::opened, "classification", 2));
    models.setModels(found, {Fit::fits, Fit::tooLarge, Fit::fits});
    QCOMPARE(models.rowCount(), 5);  // two headings
    models.setFilter("llama");
    QCOMPARE(models.rowCount(), 2);
    models.setFilter("nothing of this name");
    QCOMPARE(models.rowCount(), 0);
  }

  void triesTheTokenizerOut() {
    openProject({{"model", {{"path", (source_folder() / "resources/starters/classify-text/encoder").string()}}}});
    show();
    auto* edit = child<QLineEdit>(*page, "tokenizerEdit");
    QTRY_VERIFY(edit->isVisible());
    edit->selectAll();
    QTest::keyClicks(edit, "the screen");
    auto* view = child<TokenView>(*page, "tokenizerTokens");
    const auto texts = [&] {
      QStringList list;
      for (const ShownToken& token : view->tokens()) list << token.text;
      return list.join(' ');
    };
    QTRY_COMPARE(texts(), QString("[CLS] the screen [SEP]"));
    QCOMPARE(child<QLabel>(*page, "tokenizerCount")->text(), QString("Tokens: 4"));
  }

  void tellsTheFactsOfAModel() {
    const ModelDetails details =
        readModelDetails(source_folder() / "resources/starters/classify-text/encoder", "classification", 8);
    QCOMPARE(details.kind, QString("encoder"));
    QCOMPARE(details.dtype, QString("float16"));  // as the starter's README says
    QCOMPARE(details.tokenizer, QString("WordPiece"));
    QCOMPARE(details.model.outline->sizes.vocabulary, 14336);
    QVERIFY(details.diskBytes > details.model.outline->file_bytes);
  }
};

LUTHIER_WINDOW_TEST_MAIN(ModelTest)
#include "model_test.moc"
