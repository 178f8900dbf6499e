// Every state of the window beside its picture in docs/screenshots, in both themes, and at the sizes at which people
// use it: no text is cut off, no button shorter than its words. LUTHIER_UPDATE_SCREENSHOTS=1 writes the pictures anew;
// look at them before committing.
#include <QDir>
#include <QElapsedTimer>
#include <QImage>
#include <QProcess>
#include <QTranslator>

#include "support/cut_text.h"
#include "support/pictures.h"
#include "support/reach.h"
#include "support/scene_list.h"

using namespace luthier;
using namespace luthier::testing;

class ScreenshotsLongTest : public QObject {
  Q_OBJECT
  QProcess twice_;  ///< the same program at twice the scale, which a program reads when it starts

  static QStringList unlikeThePicture(Stage& stage, const Scene& scene, const char* theme);
  static QStringList outOfReach(Stage& stage);
  static QStringList cutOff(Stage& stage, const Scene& scene);

 private Q_SLOTS:
  void initTestCase();
  void states_data();
  void states();
  void noTextIsCutOff_data() { states_data(); }
  void noTextIsCutOff();
  void noTextIsCutOffAtTwiceTheScale();
};

namespace {
bool atAnotherScale() { return qEnvironmentVariableIsSet("QT_SCALE_FACTOR"); }
bool update() { return qEnvironmentVariableIsSet("LUTHIER_UPDATE_SCREENSHOTS"); }

void choose(MainWindow& window, const char* theme, int text) {
  SettingsOptions options = window.workbench().settings.options();
  options.theme = theme;
  options.text_size = text;
  window.workbench().settings.set(options);
}

/// Opens the scene. At scale 1 its picture tells when what is read on threads is there.
void play(Stage& stage, const Scene& scene) {
  stage.open();
  scene.play(stage);
  QTest::qWait(atAnotherScale() ? 700 : 100);
}

/// Waits until nothing changes any more.
void settle(QWidget& window) {
  QElapsedTimer timer;
  timer.start();
  QImage before;
  for (;;) {
    QTest::qWait(50);
    const QImage now = window.grab().toImage();
    if (now == before || timer.elapsed() > 1000) return;
    before = now;
  }
}
}  // namespace

void ScreenshotsLongTest::initTestCase() {
  const QStringList given = QCoreApplication::arguments().mid(1);
  if (atAnotherScale() || update() || !given.isEmpty()) return;
  QProcessEnvironment environment = QProcessEnvironment::systemEnvironment();
  environment.insert("QT_SCALE_FACTOR", "2");
  twice_.setProcessEnvironment(environment);
  twice_.setProcessChannelMode(QProcess::MergedChannels);
  twice_.start(QCoreApplication::applicationFilePath(), {"noTextIsCutOff"});
  QVERIFY(twice_.waitForStarted());
}

void ScreenshotsLongTest::states_data() {
  QTest::addColumn<int>("number");
  for (std::size_t i = 0; i < scenes().size(); ++i) QTest::newRow(scenes()[i].name) << int(i);
}

QStringList ScreenshotsLongTest::unlikeThePicture(Stage& stage, const Scene& scene, const char* theme) {
  const QDir folder(QString::fromStdString((source_folder() / "docs/screenshots").string()));
  choose(*stage.window, theme, 100);
  stage.window->resize(1440, 900);
  if (update()) QTest::qWait(1000);
  const QString name = QString("%1-%2.png").arg(scene.name, theme), file = folder.filePath(name);
  if (update()) {
    QDir().mkpath(folder.path());
    if (fewColours(stage.window->grab().toImage()).save(file, "PNG", 0)) return {};
    return {file + " cannot be written"};
  }
  const QImage expected(file);
  if (expected.isNull()) return {file + " is not there"};
  double share = 1;
  // What is read on threads comes when it comes.
  QElapsedTimer timer;
  timer.start();
  while (share > kTolerated && timer.elapsed() < 4000) {
    QTest::qWait(100);
    const QImage shown = stage.window->grab().toImage();
    // The bar at the bottom tells memory and time of day.
    const QRect compared = shown.rect().adjusted(0, 0, 0, -30);
    share = difference(shown.copy(compared), expected.copy(compared));
  }
  if (share <= kTolerated) return {};
  grabTo(*stage.window, QString("%1-%2-now").arg(scene.name, theme));
  return {QString("%1: %2 % of the picture differs").arg(name).arg(share * 100, 0, 'f', 1)};
}

QStringList ScreenshotsLongTest::outOfReach(Stage& stage) {
  QStringList wrong;
  for (const auto& check : {namelessControls, withoutReason, tooSmall, focusUpwards}) wrong += check(*stage.window);
  wrong.removeDuplicates();
  return wrong;
}

QStringList ScreenshotsLongTest::cutOff(Stage& stage, const Scene& scene) {
  QStringList cut;
  for (const auto& [size, text] :
       {std::pair{QSize(1440, 900), 100}, {QSize(1180, 720), 100}, {QSize(1440, 900), 125}}) {
    choose(*stage.window, "light", text);
    stage.window->resize(size);
    settle(*stage.window);
    const QString where =
        QString("%1 at %2 x %3, text %4 %").arg(scene.name).arg(size.width()).arg(size.height()).arg(text);
    const QStringList found = cutTexts(*stage.window);
    for (const QString& one : found) cut << where + ": " + one;
    if (!found.isEmpty() || qEnvironmentVariableIsSet("LUTHIER_EVERY_SIZE"))
      grabTo(*stage.window, QString("%1-%2-%3").arg(scene.name).arg(size.width()).arg(text));
  }
  return cut;
}

void ScreenshotsLongTest::states() {
  QFETCH(const int, number);
  if (atAnotherScale()) QSKIP("the pictures are of scale 1");
  if (QFontInfo(font(TextStyle::body)).family() != "Inter") QSKIP("the font Inter is not installed");
  const Scene& scene = scenes()[std::size_t(number)];
  Stage stage;
  play(stage, scene);
  // In the order in which the style sheet is set anew least often.
  QStringList wrong = unlikeThePicture(stage, scene, "light");
  if (!update()) wrong += outOfReach(stage) + cutOff(stage, scene);
  wrong += unlikeThePicture(stage, scene, "dark");
  QVERIFY2(wrong.isEmpty(), qPrintable(wrong.join("\n")));
}

void ScreenshotsLongTest::noTextIsCutOff() {
  QFETCH(const int, number);
  if (!atAnotherScale()) QSKIP("states() looks at scale 1");
  const Scene& scene = scenes()[std::size_t(number)];
  Stage stage;
  play(stage, scene);
  const QStringList cut = cutOff(stage, scene);
  QVERIFY2(cut.isEmpty(), qPrintable(cut.join("\n")));
}

void ScreenshotsLongTest::noTextIsCutOffAtTwiceTheScale() {
  if (twice_.program().isEmpty()) QSKIP("runs with all states alone");
  if (twice_.state() != QProcess::NotRunning) QVERIFY(twice_.waitForFinished(280000));  // below Qt Test's own limit
  QVERIFY2(twice_.exitStatus() == QProcess::NormalExit && twice_.exitCode() == 0,
           twice_.readAllStandardOutput().constData());
}

int main(int argc, char** argv) {
  if (qEnvironmentVariableIsEmpty("QT_QPA_PLATFORM")) qputenv("QT_QPA_PLATFORM", "offscreen");
  QApplication application(argc, argv);
  QApplication::setApplicationVersion("1.0");
  QTranslator english;  // it has the plurals
  if (english.load("luthier_en", ":/luthier/i18n")) application.installTranslator(&english);
  Theme theme(application);
  ScreenshotsLongTest test;
  return QTest::qExec(&test, argc, argv);
}
#include "screenshots_long_test.moc"
