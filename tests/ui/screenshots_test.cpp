// Every page in both themes beside its picture in docs/screenshots: what moved without anybody having looked at it?
// LUTHIER_UPDATE_SCREENSHOTS=1 writes the pictures anew; look at them before committing.
#include <QDir>
#include <QImage>

#include "shell/main_window.h"
#include "shell/status_bar.h"
#include "support/testing.h"
#include "support/window.h"

using namespace luthier;
using namespace luthier::testing;

namespace {
constexpr int kBlock = 12;           ///< pixels
constexpr int kDifferent = 28;       ///< of 255: mean difference of a block that counts
constexpr double kTolerated = 0.02;  ///< share of blocks: fonts and rounding differ between machines

/// Share of blocks whose mean colour differs.
double difference(const QImage& a, const QImage& b) {
  if (a.size() != b.size()) return 1;
  const QSize blocks(a.width() / kBlock, a.height() / kBlock);
  const QImage small =
      a.scaled(blocks, Qt::IgnoreAspectRatio, Qt::SmoothTransformation).convertToFormat(QImage::Format_RGB32);
  const QImage other =
      b.scaled(blocks, Qt::IgnoreAspectRatio, Qt::SmoothTransformation).convertToFormat(QImage::Format_RGB32);
  int count = 0;
  for (int y = 0; y < blocks.height(); ++y)
    for (int x = 0; x < blocks.width(); ++x) {
      const QRgb p = small.pixel(x, y), q = other.pixel(x, y);
      count += std::abs(qRed(p) - qRed(q)) + std::abs(qGreen(p) - qGreen(q)) + std::abs(qBlue(p) - qBlue(q)) >
               3 * kDifferent;
    }
  return double(count) / (blocks.width() * blocks.height());
}
}  // namespace

class ScreenshotsTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void pagesLookAsTheirPictures_data();
  void pagesLookAsTheirPictures();
};

void ScreenshotsTest::pagesLookAsTheirPictures_data() {
  QTest::addColumn<QString>("themeName");
  QTest::addColumn<bool>("filled");
  QTest::newRow("light, empty") << "light" << false;
  QTest::newRow("light, filled") << "light" << true;
  QTest::newRow("dark, empty") << "dark" << false;
  QTest::newRow("dark, filled") << "dark" << true;
}

void ScreenshotsTest::pagesLookAsTheirPictures() {
  QFETCH(const QString, themeName);
  QFETCH(const bool, filled);
  if (QFontInfo(font(TextStyle::body)).family() != "Inter") QSKIP("the font Inter is not installed");
  WindowFixture fixture;
  MainWindow window(fixture.home);
  SettingsOptions options;
  options.theme = themeName.toStdString();
  window.workbench().settings.set(options);
  window.resize(1440, 900);
  window.show();
  QVERIFY(QTest::qWaitForWindowExposed(&window));
  if (filled) {
    const fs::path copy = fixture.folder.filePath("classify").toStdString();
    fs::copy(source_folder() / "resources/starters/classify-text", copy, fs::copy_options::recursive);
    window.openPath(QString::fromStdString(copy.string()));
    ProjectFacts& facts = window.workbench().facts;
    QTRY_VERIFY_WITH_TIMEOUT(facts.data() && facts.model() && facts.estimate(), 30000);
  }
  const QDir folder(QString::fromStdString((source_folder() / "docs/screenshots").string()));
  const bool update = qEnvironmentVariableIsSet("LUTHIER_UPDATE_SCREENSHOTS");
  if (update) QDir().mkpath(folder.path());
  QStringList wrong;
  window.findChild<QWidget*>("statusBar")->hide();  // memory and time of day
  for (const auto& [step, name] : {std::pair{Step::home, "home"},
                                   {Step::data, "data"},
                                   {Step::model, "model"},
                                   {Step::method, "method"},
                                   {Step::preflight, "preflight"},
                                   {Step::train, "train"},
                                   {Step::tryIt, "try"},
                                   {Step::exports, "export"},
                                   {Step::runs, "runs"},
                                   {Step::settings, "settings"}}) {
    window.goTo(step);
    QTest::qWait(900);  // rows, previews and models are read on threads
    const QImage shown = window.grab().toImage();
    const QString file = folder.filePath(QString("%1-%2-%3.png").arg(name, filled ? "filled" : "empty", themeName));
    if (update) {
      QVERIFY(shown.save(file));
      continue;
    }
    const QImage expected(file);
    QVERIFY2(!expected.isNull(), qPrintable(file));
    const double share = difference(shown, expected);
    if (share > kTolerated) {
      wrong << QString("%1: %2 % of the picture differs").arg(QFileInfo(file).fileName()).arg(share * 100, 0, 'f', 1);
      grabTo(window, QFileInfo(file).completeBaseName() + "-now");
    }
  }
  QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join("\n")));
}

LUTHIER_WINDOW_TEST_MAIN(ScreenshotsTest)
#include "screenshots_test.moc"
