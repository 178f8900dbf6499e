// Every format of the catalog through the Export page: its card, its options, its file written by the real command and
// the certificate that another process gives it.
#include <QLabel>
#include <QLineEdit>
#include <QPushButton>
#include <QTableView>

#include "forms/catalog_text.h"
#include "pages/export/certificate_view.h"
#include "pages/export/export_dialog.h"
#include "pages/export/export_page.h"
#include "pages/export/format_card.h"
#include "recipe/catalog.h"
#include "support/testing.h"
#include "support/window.h"

using namespace luthier;
using namespace luthier::testing;

class ExportFormatsLongTest : public QObject {
  Q_OBJECT
  std::unique_ptr<WindowFixture> fixture_;
  std::unique_ptr<ExportPage> page_;

  /// Opens a copy of a starter, trains it for three steps and shows the page for that run.
  bool begin(const char* starter, const QStringList& changes) {
    page_.reset();
    fixture_ = std::make_unique<WindowFixture>();
    const fs::path project = fixture_->home.parent_path() / starter;
    fs::copy(source_folder() / "resources/starters" / starter, project, fs::copy_options::recursive);
    fixture_->document.open(project);
    fixture_->document.apply(QStringList{"training.max_steps=3", "training.threads=1", "data.max_rows=48", "export=[]",
                                         "training.evaluate_base=false"} +
                                 changes,
                             "Test");
    if (!fixture_->document.recipe()) return false;
    const QString run = fixture_->runs.startRun(*fixture_->document.recipe());
    const auto status = [&] { return fixture_->runs.find(run)->status; };
    if (!QTest::qWaitFor([&] { return is_final(status()); }, 180000) || status() != RunStatus::success) return false;
    page_ = std::make_unique<ExportPage>(fixture_->workbench);
    page_->resize(1180, 868);
    page_->show();
    fixture_->shown = run;
    page_->shown();
    return true;
  }
  template <class Widget>
  Widget* in(const char* name) {
    return child<Widget>(*page_, name);
  }
  void click(const char* name) { QTest::mouseClick(in<QPushButton>(name), Qt::LeftButton); }

 private Q_SLOTS:
  void everyFormatIsWrittenAndProven_data() {
    QTest::addColumn<QString>("starter");
    QTest::addColumn<QString>("method");
    QTest::newRow("a language model with LoRA") << "follow-instructions" << "lora";
    QTest::newRow("a classifier trained whole") << "classify-text" << "full";
    QTest::newRow("an image classifier trained whole") << "classify-images" << "full";
  }

  void everyFormatIsWrittenAndProven() {
    QFETCH(const QString, starter);
    QFETCH(const QString, method);
    QVERIFY(begin(qPrintable(starter), {QString("method={\"kind\": \"%1\"}").arg(method)}));
    int written = 0;
    for (const ExporterEntry& entry : exporters()) {
      const QString kind = QString::fromStdString(entry.kind), label = catalogText(entry.label);
      click("exportButton");
      auto* dialog = in<ExportDialog>("exportDialog");
      QVERIFY(dialog->isVisible());
      auto* card = in<FormatCard>(qPrintable("formatCard." + kind));
      QVERIFY(card);
      if (!card->isEnabled()) {
        QVERIFY2(card->toolTip().startsWith("Not available: "), qPrintable(kind + ": " + card->toolTip()));
        click("exportDialogCancel");
        continue;
      }
      QTest::mouseClick(card, Qt::LeftButton);
      QVERIFY(card->isChecked());
      QCOMPARE(in<QWidget>("exportForm")->isVisible(), entry.precisions.size() > 1);
      auto* confirm = in<QPushButton>("exportConfirmButton");
      QTRY_VERIFY_WITH_TIMEOUT(confirm->text().contains("B"), 20000);
      QVERIFY2(confirm->isEnabled(), qPrintable(kind + ": " + confirm->toolTip()));
      const fs::path folder = in<QLineEdit>("exportFolderEdit")->text().toStdString();
      grabBothThemes(*page_, "export-" + starter + "-" + kind);
      click("exportConfirmButton");
      auto* view = in<CertificateView>("certificateView");
      QTRY_VERIFY2_WITH_TIMEOUT(view->isVisible() || in<QWidget>("errorCard")->isVisible(), qPrintable(kind), 240000);
      QVERIFY2(view->isVisible(), qPrintable(kind + ": " + in<QWidget>("errorCard")->accessibleName()));
      QVERIFY2(in<QLabel>("certificateTitle")->text() == "The file computes what the model computes",
               qPrintable(kind + ": " + in<QLabel>("certificateTitle")->text()));
      grabBothThemes(*page_, "certificate-" + starter + "-" + kind);
      QVERIFY2(fs::exists(folder) && !fs::is_empty(folder), folder.c_str());
      click("certificateDoneButton");
      auto* table = in<QTableView>("exportTable");
      QCOMPARE(table->model()->rowCount(), ++written);
      QStringList formats;
      for (int row = 0; row < written; ++row)
        formats << table->model()->index(row, ArtefactModel::format).data().toString();
      QVERIFY2(formats.contains(label), qPrintable(formats.join(", ")));
    }
    QVERIFY(written > 0);
  }

  void cleanup() {
    page_.reset();
    fixture_.reset();
  }
};

LUTHIER_WINDOW_TEST_MAIN(ExportFormatsLongTest)
#include "export_formats_long_test.moc"
