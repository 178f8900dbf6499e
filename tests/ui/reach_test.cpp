// Everything in the window by keyboard: each key that the Settings page lists, from wherever the focus is; and what
// must not happen by accident.
#include <QClipboard>
#include <QComboBox>
#include <QFileDialog>
#include <QGuiApplication>
#include <QListWidget>
#include <QSignalSpy>
#include <QSlider>
#include <QSpinBox>
#include <QToolTip>
#include <QWheelEvent>

#include "charts/metric_chart.h"
#include "pages/train/train_charts.h"
#include "shell/run_card.h"
#include "support/scene_list.h"
#include "widgets/controls.h"

using namespace luthier;
using namespace luthier::testing;

class ReachTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void init() {
    stage_ = std::make_unique<Stage>();
    stage_->open();
  }
  void cleanup() { stage_.reset(); }
  void pagesAndTheRunCard();
  void openSaveAndTheMainAction();
  void searchAndEscape();
  void rowsOfTheData();
  void rowsOfTheRuns();
  void commandsForTheRun();
  void preflightFromEveryPage();
  void charts();
  void helpOfAField();
  void textSize();
  void theWheelChangesNoFieldWithoutFocus();
  void aFixTellsWhatItChanged();
  void aJobBesideARunCanBeCancelled();
  void twoWindowsAgree();
  void theWindowComesBackAsItWas();

 private:
  void press(int key, Qt::KeyboardModifiers modifiers = {}) { QTest::keyClick(window(), Qt::Key(key), modifiers); }
  MainWindow* window() { return stage_->window.get(); }
  Step step() { return window()->step(); }
  QWidget* focus() { return QApplication::focusWidget(); }
  template <class Widget = QWidget>
  Widget* at(const char* name) {
    return stage_->at<Widget>(name);
  }
  /// The commands that nobody has taken yet.
  QStringList commands(const std::string& run) {
    QStringList kinds;
    for (const CommandRow& row : Store(stage_->home).take_commands(run)) kinds << QString::fromStdString(row.kind);
    return kinds;
  }
  std::unique_ptr<Stage> stage_;
};

void ReachTest::pagesAndTheRunCard() {
  stage_->openStarter("classify-text");
  const Step steps[] = {Step::data,  Step::model, Step::method, Step::preflight,
                        Step::train, Step::tryIt, Step::exports};
  for (int i = 0; i < 7; ++i) {
    press(Qt::Key_1 + i, Qt::ControlModifier);
    QCOMPARE(int(step()), int(steps[i]));
  }
  press(Qt::Key_0, Qt::ControlModifier);
  QCOMPARE(int(step()), int(Step::runs));
  press(Qt::Key_Comma, Qt::ControlModifier);
  QCOMPARE(int(step()), int(Step::settings));
  auto* card = at<RunCard>("runCard");
  const bool folded = card->isCollapsed();
  press(Qt::Key_R, Qt::ControlModifier | Qt::ShiftModifier);
  QCOMPARE(card->isCollapsed(), !folded);
  press(Qt::Key_K, Qt::ControlModifier);
  QVERIFY(at("commandPalette")->isVisible());
  QTest::keyClick(at("paletteEdit"), Qt::Key_Escape);
  QVERIFY(!at("commandPalette")->isVisible());
}

void ReachTest::openSaveAndTheMainAction() {
  stage_->openStarter("classify-text");
  bool asked = false;
  QTimer::singleShot(400, this, [&] {
    auto* dialog = qobject_cast<QFileDialog*>(QApplication::activeModalWidget());
    asked = dialog != nullptr;
    if (dialog) dialog->reject();
  });
  press(Qt::Key_O, Qt::ControlModifier);
  QVERIFY(asked);
  window()->activateWindow();
  QVERIFY(QTest::qWaitForWindowActive(window()));
  QSignalSpy saved(&stage_->document(), &Document::saved);
  press(Qt::Key_S, Qt::ControlModifier);
  QCOMPARE(saved.size(), 1);
  QCOMPARE(int(step()), int(Step::data));
  stage_->wait([&] { return at("pagePrimaryButton")->isEnabled(); });
  press(Qt::Key_Return, Qt::ControlModifier);
  QCOMPARE(int(step()), int(Step::model));
}

void ReachTest::searchAndEscape() {
  stage_->openStarter("classify-text");
  const std::pair<Step, const char*> fields[] = {{Step::data, "dataFilterEdit"},
                                                 {Step::model, "modelFilterEdit"},
                                                 {Step::method, "optionSearchEdit"},
                                                 {Step::settings, "optionSearchEdit"}};
  for (const auto& [page, name] : fields) {
    at("stepRail")->setFocus();  // the key works wherever the focus is
    window()->goTo(page);
    QTest::qWait(50);
    press(Qt::Key_Slash);
    QVERIFY2(focus() && focus()->objectName() == name, name);
    auto* edit = qobject_cast<QLineEdit*>(focus());
    QTest::keyClicks(edit, "zz/");  // a stroke is a character there
    QCOMPARE(edit->text(), "zz/");
    QTest::keyClick(edit, Qt::Key_Escape);
    QVERIFY2(edit->text().isEmpty(), name);
  }
  stage_->play({});
  window()->goTo(Step::runs);
  press(Qt::Key_Slash);
  QCOMPARE(focus()->objectName(), "runFilterEdit");
  QTest::keyClicks(focus(), "none");
  QTest::keyClick(focus(), Qt::Key_Escape);
  QVERIFY(at<QLineEdit>("runFilterEdit")->text().isEmpty());
}

void ReachTest::rowsOfTheData() {
  stage_->openStarter("classify-text");
  auto* table = at<DataTable>("dataTable");
  stage_->wait([&] { return table->isVisible() && !table->cellText(0, 0).isEmpty(); });
  table->setFocus();
  table->setCurrentRow(0);
  QTest::keyClick(table, Qt::Key_J);
  QTest::keyClick(table, Qt::Key_J);
  QCOMPARE(table->currentRow(), 2);
  QTest::keyClick(table, Qt::Key_K);
  QCOMPARE(table->currentRow(), 1);
  QTest::keyClick(table, Qt::Key_C, Qt::ControlModifier);
  QTRY_COMPARE(QGuiApplication::clipboard()->text(), table->cellText(1, 0));
  QTest::keyClick(table, Qt::Key_Return);
  QTRY_VERIFY(at("microscope")->isVisible());
  QTest::keyClick(table, Qt::Key_Escape);
  QVERIFY(!at("microscope")->isVisible());
}

void ReachTest::rowsOfTheRuns() {
  stage_->openStarter("classify-text");
  stage_->play({.age_seconds = 9000});
  stage_->play({});
  window()->goTo(Step::runs);
  auto* table = at<QTableView>("runTable");
  QTRY_COMPARE(table->model()->rowCount(), 2);
  table->setFocus();
  table->setCurrentIndex(table->model()->index(0, RunModel::name));
  QTest::keyClick(table, Qt::Key_J);
  QCOMPARE(table->currentIndex().row(), 1);
  QTest::keyClick(table, Qt::Key_K);
  QTest::keyClick(table, Qt::Key_Space);
  QCOMPARE(table->model()->index(0, RunModel::tick).data(Qt::CheckStateRole).toInt(), int(Qt::Checked));
  QTest::keyClick(table, Qt::Key_C, Qt::ControlModifier);
  QVERIFY(QGuiApplication::clipboard()->text().startsWith("classify-text\t"));
  // Columns can be left out, and stay so.
  QTest::mouseClick(at("columnsButton"), Qt::LeftButton);
  auto* menu = window()->findChild<QWidget*>("columnMenu");
  QVERIFY(menu);
  menu->actions()[RunModel::peak - RunModel::method]->trigger();
  QVERIFY(table->isColumnHidden(RunModel::peak));
  menu->close();
  stage_->open();
  QVERIFY(at<QTableView>("runTable")->isColumnHidden(RunModel::peak));
}

void ReachTest::commandsForTheRun() {
  stage_->openStarter("classify-text");
  const std::string run = stage_->play({.status = RunStatus::running, .step = 430, .age_seconds = 19});
  window()->goTo(Step::data);
  press(Qt::Key_P, Qt::ControlModifier | Qt::ShiftModifier);
  QCOMPARE(commands(run), QStringList{"pause"});
  press(Qt::Key_C, Qt::ControlModifier | Qt::ShiftModifier);
  QCOMPARE(commands(run), QStringList{"checkpoint"});
  press(Qt::Key_Period, Qt::ControlModifier);
  QCOMPARE(int(step()), int(Step::train));
  QTRY_VERIFY(at("stopConfirmButton") && at("stopConfirmButton")->isVisible());
  QVERIFY(commands(run).isEmpty());  // it asks first
}

void ReachTest::preflightFromEveryPage() {
  stage_->openStarter("classify-text");
  stage_->answerCommands("{\"progress\": {\"stage\": \"the longest rows\", \"share\": 0.4}}");
  window()->goTo(Step::model);
  press(Qt::Key_F5);
  QCOMPARE(int(step()), int(Step::preflight));
  QTRY_VERIFY(at("preflightRunning")->isVisible());
  // The job is in the status bar and ends there.
  QTRY_VERIFY(at("statusCancelButton")->isVisible());
  QTest::mouseClick(at("statusCancelButton"), Qt::LeftButton);
  QTRY_VERIFY_WITH_TIMEOUT(!at("preflightRunning")->isVisible(), 10000);
}

void ReachTest::charts() {
  stage_->openStarter("classify-text");
  stage_->play({});
  window()->goTo(Step::train);
  auto* chart = at<MetricChart>("lossChart");
  QTRY_VERIFY(chart->series(0).size() > 100);
  ChartGroup& group = chart->group();
  at("stepRail")->setFocus();
  const bool log = group.logScale();
  press(Qt::Key_L);
  QCOMPARE(group.logScale(), !log);
  const double smoothing = group.smoothing();
  press(Qt::Key_BracketLeft);
  QVERIFY(group.smoothing() < smoothing);
  press(Qt::Key_BracketRight);
  QCOMPARE(group.smoothing(), smoothing);
  chart->setFocus(Qt::TabFocusReason);
  QTest::keyClick(chart, Qt::Key_Left);
  const double last = group.cursor().value();
  QTest::keyClick(chart, Qt::Key_Left, Qt::ShiftModifier);
  QCOMPARE(group.cursor().value(), last - 50);  // ten points, one every five steps
  QTest::keyClick(chart, Qt::Key_Right);
  QCOMPARE(group.cursor().value(), last - 45);
  QTest::keyClick(chart, Qt::Key_C, Qt::ControlModifier);
  QVERIFY(!QGuiApplication::clipboard()->text().isEmpty());
  QTest::keyClick(chart, Qt::Key_T, Qt::AltModifier | Qt::ShiftModifier);
  QVERIFY(chart->isTableShown());
}

void ReachTest::helpOfAField() {
  stage_->openStarter("classify-text");
  window()->goTo(Step::method);
  QTRY_VERIFY(window()->findChild<QWidget*>("option.epochs"));  // the page is filled after it is shown
  auto* field = at("option.epochs");
  field->setFocus();
  QTest::keyClick(field, Qt::Key_F1);
  QTRY_VERIFY(QToolTip::isVisible());
  QVERIFY(QToolTip::text().size() > 10);
  QToolTip::hideText();
  QTRY_VERIFY(!QToolTip::isVisible());
  window()->goTo(Step::train);  // a button that cannot be pressed says why
  window()->goTo(Step::exports);
  auto* button = at("exportButton");
  QVERIFY(!button->isEnabled() && !button->toolTip().isEmpty());
}

void ReachTest::textSize() {
  press(Qt::Key_Plus, Qt::ControlModifier);
  QCOMPARE(scaled(100), 110);
  press(Qt::Key_Minus, Qt::ControlModifier);
  QCOMPARE(scaled(100), 100);
}

void ReachTest::theWheelChangesNoFieldWithoutFocus() {
  stage_->openStarter("follow-instructions");
  stage_->play({.total = 456, .per_epoch = 57, .samples = true});
  stage_->serve("causal_lm");
  int seen = 0;
  for (const Step page : {Step::data, Step::method, Step::train, Step::tryIt, Step::runs, Step::settings}) {
    window()->goTo(page);
    QTest::qWait(300);
    at("stepRail")->setFocus();
    for (QWidget* field : window()->findChildren<QWidget*>()) {
      const auto value = [field]() -> QVariant {
        if (const auto* spin = qobject_cast<QSpinBox*>(field)) return spin->value();
        if (const auto* spin = qobject_cast<QDoubleSpinBox*>(field)) return spin->value();
        if (const auto* list = qobject_cast<QComboBox*>(field)) return list->currentIndex();
        if (const auto* slider = qobject_cast<QSlider*>(field)) return slider->value();
        return {};
      };
      const QVariant before = value();
      if (!before.isValid() || !field->isVisible() || !field->isEnabled()) continue;
      ++seen;
      const QPointF middle = QRectF(field->rect()).center();
      QWheelEvent wheel(middle, field->mapToGlobal(middle), {}, QPoint(0, 120), Qt::NoButton, {}, Qt::NoScrollPhase,
                        false);
      QApplication::sendEvent(field, &wheel);
      QVERIFY2(value() == before, qPrintable(field->objectName() + " " + field->accessibleName()));
    }
  }
  QVERIFY(seen > 8);
}

void ReachTest::aFixTellsWhatItChanged() {
  stage_->openStarter("classify-text", {"data.max_tokens=12"});  // the starter's rows have up to 56 tokens
  QPushButton* fix = nullptr;
  QVERIFY(stage_->wait([&] {
    for (QPushButton* button : at("runCard")->findChildren<QPushButton*>())
      if (button->isVisible() && button->objectName().startsWith("fix.")) fix = button;
    return fix != nullptr;
  }));
  QTest::mouseClick(fix, Qt::LeftButton);
  auto* change = at<QLabel>("runCardChange");
  QVERIFY(change->isVisible());
  QVERIFY2(change->text().startsWith("max tokens: 12 → "), qPrintable(change->text()));
  QTRY_VERIFY_WITH_TIMEOUT(!change->isVisible(), 4000);
}

void ReachTest::aJobBesideARunCanBeCancelled() {
  stage_->openStarter("classify-text");
  stage_->play({.status = RunStatus::running, .step = 430, .age_seconds = 19});
  QTRY_VERIFY(at<ElidedLabel>("statusJob")->fullText().contains("classify-text"));
  QTRY_VERIFY(!at("statusBesideJob")->isVisible());
  auto* job = new ThreadJob(
      "Looking at rows",
      [](JobProgress& progress) {
        while (!progress.cancelled()) QThread::msleep(10);
        progress.report("rows", 0.5);
      },
      [] {});
  bool cancelled = false;
  connect(job, &Job::finished, this,
          [&](const std::optional<ErrorText>& error) { cancelled = error && error->kind == "cancelled"; });
  window()->workbench().jobs.run(job);
  QTRY_VERIFY(at("statusBesideJob")->isVisible());
  QVERIFY(at<ElidedLabel>("statusBesideJob")->fullText().contains("Looking at rows"));
  QTest::mouseClick(at("statusCancelButton"), Qt::LeftButton);
  QTRY_VERIFY(cancelled);
  QTRY_VERIFY(!at("statusBesideJob")->isVisible());
}

void ReachTest::twoWindowsAgree() {
  stage_->openStarter("classify-text");
  MainWindow other(stage_->home);
  other.show();
  other.openPath(QString::fromStdString(stage_->document().folder().string()));
  const QString run =
      QString::fromStdString(stage_->play({.status = RunStatus::running, .step = 430, .age_seconds = 19}));
  for (MainWindow* one : {window(), &other}) {
    QTRY_VERIFY_WITH_TIMEOUT(one->workbench().shownRun() == run, 5000);
    QTRY_VERIFY(child<QWidget>(*one, "step.train")->accessibleName().contains("running"));
  }
  // One of them pauses it: the trainer would write what both show.
  Store(stage_->home).set_status(run.toStdString(), RunStatus::paused, "paused on demand");
  for (MainWindow* one : {window(), &other})
    QTRY_VERIFY_WITH_TIMEOUT(child<QWidget>(*one, "step.train")->accessibleName().contains("paused"), 5000);
  Store(stage_->home).set_status(run.toStdString(), RunStatus::stopped);
  stage_->locks.clear();
  QTRY_VERIFY(is_final(window()->workbench().runs.find(run)->status));
  window()->workbench().runs.deleteRun(run);
  QTRY_VERIFY_WITH_TIMEOUT(!other.workbench().runs.find(run), 5000);
  QTRY_VERIFY_WITH_TIMEOUT(other.workbench().shownRun().isEmpty(), 5000);
}

void ReachTest::theWindowComesBackAsItWas() {
  press(Qt::Key_R, Qt::ControlModifier | Qt::ShiftModifier);
  const bool folded = at<RunCard>("runCard")->isCollapsed();
  window()->close();
  stage_->window = std::make_unique<MainWindow>(stage_->home);
  window()->show();
  QCOMPARE(at<RunCard>("runCard")->isCollapsed(), folded);
  QVERIFY(!window()->workbench().settings.state("geometry").isEmpty());
}

LUTHIER_WINDOW_TEST_MAIN(ReachTest)
#include "reach_test.moc"
