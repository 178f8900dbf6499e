// Home: dropping and choosing, starters, recent projects, driven as a person would.
#include <QDropEvent>
#include <QFileDialog>
#include <QLabel>
#include <QMimeData>
#include <QPushButton>
#include <nlohmann/json.hpp>

#include "pages/home/home_page.h"
#include "pages/home/openable.h"
#include "support/testing.h"
#include "support/window.h"
#include "widgets/controls.h"

using namespace luthier;
using namespace luthier::testing;

namespace {
void drop(QWidget& on, const QStringList& paths) {
  QMimeData data;
  QList<QUrl> urls;
  for (const QString& path : paths) urls << QUrl::fromLocalFile(path);
  data.setUrls(urls);
  QDragEnterEvent enter(on.rect().center(), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(&on, &enter);
  QVERIFY(enter.isAccepted());
  QCOMPARE(on.property("card").toString(), QString("dropping"));
  QDropEvent event(QPointF(on.rect().center()), Qt::CopyAction, &data, Qt::LeftButton, Qt::NoModifier);
  QApplication::sendEvent(&on, &event);
  QCOMPARE(on.property("card").toString(), QString("drop"));
}

/// All words that a widget shows.
QString wordsOf(const QWidget& widget) {
  QStringList words;
  for (const QLabel* label : widget.findChildren<QLabel*>()) {
    const auto* elided = qobject_cast<const ElidedLabel*>(label);
    words << (elided ? elided->fullText() : label->text());
  }
  return words.join('\n');
}
}  // namespace

class HomeTest : public QObject {
  Q_OBJECT
  std::unique_ptr<WindowFixture> fixture;
  std::unique_ptr<HomePage> page;

  void show() {
    page = std::make_unique<HomePage>(fixture->workbench);
    page->resize(1232, 868);
    page->show();
    page->shown();
  }
  QString text(const QString& name) { return fixture->folder.filePath(name); }
  fs::path path(const QString& name) { return text(name).toStdString(); }

  /// A project in the temporary folder that was opened before.
  fs::path project(const std::string& name) {
    const fs::path folder = path("work") / name;
    write_text(folder / "train.csv", "text,label\none,a\ntwo,b\n");
    write_json(folder / "recipe.json", Json{{"luthier", 1},
                                            {"name", name},
                                            {"objective", {{"kind", "classification"}}},
                                            {"model", {{"path", "encoder"}}},
                                            {"data", {{"train", "train.csv"}}}});
    fixture->settings.addRecent(folder);
    return folder;
  }

 private Q_SLOTS:
  void init() { fixture = std::make_unique<WindowFixture>(); }
  void cleanup() {
    page.reset();
    fixture.reset();
  }

  void showsThreeRowsOfAStarterThatStandInItsData() {
    show();
    QTRY_VERIFY(page->findChild<QWidget*>("starter.text"));
    const std::string data = read_file(source_folder() / "resources/starters/classify-text/train.csv");
    const std::vector<Starter> starters = readStarters(startersFolder());
    QVERIFY(!starters.empty());
    QCOMPARE(starters[0].id, QString("text"));
    QCOMPARE(starters[0].rows, std::count(data.begin(), data.end(), '\n') - 1);  // one is the header
    QCOMPARE(starters[0].preview.size(), std::size_t(3));
    const QString words = wordsOf(*page->findChild<QWidget*>("starter.text"));
    for (const StarterRow& row : starters[0].preview) {
      QVERIFY(data.find(row.text.toStdString()) != std::string::npos);
      QVERIFY2(words.contains(row.text) && words.contains(row.answer), qPrintable(words));
    }
    QVERIFY(starters[0].preview[0].answer != starters[0].preview[1].answer);
    grabBothThemes(*page, "home-empty");
  }

  void showsQuestionsAndAnswersOfALanguageModel() {
    LUTHIER_NEEDS(model, "weights/llama/stories260K");
    const fs::path starters = path("starters");
    fs::create_directories(starters);
    fs::copy(source_folder() / "resources/starters", starters, fs::copy_options::recursive);
    fs::remove_all(starters / "follow-instructions/model");
    fs::copy(model, starters / "follow-instructions/model");
    write_text(starters / "broken/recipe.json", "{");
    qputenv("LUTHIER_STARTERS", starters.string().c_str());
    show();
    QTRY_VERIFY(page->findChild<QPushButton*>("starter.instruct.open"));
    qunsetenv("LUTHIER_STARTERS");
    QCOMPARE(page->findChildren<QPushButton*>(QRegularExpression("^starter[.]")).size(), 4);  // not the broken one
    const QString words = wordsOf(*page->findChild<QWidget*>("starter.instruct"));
    QVERIFY2(words.contains("What is tea?"), qPrintable(words));
    grabBothThemes(*page, "home-starters");
    page->resize(1180, 638);
    grabTo(*page, "home-starters-small");
  }

  void opensACopyOfAStarterUnderAnUnusedName() {
    show();
    for (const char* name : {"classify-text", "classify-text 2"}) {
      QTRY_VERIFY(page->findChild<QPushButton*>("starter.text.open"));
      auto* button = page->findChild<QPushButton*>("starter.text.open");
      QTest::mouseClick(button, Qt::LeftButton);
      const fs::path copy = fixture->settings.projectsFolder() / name;
      QTRY_COMPARE(fixture->opened(), QString::fromStdString(copy.string()));
      QVERIFY(fs::exists(copy / "encoder/model.safetensors"));
      QVERIFY(!fs::exists(copy / "pretrain"));
      const Json recipe = read_json(copy / "recipe.json");
      QCOMPARE(recipe.at("name").get<std::string>(), std::string(name));
      fixture->document.open(copy);
      QVERIFY2(fixture->document.problems().empty(), "the copy is a recipe without problems");
    }
  }

  void opensADroppedFile() {
    show();
    write_text(path("messages.csv"), "text,label\nhello,a\nbye,b\n");
    drop(*child<QWidget>(*page, "homeDropZone"), {text("messages.csv")});
    QTRY_COMPARE(fixture->opened(), text("messages.csv"));
    QVERIFY(!child<QWidget>(*page, "errorCard")->isVisible());
  }

  void opensTheOnlyDataFileOfAFolderAndPrefersTheTrainingPart() {
    write_text(path("one/rows.jsonl"), "{\"text\": \"a\"}\n{\"text\": \"b\"}\n");
    write_text(path("one/notes.md"), "# no data");
    QCOMPARE(openablePath(path("one")), path("one/rows.jsonl"));
    write_text(path("two/train.csv"), "text,label\na,x\nb,y\n");
    write_text(path("two/test.csv"), "text,label\na,x\nb,y\n");
    QCOMPARE(openablePath(path("two")), path("two/train.csv"));
    const fs::path project = source_folder() / "resources/starters/classify-text";
    QCOMPARE(openablePath(project), project);
    QCOMPARE(openablePath(project / "recipe.json"), project / "recipe.json");
  }

  void refusesInPlaceWithTheReason_data() {
    QTest::addColumn<QStringList>("files");
    QTest::addColumn<QString>("reason");
    QTest::newRow("a picture") << QStringList{"picture.csv"} << "PNG";
    QTest::newRow("nothing in it") << QStringList{"empty.csv"} << "empty";
    QTest::newRow("not there") << QStringList{"absent.csv"} << "no such file";
    QTest::newRow("a model") << QStringList{"model"} << "folder of a model";
    QTest::newRow("no data in it") << QStringList{"bare"} << "neither a project";
    QTest::newRow("which of them") << QStringList{"many"} << "2 data files";
    QTest::newRow("two at once") << QStringList{"many/a.csv", "many/b.csv"} << "2 files";
  }
  void refusesInPlaceWithTheReason() {
    QFETCH(const QStringList, files);
    QFETCH(const QString, reason);
    show();
    write_text(path("picture.csv"), std::string("\x89PNG\r\n\x1a\n\0\0\0\rIHDR\0\0", 18));
    write_text(path("empty.csv"), "");
    write_text(path("model/config.json"), "{\"model_type\": \"bert\"}");
    write_text(path("bare/readme.md"), "nothing");
    for (const char* name : {"many/a.csv", "many/b.csv"}) write_text(path(name), "text,label\na,x\nb,y\n");
    QStringList paths;
    for (const QString& file : files) paths << text(file);
    drop(*child<QWidget>(*page, "homeDropZone"), paths);
    QTRY_VERIFY(child<QWidget>(*page, "errorCard")->isVisible());
    const QString words = wordsOf(*child<QWidget>(*page, "errorCard"));
    QVERIFY2(words.contains(reason, Qt::CaseInsensitive), qPrintable(words));
    QCOMPARE(fixture->opened(), QString());
    if (files.front() == "picture.csv") grabBothThemes(*page, "home-refused");
  }

  void choosesAFileAndAFolderWithTheButtons() {
    show();
    write_text(path("one/rows.csv"), "text,label\na,x\nb,y\n");
    for (const auto& [button, chosen] :
         {std::pair{"chooseFileButton", "one/rows.csv"}, {"chooseFolderButton", "one"}}) {
      QTest::mouseClick(child<QPushButton>(*page, button), Qt::LeftButton);
      auto* dialog = page->findChild<QFileDialog*>("chooseDialog");
      QVERIFY(dialog);
      Q_EMIT dialog->filesSelected({text(chosen)});
      dialog->close();
      QTRY_COMPARE(fixture->opened(), text("one/rows.csv"));
      QTRY_VERIFY(!page->findChild<QFileDialog*>("chooseDialog"));
    }
  }

  void theAdvisorAnswersFourQuestions() {
    show();
    QTRY_VERIFY(page->findChild<QWidget*>("starter.text"));
    const auto choose = [&](const char* question, const char* answer) {
      auto* control = child<SegmentedControl>(*page, question);
      QTest::mouseClick(control, Qt::LeftButton, {}, control->segmentRect(answer).center());
      QCOMPARE(control->current(), QString(answer));
    };
    const auto verdict = [&] { return child<QLabel>(*page, "advisorVerdict")->text(); };
    QCOMPARE(verdict(), QString("Fine-tune with LoRA"));
    QCOMPARE(child<QPushButton>(*page, "advisorStartButton")->text(), QString("Start this project"));
    grabBothThemes(*page, "home-advisor");
    choose("advisor.q4", "yes");
    QCOMPARE(verdict(), QString("Use retrieval first"));
    QCOMPARE(child<QPushButton>(*page, "advisorStartButton")->text(), QString("Start anyway"));
    choose("advisor.q4", "no");
    choose("advisor.q3", "few");
    QCOMPARE(verdict(), QString("Write a prompt first"));
    choose("advisor.q2", "daily");
    QCOMPARE(verdict(), QString("Use retrieval first"));
    choose("advisor.q1", "label");  // what a label means stays, however often texts come in
    QCOMPARE(verdict(), QString("Write a prompt first"));
    choose("advisor.q3", "some");
    QCOMPARE(verdict(), QString("Train the head on a frozen model"));
    // Keys too: one tab stop a question, arrows move.
    QTest::keyClick(child<SegmentedControl>(*page, "advisor.q3"), Qt::Key_Right);
    QCOMPARE(verdict(), QString("Fine-tune with LoRA"));
    auto* more = child<QLabel>(*page, "advisorMore");
    QVERIFY(!more->isVisible());
    QTest::mouseClick(child<QPushButton>(*page, "advisorWhyButton"), Qt::LeftButton);
    QVERIFY(more->isVisible() && more->text().contains("PEFT"));
  }

  void aProjectStartedByTheAdvisorHasItsMethod() {
    const auto create = [&](const std::string& name) {
      fixture->document.create(path("work") / name, Json{{"luthier", 1},
                                                         {"name", name},
                                                         {"objective", {{"kind", "classification"}}},
                                                         {"model", {{"path", ""}}},
                                                         {"data", {{"train", "rows.csv"}}},
                                                         {"method", {{"kind", "full"}}}});
    };
    show();
    QTRY_VERIFY(page->findChild<QWidget*>("starter.text"));
    QTest::mouseClick(child<QPushButton>(*page, "advisorStartButton"), Qt::LeftButton);
    auto* dialog = page->findChild<QFileDialog*>("chooseDialog");
    QVERIFY(dialog);
    create("advised");
    QCOMPARE(fixture->document.text("method.kind"), QString("lora"));
    fixture->document.undoStack().undo();
    QCOMPARE(fixture->document.text("method.kind"), QString("full"));
    create("later");  // another project, without having asked
    QCOMPARE(fixture->document.text("method.kind"), QString("full"));
    dialog->reject();
  }

  void listsRecentProjectsWithTheirLastRun() {
    const fs::path gone = project("gone");
    const fs::path plain = project("plain");
    const fs::path trained = project("trained");
    fs::remove_all(gone);
    Store& store = fixture->runs.store();
    // Another project's run of the same name, and later: it is told apart by its data.
    const auto run = [&](const fs::path& train, RunStatus status) {
      const std::string id = store.create_run(
          "trained", "cpu", Json{{"luthier", 1}, {"name", "trained"}, {"data", {{"train", train.string()}}}});
      RunRow row = store.run(id);
      row.status = status;
      row.ended = row.created;
      store.update_run(row);
      return id;
    };
    run(trained / "train.csv", RunStatus::failed);
    run(path("elsewhere/train.csv"), RunStatus::success);
    fixture->runs.poll();
    show();
    QTRY_VERIFY(page->findChild<ElidedLabel*>("recent.1.run"));
    QVERIFY(!page->findChild<ElidedLabel*>("recent.2.run"));
    QVERIFY(child<ElidedLabel>(*page, "recent.0.run")->fullText().startsWith("Failed"));
    QCOMPARE(child<ElidedLabel>(*page, "recent.1.run")->fullText(), QString("No run yet"));
    QVERIFY(wordsOf(*child<QWidget>(*page, "recent.0")).contains("Classify"));
    grabBothThemes(*page, "home-recent");
    page->resize(972, 638);
    grabTo(*page, "home-recent-small");

    QTest::mouseClick(child<QPushButton>(*page, "recent.1.open"), Qt::LeftButton);
    QCOMPARE(fixture->opened(), QString::fromStdString(plain.string()));
    child<QPushButton>(*page, "recent.0.open")->setFocus();
    QTest::keyClick(child<QPushButton>(*page, "recent.0.open"), Qt::Key_Space);
    QCOMPARE(fixture->opened(), QString::fromStdString(trained.string()));
  }

  void keepsTheRowsWhileARunGoesOn() {
    const fs::path folder = project("trained");
    show();
    QTRY_VERIFY(page->findChild<QPushButton*>("recent.0.open"));
    QPointer<QPushButton> button = page->findChild<QPushButton*>("recent.0.open");
    Store store(fixture->home);  // another process, as far as the window can tell
    const std::string id = store.create_run(
        "trained", "cpu",
        Json{{"luthier", 1}, {"name", "trained"}, {"data", {{"train", (folder / "train.csv").string()}}}});
    RunRow row = store.run(id);
    row.status = RunStatus::success;
    store.update_run(row);
    QTRY_VERIFY(child<ElidedLabel>(*page, "recent.0.run")->fullText().startsWith("Finished"));
    QVERIFY2(button, "a button that may be about to be clicked was taken away");
  }
};

LUTHIER_WINDOW_TEST_MAIN(HomeTest)
#include "home_test.moc"
