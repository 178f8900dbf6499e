// The hub on the page Model, against a server in this process that speaks the hub's API: search, fetch, stop, go on,
// and what goes wrong, all by clicks and keys.
#include <QLabel>
#include <QLineEdit>
#include <QListWidget>
#include <QProgressBar>
#include <QPushButton>

#include "pages/model/hub_browser.h"
#include "pages/model/model_page.h"
#include "support/hub_server.h"
#include "support/tiny_task.h"
#include "support/window.h"
#include "widgets/controls.h"

using namespace luthier;
using namespace luthier::testing;

class HubBrowserTest : public QObject {
  Q_OBJECT
  std::unique_ptr<WindowFixture> fixture_;
  std::unique_ptr<ModelPage> page_;
  std::unique_ptr<Hub> hub_;

  fs::path path(const char* name) { return fixture_->folder.filePath(name).toStdString(); }
  fs::path snapshot() { return path("cache") / "models--org--tiny/snapshots" / kCommit; }
  QPushButton* fetchButton() { return child<QPushButton>(*page_, "hubFetchButton"); }
  QListWidget* found() { return child<QListWidget>(*page_, "hubFound"); }
  QString status() { return child<ElidedLabel>(*page_, "hubStatus")->fullText(); }
  void click(QPushButton* button) { QTest::mouseClick(button, Qt::LeftButton); }
  void search(const QString& words) {
    auto* edit = child<QLineEdit>(*page_, "hubWords");
    edit->selectAll();
    QTest::keyClicks(edit, words);
    QTest::keyClick(edit, Qt::Key_Return);
  }
  QString errorText() {
    QStringList texts;
    for (const QLabel* label : child<HubBrowser>(*page_, "hubSearch")->findChild<ErrorCard*>()->findChildren<QLabel*>())
      texts << label->text();
    return texts.join(" ");
  }

 private Q_SLOTS:
  void init() {
    fixture_ = std::make_unique<WindowFixture>();
    const fs::path model = fixture("full/bert-cls/base");
    hub_ = std::make_unique<Hub>(
        std::map<std::string, std::string>{{"config.json", read_file(model / "config.json")},
                                           {"vocab.txt", "[PAD]\n[UNK]\n[CLS]\n[SEP]\n[MASK]\nthe\n"},
                                           {"model.safetensors", read_file(model / "model.safetensors")}});
    hub_->search_reply = R"([{"id": "org/tiny", "downloads": 1234567, "pipeline_tag": "text-classification"},
                             {"id": "org/other", "downloads": 3, "gated": "auto"}])";
    qputenv("HF_HUB_CACHE", path("cache").c_str());
    qputenv("HF_ENDPOINT", hub_->endpoint().c_str());
    for (const char* name : {"HF_HUB_OFFLINE", "HF_TOKEN"}) qunsetenv(name);
    qputenv("HF_TOKEN_PATH", "/nowhere");
    write_tiny_task(path("project"), 24);
    Json recipe = tiny_recipe(path("project"));
    recipe["model"] = {{"path", ""}};
    fixture_->document.create(path("project"), recipe);
    page_ = std::make_unique<ModelPage>(fixture_->workbench);
    page_->resize(972, 868);
    page_->show();
    page_->shown();
    auto* source = child<SegmentedControl>(*page_, "modelSource");
    QTest::mouseClick(source, Qt::LeftButton, {}, source->segmentRect("hub").center());
  }
  void cleanup() {
    page_.reset();
    fixture_.reset();
    hub_.reset();
  }

  void searchesFetchesAndChooses() {
    QVERIFY(!fetchButton()->isEnabled());
    grabBothThemes(*page_, "model-hub-empty");
    search("tiny bert");
    QTRY_COMPARE(found()->count(), 2);
    QVERIFY(QString::fromStdString(hub_->last_search).contains("search=tiny%20bert"));
    QCOMPARE(found()->item(0)->text(), QString("org/tiny\ntext-classification, 1.23 M downloads"));
    QVERIFY(found()->item(1)->text().contains("terms to agree to"));
    QTest::mouseClick(found()->viewport(), Qt::LeftButton, {}, found()->visualItemRect(found()->item(0)).center());
    grabBothThemes(*page_, "model-hub-found");
    QTRY_VERIFY(fetchButton()->isEnabled());
    click(fetchButton());
    QTRY_COMPARE_WITH_TIMEOUT(fs::path(fixture_->document.lenient().model.path), snapshot(), 20000);
    QCOMPARE(read_file(snapshot() / "model.safetensors"), hub_->weights());
    QCOMPARE(status(), QString("org/tiny is in the cache"));
    QTRY_VERIFY(page_->state() == StateKind::done || page_->state() == StateKind::warning);
    QVERIFY(child<QPushButton>(*page_, "pagePrimaryButton")->isEnabled());
  }

  void stopsAndGoesOnWhereItStopped() {
    hub_->pause_ms = 4000;
    search("org/tiny");  // its whole name needs no choice from the list
    QTRY_COMPARE(found()->count(), 2);
    QVERIFY(fetchButton()->isEnabled());
    click(fetchButton());
    QTRY_COMPARE(fetchButton()->text(), QString("Stop"));
    auto* progress = child<QProgressBar>(*page_, "hubProgress");
    QTRY_VERIFY_WITH_TIMEOUT(progress->isVisible() && progress->value() > 100, 20000);
    grabBothThemes(*page_, "model-hub-fetching");
    click(fetchButton());
    QTRY_COMPARE_WITH_TIMEOUT(fetchButton()->text(), QString("Go on"), 10000);
    QVERIFY(status().startsWith("Stopped"));
    QVERIFY(!progress->isVisible() && fixture_->document.lenient().model.path.empty());
    QVERIFY(!fs::exists(snapshot() / "model.safetensors"));
    {
      const std::scoped_lock lock(hub_->mutex);
      hub_->pause_ms = 0;
      hub_->ranges.clear();
    }
    click(fetchButton());
    QTRY_VERIFY_WITH_TIMEOUT(!fixture_->document.lenient().model.path.empty(), 20000);
    const std::scoped_lock lock(hub_->mutex);
    QVERIFY2(hub_->ranges.starts_with("[bytes=") && !hub_->ranges.starts_with("[bytes=0-"), hub_->ranges.c_str());
    QCOMPARE(read_file(snapshot() / "model.safetensors"), hub_->weights());
  }

  void goesOnByItselfWhereTheServerCutsOff() {
    hub_->cut_offs = 1;
    search("org/tiny");
    QTRY_COMPARE(found()->count(), 2);
    click(fetchButton());
    QTRY_VERIFY_WITH_TIMEOUT(!fixture_->document.lenient().model.path.empty(), 20000);
    const std::scoped_lock lock(hub_->mutex);
    QVERIFY2(hub_->ranges.starts_with("[][bytes="), hub_->ranges.c_str());
  }

  void saysWhatIsWrong() {
    search("org/tiny");
    QTRY_COMPARE(found()->count(), 2);
    hub_->info_status = 404;
    hub_->error_code = "RepoNotFound";
    click(fetchButton());
    QTRY_VERIFY2(errorText().contains("no such model"), qPrintable(errorText()));
    grabBothThemes(*page_, "model-hub-error");
    hub_->search_reply = "[]";
    search("nothing at all");
    QTRY_COMPARE(status(), QString("0 models"));
    qputenv("HF_HUB_OFFLINE", "1");
    search("tiny");
    QTRY_VERIFY2(errorText().contains("HF_HUB_OFFLINE"), qPrintable(errorText()));
  }
};

LUTHIER_WINDOW_TEST_MAIN(HubBrowserTest)
#include "hub_browser_test.moc"
