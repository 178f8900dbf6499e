// Numbers, times and sentences as the window writes them; what is expected stands in widgets/format.h.
#include "widgets/format.h"

using namespace luthier;

class FormatTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void numbersHaveThreeFigures() {
    QCOMPARE(countText(49172), "49,172");
    QCOMPARE(countText(-1000), "-1,000");
    QCOMPARE(shortCountText(8.8e6), "8.80 M");
    QCOMPARE(shortCountText(12100), "12.1 k");
    QCOMPARE(shortCountText(512), "512");
    QCOMPARE(bytesText(12.4e9), "12.4 GB");
    QCOMPARE(bytesText(213e6), "213 MB");
    QCOMPARE(percentText(0.0178), "1.78 %");
    QCOMPARE(numberText(2e-4), "2e-4");
  }

  void timesAreShort() {
    QCOMPARE(durationText(42), "42 s");
    QCOMPARE(durationText(38 * 60), "38 min");
    QCOMPARE(durationText(3 * 3600 + 600), "3 h 10 min");
    QCOMPARE(clockDurationText(24 * 60 + 6), "24:06");
    QCOMPARE(clockDurationText(3600 + 24 * 60 + 6), "1:24:06");
  }

  void clausesBecomeSentencesAndNamesStay() {
    QCOMPARE(capitalText("109 rows are cut"), "109 rows are cut");
    QCOMPARE(capitalText("the loss is not a number"), "The loss is not a number");
    QCOMPARE(capitalText("train.jsonl: 109 rows are cut"), "train.jsonl: 109 rows are cut");
    QCOMPARE(capitalText("data.max_tokens must be above 0"), "data.max_tokens must be above 0");
    QCOMPARE(capitalText("stopped. Nothing was kept"), "Stopped. Nothing was kept");
    QCOMPARE(capitalText(""), "");
    QCOMPARE(wholeSentence("lower the rate"), "Lower the rate.");
    QCOMPARE(wholeSentence("Lower the rate."), "Lower the rate.");
    QCOMPARE(wholeSentence(""), "");
  }
};

QTEST_GUILESS_MAIN(FormatTest)
#include "format_test.moc"
