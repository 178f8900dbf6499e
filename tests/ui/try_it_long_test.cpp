// The Try it page with a language model: both models write, side by side, as they are asked; stopping; errors.
#include "pages/try_it/try_it_page.h"

#include <QDoubleSpinBox>
#include <QLabel>
#include <QLineEdit>
#include <QPlainTextEdit>
#include <QProcess>
#include <QSpinBox>

#include "support/testing.h"
#include "support/window.h"

using namespace luthier;
using namespace luthier::testing;

class TryItLongTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void saysThatThereIsNothingToTry();
  void letsBaseAndTunedModelAnswerSideBySide();
};

void TryItLongTest::saysThatThereIsNothingToTry() {
  WindowFixture fixture;
  TryItPage page(fixture.workbench);
  page.resize(1180, 820);
  page.show();
  page.shown();
  QVERIFY(child<QPushButton>(page, "tryPreflightButton")->isVisible());
  grabBothThemes(page, "try-empty");
}

void TryItLongTest::letsBaseAndTunedModelAnswerSideBySide() {
  const fs::path starter = source_folder() / "resources/starters/follow-instructions";
  if (!fs::exists(starter / "model/model.safetensors")) QSKIP("the starter's model is not there");
  WindowFixture fixture;
  // Two epochs are enough to see that answers end by themselves.
  QProcess train;
  train.start(cliProgram(), {"train", QString::fromStdString((starter / "recipe.json").string()), "--set",
                             "training.epochs=2", "--set", "training.threads=1"});
  QVERIFY(train.waitForFinished(300000));
  QCOMPARE(train.exitCode(), 0);
  fixture.runs.poll();
  QCOMPARE(fixture.runs.runs().size(), std::size_t(1));
  fixture.shown = QString::fromStdString(fixture.runs.runs()[0].id);

  TryItPage page(fixture.workbench);
  page.resize(1180, 820);
  page.show();
  page.shown();
  auto* prompt = child<QPlainTextEdit>(page, "promptEdit");
  QTRY_VERIFY_WITH_TIMEOUT(prompt->isVisible(), 60000);
  for (const char* question : {"What is a wolf?", "Say hello to a new neighbour."}) {
    prompt->setFocus();
    QTest::keyClicks(prompt, question);
    QTest::keyClick(prompt, Qt::Key_Return);
    auto* send = child<QPushButton>(page, "sendButton");
    QTRY_COMPARE_WITH_TIMEOUT(send->text(), QString("Stop"), 5000);
    QTRY_COMPARE_WITH_TIMEOUT(send->text(), QString("Send to both"), 60000);
  }
  const auto answers = page.findChildren<QLabel*>("tunedAnswer");
  QCOMPARE(answers.size(), 2);
  for (const QLabel* answer : answers) QVERIFY(answer->text().size() > 3);
  QCOMPARE(page.findChildren<QLabel*>("baseAnswer").size(), 2);
  grabBothThemes(page, "try-language-model");

  // The other ways to write reach the model: an answer ends before a text that it would have had, and beams answer too.
  const QString first = answers[0]->text();
  const QString stop = first.mid(first.size() / 2, 3);
  child<QLineEdit>(page, "option.stop")->setText(stop);
  QTest::keyClicks(prompt, "What is a wolf?");
  QTest::keyClick(prompt, Qt::Key_Return);
  auto* again = child<QPushButton>(page, "sendButton");
  QTRY_COMPARE_WITH_TIMEOUT(again->text(), QString("Stop"), 5000);
  QTRY_COMPARE_WITH_TIMEOUT(again->text(), QString("Send to both"), 60000);
  const QString ended = page.findChildren<QLabel*>("tunedAnswer").last()->text();
  QVERIFY2(first.startsWith(ended) && ended.size() < first.size(), qPrintable(ended));
  child<QLineEdit>(page, "option.stop")->clear();
  child<QSpinBox>(page, "option.beams")->setValue(3);
  QVERIFY(!child<QDoubleSpinBox>(page, "option.temperature")->isEnabled());
  QTest::keyClicks(prompt, "What is a wolf?");
  QTest::keyClick(prompt, Qt::Key_Return);
  QTRY_COMPARE_WITH_TIMEOUT(again->text(), QString("Stop"), 5000);
  QTRY_COMPARE_WITH_TIMEOUT(again->text(), QString("Send to both"), 60000);
  QVERIFY(page.findChildren<QLabel*>("tunedAnswer").last()->text().size() > 3);

  // A long answer can be stopped.
  child<QSpinBox>(page, "option.max_new_tokens")->setValue(200);
  QTest::keyClicks(prompt, "Tell me a story");
  QTest::keyClick(prompt, Qt::Key_Return);
  QTest::mouseClick(child<QPushButton>(page, "sendButton"), Qt::LeftButton);
  QTRY_COMPARE_WITH_TIMEOUT(child<QPushButton>(page, "sendButton")->text(), QString("Send to both"), 10000);
}

LUTHIER_WINDOW_TEST_MAIN(TryItLongTest)
#include "try_it_long_test.moc"
