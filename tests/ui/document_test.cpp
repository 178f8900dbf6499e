// The recipe as the window's document: undo, saving, paths, problems.
#include "document/document.h"

#include <QSignalSpy>

#include "base/files.h"
#include "support/window.h"

using namespace luthier;

class DocumentTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void makesAProjectAndSavesEveryChange();
  void undoesAndRedoesChanges();
  void mergesFastChangesOfOneOptionIntoOneStep();
  void appliesAFixAsOneStep();
  void tellsDefaultsWhereNothingIsSet();
  void keepsPathsInTheProjectRelative();
  void aCopiedProjectOpensElsewhere();
  void aBrokenRecipeIsAnErrorAndLeavesTheOpenProject();

 private:
  static Json recipe() {
    return Json{{"luthier", 1},
                {"name", "toy"},
                {"objective", {{"kind", "classification"}}},
                {"model", {{"path", "model"}}},
                {"data", {{"train", "train.csv"}, {"roles", {{"text", "text"}, {"label", "label"}}}}},
                {"method", {{"kind", "lora"}}},
                {"training", {{"epochs", 2}}}};
  }
  QTemporaryDir folder_;
  fs::path fresh() {
    static int number = 0;
    return fs::path(folder_.filePath("p" + QString::number(++number)).toStdString());
  }
};

void DocumentTest::makesAProjectAndSavesEveryChange() {
  const fs::path folder = fresh();
  Document document;
  document.create(folder, recipe());
  QVERIFY(document.isOpen());
  QCOMPARE(document.name(), "toy");
  QSignalSpy saved(&document, &Document::saved);
  document.set("training.batch_size", 7, "Batch");
  QVERIFY(saved.wait(3000));
  QCOMPARE(read_json(folder / "recipe.json")["training"]["batch_size"].get<int>(), 7);
  QVERIFY(document.recipe().has_value());
  QCOMPARE(document.recipe()->training.batch_size, 7);
}

void DocumentTest::undoesAndRedoesChanges() {
  Document document;
  document.create(fresh(), recipe());
  document.set("method.rank", 4, "Rank");
  document.set("training.epochs", 5, "Epochs");
  QCOMPARE(document.number("training.epochs"), 5.0);
  document.undoStack().undo();
  QCOMPARE(document.number("training.epochs"), 2.0);
  QCOMPARE(document.number("method.rank"), 4.0);
  document.undoStack().undo();
  QVERIFY(!document.isSet("method.rank"));
  document.undoStack().redo();
  QCOMPARE(document.number("method.rank"), 4.0);
}

void DocumentTest::mergesFastChangesOfOneOptionIntoOneStep() {
  Document document;
  document.create(fresh(), recipe());
  for (int rank = 1; rank <= 20; ++rank) document.set("method.rank", rank, "Rank");
  QCOMPARE(document.undoStack().count(), 1);
  document.undoStack().undo();
  QVERIFY(!document.isSet("method.rank"));
}

void DocumentTest::appliesAFixAsOneStep() {
  Document document;
  document.create(fresh(), recipe());
  QSignalSpy changed(&document, &Document::changed);
  document.apply({"training.batch_size=4", "training.gradient_accumulation=8"}, "Halve the batch");
  QCOMPARE(changed.count(), 1);
  QCOMPARE(changed[0][0].toStringList(), QStringList({"training.batch_size", "training.gradient_accumulation"}));
  QCOMPARE(document.recipe()->training.gradient_accumulation, 8);
  document.undoStack().undo();
  QVERIFY(!document.isSet("training.batch_size"));
}

void DocumentTest::tellsDefaultsWhereNothingIsSet() {
  Document document;
  document.create(fresh(), recipe());
  QVERIFY(!document.isSet("training.learning_rate"));
  QCOMPARE(document.number("training.learning_rate"), TrainingOptions{}.learning_rate);
  document.set("training.learning_rate", 1e-3, "Rate");
  document.set("training.learning_rate", Json(), "Reset");
  QVERIFY(!document.isSet("training.learning_rate"));
  QVERIFY(document.value("no.such.option").is_null());
}

void DocumentTest::keepsPathsInTheProjectRelative() {
  const fs::path folder = fresh();
  Document document;
  document.create(folder, recipe());
  QCOMPARE(document.storedPath(folder / "data" / "a.csv"), std::string("data/a.csv"));
  QCOMPARE(document.storedPath("/elsewhere/a.csv"), std::string("/elsewhere/a.csv"));
  QCOMPARE(document.lenient().data.train, (folder / "train.csv").string());
}

void DocumentTest::aCopiedProjectOpensElsewhere() {
  const fs::path folder = fresh(), copy = fresh();
  {
    Document document;
    document.create(folder, recipe());
    document.set("training.epochs", 9, "Epochs");
  }  // closing saves
  fs::copy(folder, copy, fs::copy_options::recursive);
  fs::remove_all(folder);
  Document document;
  document.open(copy);
  QCOMPARE(document.number("training.epochs"), 9.0);
  QCOMPARE(document.lenient().data.train, (copy / "train.csv").string());
}

void DocumentTest::aBrokenRecipeIsAnErrorAndLeavesTheOpenProject() {
  Document document;
  document.create(fresh(), recipe());
  const fs::path folder = fresh();
  fs::create_directories(folder);
  write_atomically(folder / "recipe.json", std::string_view("{\"luthier\": 1, "));
  const auto error = attempt("open", [&] { document.open(folder); });
  QVERIFY(error.has_value());
  QCOMPARE(error->kind, "bad_input");
  QVERIFY(document.isOpen());
  QCOMPARE(document.name(), "toy");
  // Problems of options do not keep a recipe from being opened: they are listed.
  Json wrong = recipe();
  wrong["training"]["batch_size"] = -3;
  write_json(folder / "recipe.json", wrong);
  document.open(folder);
  QCOMPARE(document.problems().size(), std::size_t(1));
  QCOMPARE(document.problems()[0].path, std::string("training.batch_size"));
  QVERIFY(!document.recipe().has_value());
}

LUTHIER_WINDOW_TEST_MAIN(DocumentTest)
#include "document_test.moc"
