// The Export page: a run of the starter is exported by mouse and keyboard with the real command, its certificate read,
// damaged and checked again.
#include "pages/export/export_page.h"

#include <QAbstractItemModelTester>
#include <QClipboard>
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTableView>
#include <cmath>
#include <nlohmann/json.hpp>

#include "pages/export/certificate.h"
#include "pages/export/certificate_view.h"
#include "pages/export/export_dialog.h"
#include "pages/export/format_card.h"
#include "support/testing.h"
#include "support/window.h"
#include "widgets/controls.h"
#include "widgets/format.h"

using namespace luthier;
using namespace luthier::testing;

namespace {
Json passedProof() {
  return Json::parse(R"({"format": "huggingface", "passed": true, "limit": 1e-4, "limit_reason": "rounding alone",
    "rows": 64, "positions": 64, "max_abs_difference": 2.5e-6, "relative_difference": 1.25e-6, "agreement": 1.0,
    "kl": 3e-9, "size_bytes": 2100000, "load_seconds": 0.05, "latency_ms": 1.5, "changed_tensors": [],
    "missing_tensors": [], "added_tensors": [], "problem": ""})");
}

Json failedProof() {
  Json proof = passedProof();
  proof["passed"] = false;
  proof["relative_difference"] = 0.4;
  proof["max_abs_difference"] = 0.8;
  proof["agreement"] = 0.75;
  proof["changed_tensors"] = {"classifier.weight"};
  proof["problem"] = "these tensors are not what was exported: classifier.weight";
  return proof;
}
}  // namespace

class ExportTest : public QObject {
  Q_OBJECT
  std::unique_ptr<WindowFixture> fixture_;
  std::unique_ptr<ExportPage> page_;
  QString run_;

  /// A short run of the starter; its id.
  QString train(const QStringList& changes) {
    Document& document = fixture_->document;
    document.apply(QStringList{"training.max_steps=3", "training.threads=1", "data.max_rows=48", "export=[]",
                               "training.evaluate_base=false"} +
                       changes,
                   "Test");
    if (!document.recipe()) return {};
    const QString run = fixture_->runs.startRun(*document.recipe());
    const bool ended = QTest::qWaitFor([&] { return is_final(fixture_->runs.find(run)->status); }, 120000);
    return ended && fixture_->runs.find(run)->status == RunStatus::success ? run : QString();
  }

  template <class Widget>
  Widget* in(const char* name) {
    return child<Widget>(*page_, name);
  }

 private Q_SLOTS:
  void initTestCase() {
    fixture_ = std::make_unique<WindowFixture>();
    const fs::path project = fixture_->home.parent_path() / "project";
    fs::copy(source_folder() / "resources/starters/classify-text", project, fs::copy_options::recursive);
    fixture_->document.open(project);
    page_ = std::make_unique<ExportPage>(fixture_->workbench);
    page_->resize(1180, 868);
    page_->show();
    QVERIFY(QTest::qWaitForWindowExposed(page_.get()));
    new QAbstractItemModelTester(in<QTableView>("exportTable")->model(),
                                 QAbstractItemModelTester::FailureReportingMode::QtTest, this);
  }

  void withoutARunItSaysWhatWillBeHere() {
    page_->shown();
    QVERIFY(in<QWidget>("exportEmpty")->isVisible());
    QVERIFY(!in<QPushButton>("exportButton")->isEnabled());
    QVERIFY(!in<QPushButton>("exportButton")->toolTip().isEmpty());
    grabBothThemes(*page_, "export-empty");
    QTest::mouseClick(in<QPushButton>("exportTrainButton"), Qt::LeftButton);
    QCOMPARE(fixture_->wentTo(), QString::number(int(Step::train)));
  }

  void theDialogOpensForARunAndRefusesTheAdapterFormat() {
    run_ = train({});
    QVERIFY(!run_.isEmpty());
    fixture_->shown = run_;
    page_->shown();
    QVERIFY(in<QWidget>("exportNothing")->isVisible());
    QTest::mouseClick(in<QPushButton>("exportButton"), Qt::LeftButton);
    auto* dialog = in<ExportDialog>("exportDialog");
    QVERIFY(dialog->isVisible());
    auto* peft = in<FormatCard>("formatCard.peft");
    QVERIFY(!peft->isEnabled());
    QVERIFY2(peft->toolTip().contains("LoRA"), qPrintable(peft->toolTip()));
    QVERIFY(in<FormatCard>("formatCard.huggingface")->isChecked());
    auto* confirm = in<QPushButton>("exportConfirmButton");
    QTRY_VERIFY_WITH_TIMEOUT(confirm->text().startsWith("Export 20."), 10000);  // 5.04 M parameters of 4 bytes
    QVERIFY(confirm->isEnabled());
    grabBothThemes(*page_, "export-dialog");
    page_->resize(932, 688);
    grabBothThemes(*page_, "export-dialog-small");
    Theme::Look large = theme().look();
    large.textScale = 1.5;
    theme().setLook(large);
    grabTo(*page_, "export-dialog-large-text");
    large.textScale = 1;
    theme().setLook(large);
    page_->resize(1180, 868);
    QTest::keyClick(dialog, Qt::Key_Escape);
    QVERIFY(!dialog->isVisible());
  }

  void aFolderThatIsTakenOrNoneDisablesTheButton() {
    QTest::mouseClick(in<QPushButton>("exportButton"), Qt::LeftButton);
    auto* edit = in<QLineEdit>("exportFolderEdit");
    auto* confirm = in<QPushButton>("exportConfirmButton");
    const QString proposed = edit->text();
    QVERIFY(proposed.endsWith("/export/classify-text-huggingface"));
    edit->selectAll();
    QTest::keyClicks(edit, QString::fromStdString(fixture_->document.folder().string()));
    QVERIFY(!confirm->isEnabled());
    QVERIFY(confirm->toolTip().contains("already"));
    QCOMPARE(in<QLabel>("exportProblem")->text(), confirm->toolTip());
    edit->clear();
    QVERIFY(!confirm->isEnabled());
    edit->setText(proposed);
    QVERIFY(confirm->isEnabled());
    QTest::mouseClick(in<QPushButton>("exportDialogCancel"), Qt::LeftButton);
  }

  void aFullDiskIsToldBeforeWriting() {
    const double free = double(free_space_bytes(fixture_->home));
    QVERIFY(reasonAgainst(fixture_->home / "new", free * 0.5).isEmpty());
    QVERIFY(reasonAgainst(fixture_->home / "new", free * 2).contains("free there"));
  }

  void halfPrecisionHalvesTheSize() {
    QTest::mouseClick(in<QPushButton>("exportButton"), Qt::LeftButton);
    auto* confirm = in<QPushButton>("exportConfirmButton");
    QTRY_VERIFY_WITH_TIMEOUT(confirm->text().contains("MB"), 10000);
    const QString whole = confirm->text();
    auto* precision = in<SegmentedControl>("option.precision");
    QTest::mouseClick(precision, Qt::LeftButton, {}, precision->segmentRect("bf16").center());
    QVERIFY2(confirm->text() != whole, qPrintable(confirm->text()));
    QTest::mouseClick(precision, Qt::LeftButton, {}, precision->segmentRect("fp32").center());
    QCOMPARE(confirm->text(), whole);
  }

  void ctrlEnterExportsAndTheCertificateComesUp() {
    auto* dialog = in<ExportDialog>("exportDialog");
    QVERIFY(dialog->isVisible());
    const QString said = in<QPushButton>("exportConfirmButton")->text();
    QTest::keyClick(dialog, Qt::Key_Return, Qt::ControlModifier);
    QVERIFY(!dialog->isVisible());
    QVERIFY(in<QWidget>("exportRunning")->isVisible());
    QVERIFY(!in<QPushButton>("exportButton")->isEnabled());
    grabBothThemes(*page_, "export-running");
    auto* view = in<CertificateView>("certificateView");
    QTRY_VERIFY_WITH_TIMEOUT(view->isVisible(), 120000);
    QCOMPARE(in<QLabel>("certificateTitle")->text(), "The file computes what the model computes");
    const double bytes =
        read_json(fixture_->document.folder() / "export/classify-text-huggingface/proof.json")["size_bytes"];
    const double estimated = said.section(' ', 1, 1).toDouble() * 1e6;  // "Export <number> MB"
    QVERIFY2(std::fabs(estimated / bytes - 1) < 0.02, qPrintable(said + ", written " + bytesText(bytes)));
    QVERIFY(fs::exists(fixture_->document.folder() / "export/classify-text-huggingface/model.safetensors"));
    QVERIFY(in<QWidget>("proof.relative")->accessibleName().endsWith("done"));
    QVERIFY(in<QWidget>("proof.metric.accuracy")->accessibleName().contains("Accuracy on these rows: same"));
    QVERIFY(in<QWidget>("proof.memory"));
    grabBothThemes(*page_, "export-certificate");
    QTest::mouseClick(in<QPushButton>("certificateCopyButton"), Qt::LeftButton);
    QVERIFY(QGuiApplication::clipboard()->text().contains("Difference of logits"));
    QTest::keyClick(view, Qt::Key_Escape);
    QVERIFY(!view->isVisible());
    auto* table = in<QTableView>("exportTable");
    QCOMPARE(table->model()->rowCount(), 1);
    QCOMPARE(table->model()->index(0, ArtefactModel::certificate).data().toString(), "passed");
    QCOMPARE(int(page_->state()), int(StateKind::done));
    grabBothThemes(*page_, "export-table");
  }

  void aDamagedFileFailsItsNextCheck() {
    const fs::path weights = fixture_->document.folder() / "export/classify-text-huggingface/model.safetensors";
    std::string bytes = read_file(weights);
    for (std::size_t i = bytes.size() - 64; i < bytes.size(); ++i) bytes[i] = char(bytes[i] ^ 0x41);
    write_text(weights, bytes);
    in<QTableView>("exportTable")->selectRow(0);
    QTest::mouseClick(in<QPushButton>("exportCertificateButton"), Qt::LeftButton);
    QTest::mouseClick(in<QPushButton>("certificateCheckButton"), Qt::LeftButton);
    QVERIFY(!in<QPushButton>("certificateCheckButton")->isEnabled());
    QTRY_COMPARE_WITH_TIMEOUT(in<QLabel>("certificateTitle")->text(), "The file differs from the model", 60000);
    QVERIFY(in<QLabel>("certificateProblem")->isVisible());
    QVERIFY(in<QWidget>("proof.tensors")->accessibleName().endsWith("error"));
    grabBothThemes(*page_, "export-certificate-failed");
    QTest::mouseClick(in<QPushButton>("certificateExportAgainButton"), Qt::LeftButton);
    QVERIFY(in<ExportDialog>("exportDialog")->isVisible());
    QVERIFY(in<QLineEdit>("exportFolderEdit")->text().endsWith("classify-text-huggingface-2"));
    QTest::mouseClick(in<QPushButton>("exportDialogClose"), Qt::LeftButton);
    QCOMPARE(in<QTableView>("exportTable")->model()->index(0, ArtefactModel::certificate).data().toString(), "differs");
    QCOMPARE(int(page_->state()), int(StateKind::warning));
  }

  void aCancelledExportLeavesNothing() {
    QTest::mouseClick(in<QPushButton>("exportButton"), Qt::LeftButton);
    QTest::mouseClick(in<QPushButton>("exportConfirmButton"), Qt::LeftButton);
    QVERIFY(in<QWidget>("exportRunning")->isVisible());
    QTest::qWait(300);
    QTest::mouseClick(in<QPushButton>("exportCancelButton"), Qt::LeftButton);
    QTRY_VERIFY_WITH_TIMEOUT(!in<QWidget>("exportRunning")->isVisible(), 20000);
    QCOMPARE(in<QTableView>("exportTable")->model()->rowCount(), 1);
    int folders = 0;
    for (const auto& entry : fs::directory_iterator(fixture_->document.folder() / "export"))
      folders += entry.is_directory();
    QCOMPARE(folders, 1);
    QVERIFY(!in<QWidget>("errorCard")->isVisible());
  }

  void aLoraRunIsExportedAsAnAdapter() {
    const QString run = train({"method={\"kind\": \"lora\"}"});
    QVERIFY(!run.isEmpty());
    fixture_->shown = run;
    page_->shown();
    QTest::mouseClick(in<QPushButton>("exportFirstButton"), Qt::LeftButton);
    auto* peft = in<FormatCard>("formatCard.peft");
    QVERIFY(peft->isEnabled());
    QTest::mouseClick(peft, Qt::LeftButton);
    QVERIFY(peft->isChecked());
    QVERIFY(!in<QWidget>("exportForm")->isVisible());
    QTRY_VERIFY_WITH_TIMEOUT(in<QPushButton>("exportConfirmButton")->text().contains("B"), 10000);
    QTest::mouseClick(in<QPushButton>("exportConfirmButton"), Qt::LeftButton);
    auto* view = in<CertificateView>("certificateView");
    QTRY_VERIFY_WITH_TIMEOUT(view->isVisible(), 120000);
    QCOMPARE(in<QLabel>("certificateTitle")->text(), "The file computes what the model computes");
    QTest::mouseClick(in<QPushButton>("certificateDoneButton"), Qt::LeftButton);
    QCOMPARE(in<QTableView>("exportTable")->model()->index(0, ArtefactModel::format).data().toString(), "PEFT adapter");
  }

  void certificatesSayWhatWasCompared() {
    const Certificate good = certificateFrom(passedProof());
    QVERIFY(good.passed);
    QCOMPARE(good.rows.front().id, "relative");
    QCOMPARE(good.rows.front().result, "1.25e-6");
    QCOMPARE(good.rows.front().limit, "at most 1e-4");
    const Certificate bad = certificateFrom(failedProof());
    QCOMPARE(bad.title, "The file differs from the model");
    QCOMPARE(int(bad.rows.front().state), int(StateKind::error));
    QVERIFY(certificateText(bad, "/x").contains("classifier.weight"));
    QVERIFY(certificateText(bad, "/x").contains("75.0 %"));
    QVERIFY(!certificateFrom(Json()).checked);
    Json written = passedProof();
    written["metrics"] = Json::parse(R"([{"name": "loss", "live": 2.3212, "artefact": 2.3284},
      {"name": "token_accuracy", "live": 0.6443, "artefact": 0.6382}])");
    written["answers"] =
        Json::parse(R"({"count": 16, "same": 13, "tokens": 242, "first_token_ms": 2.11, "token_ms": 0.46})");
    written["peak_memory_bytes"] = 54530048;
    written["limit_agreement"] = 0.8;
    const QString words = certificateText(certificateFrom(written), "/x");
    for (const char* line :
         {"Loss of these rows: +0.0072", "Right tokens: −0.61 points", "Same whole answers: 13 of 16",
          "First token, then each: 2.11 ms, 0.46 ms", "Peak memory: 54.5 MB"})
      QVERIFY2(words.contains(line), qPrintable(words));
    // What the core writes when the check itself could not run.
    const Certificate none = certificateFrom({{"passed", false}, {"problem", "it was ended by signal 9"}});
    QVERIFY(none.checked && !none.passed && none.rows.empty());
    QVERIFY(none.problem.contains("signal 9"));
    // Types that no proof has must not end the program.
    certificateFrom({{"passed", "yes"}, {"limit", "x"}});
    certificateFrom({{"passed", false}, {"max_abs_difference", 1}, {"positions", "many"}, {"changed_tensors", 7}});
    certificateFrom({{"passed", true}, {"metrics", {1, {{"name", 7}}}}, {"answers", {{"count", "all"}}}});
  }

  void cleanupTestCase() {
    page_.reset();
    fixture_.reset();
  }
};

LUTHIER_WINDOW_TEST_MAIN(ExportTest)
#include "export_test.moc"
