// Images and recordings in the real window with the real worker: a starter is opened, looked at, checked, trained,
// and its export proven, all by clicks.
#include <QElapsedTimer>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "pages/data/image_grid.h"
#include "shell/main_window.h"
#include "support/testing.h"
#include "support/window.h"

using namespace luthier;
using namespace luthier::testing;

class MediaJourneyLongTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void goesFromAStarterToAProvenModel_data() {
    QTest::addColumn<QString>("starter");
    QTest::addColumn<double>("leastAccuracy");  // floors under what the starters' READMEs report
    QTest::newRow("images") << "image" << 0.85;
    QTest::newRow("recordings") << "speech" << 0.6;
  }
  void goesFromAStarterToAProvenModel();

 private:
  template <class Widget = QWidget>
  Widget* at(const QString& name) {
    return window_->findChild<Widget*>(name);
  }
  bool ready(const QString& name) {
    const QWidget* widget = at(name);
    return widget && widget->isVisible() && widget->isEnabled();
  }
  void click(const QString& name) {
    QTRY_VERIFY2_WITH_TIMEOUT(ready(name), qPrintable(name), 60000);
    QTest::mouseClick(at(name), Qt::LeftButton);
  }
  const RunRow* run() { return window_->workbench().runs.find(window_->workbench().shownRun()); }

  std::unique_ptr<MainWindow> window_;
};

void MediaJourneyLongTest::goesFromAStarterToAProvenModel() {
  QFETCH(const QString, starter);
  QFETCH(const double, leastAccuracy);
  WindowFixture fixture;  // sets $LUTHIER_HOME
  window_ = std::make_unique<MainWindow>(fixture.home);
  window_->resize(1440, 900);
  window_->show();
  QVERIFY(QTest::qWaitForWindowExposed(window_.get()));
  const auto shot = [&](const char* name) { grabTo(*window_, "journey-" + starter + "-" + name); };

  QTRY_VERIFY_WITH_TIMEOUT(ready("starter." + starter + ".open"), 20000);
  shot("home");
  click("starter." + starter + ".open");
  QTRY_VERIFY_WITH_TIMEOUT(window_->workbench().document.isOpen(), 20000);
  QTRY_VERIFY_WITH_TIMEOUT(window_->workbench().facts.data() && !window_->workbench().facts.data()->labels.empty(),
                           30000);
  if (starter == "image") QTRY_VERIFY_WITH_TIMEOUT(at<ImageGrid>("imageGrid")->loaded() >= 8, 20000);
  shot("data");
  click("step.model");
  QTRY_VERIFY_WITH_TIMEOUT(window_->workbench().facts.model() != nullptr, 20000);
  QTest::qWait(400);
  shot("model");
  click("step.method");
  QTest::qWait(400);
  shot("method");
  click("step.preflight");
  click("preflightRunButton");
  QTRY_VERIFY_WITH_TIMEOUT(window_->workbench().facts.preflight().is_object(), 120000);
  shot("preflight");
  click("startTrainingButton");
  QTRY_COMPARE_WITH_TIMEOUT(int(window_->step()), int(Step::train), 60000);
  QTRY_VERIFY_WITH_TIMEOUT(run() && is_final(run()->status), 400000);
  QTest::qWait(300);
  shot("finished");
  QVERIFY2(run()->status == RunStatus::success, run()->reason.c_str());
  const Json summary = parse_json(run()->summary_json, "summary");
  const double accuracy = summary.at("tuned").at("accuracy").get<double>();
  qInfo("accuracy %.3f", accuracy);
  QVERIFY(accuracy >= leastAccuracy);
  QVERIFY(accuracy > summary.at("base").at("accuracy").get<double>() + 0.3);
  const auto artefacts = window_->workbench().runs.store().artefacts(run()->id);
  QCOMPARE(artefacts.size(), std::size_t(1));
  click("step.export");
  QTest::qWait(400);
  shot("export");
  window_.reset();
}

LUTHIER_WINDOW_TEST_MAIN(MediaJourneyLongTest)
#include "media_journey_long_test.moc"
