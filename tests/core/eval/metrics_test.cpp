// The counts behind the metrics. Expected numbers follow scikit-learn's definitions (precision_recall_fscore_support
// with average="macro", zero_division=0) and are worked out by hand beside each test.
#include "eval/metrics.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "support/testing.h"

using namespace luthier;

namespace {
bool near(double a, double b) { return std::abs(a - b) < 1e-12; }

/// truth     0 0 0 0 1 1 1 2 2 2
/// predicted 0 0 0 1 1 1 0 2 0 2
Confusion ten_rows() {
  Confusion confusion(3);
  const int truth[] = {0, 0, 0, 0, 1, 1, 1, 2, 2, 2}, predicted[] = {0, 0, 0, 1, 1, 1, 0, 2, 0, 2};
  for (int i = 0; i < 10; ++i) confusion.add(truth[i], predicted[i]);
  return confusion;
}
}  // namespace

class MetricsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void countsEveryPairOfTruthAndPrediction() {
    const Confusion confusion = ten_rows();
    const std::int64_t expected[3][3] = {{3, 1, 0}, {1, 2, 0}, {1, 0, 2}};
    for (int t = 0; t < 3; ++t)
      for (int p = 0; p < 3; ++p) QCOMPARE(confusion.count(t, p), expected[t][p]);
    QCOMPARE(confusion.total(), 10);
    QVERIFY(near(confusion.accuracy(), 0.7));
  }

  void scoresEachClassFromItsRowAndColumn() {
    const Confusion confusion = ten_rows();
    // class 0: 3 right of 5 predicted and 4 true; class 1: 2 of 3 and 3; class 2: 2 of 2 and 3
    QVERIFY(near(confusion.scores(0).precision, 3.0 / 5) && near(confusion.scores(0).recall, 3.0 / 4));
    QVERIFY(near(confusion.scores(0).f1, 2 * 0.6 * 0.75 / (0.6 + 0.75)));
    QVERIFY(near(confusion.scores(1).precision, 2.0 / 3) && near(confusion.scores(1).recall, 2.0 / 3));
    QVERIFY(near(confusion.scores(2).precision, 1) && near(confusion.scores(2).recall, 2.0 / 3));
    QVERIFY(near(confusion.scores(2).f1, 0.8));
    QCOMPARE(confusion.scores(0).support, 4);
  }

  void macroIsThePlainMeanOverClasses() {
    const ClassScores macro = ten_rows().macro();
    QVERIFY(near(macro.precision, (3.0 / 5 + 2.0 / 3 + 1) / 3));
    QVERIFY(near(macro.recall, (3.0 / 4 + 2.0 / 3 + 2.0 / 3) / 3));
    QVERIFY(near(macro.f1, (2.0 / 3 + 2.0 / 3 + 0.8) / 3));
  }

  void aClassThatNeverOccursDoesNotCount() {
    Confusion confusion(4);  // as scikit-learn: the labels are those in y_true or y_pred
    confusion.add(0, 0);
    confusion.add(0, 1);
    QVERIFY(near(confusion.macro().f1, (2.0 / 3 + 0) / 2));
  }

  void divisionByZeroIsZero() {
    Confusion confusion(2);
    confusion.add(0, 1);
    QCOMPARE(confusion.scores(0).precision, 0.0);
    QCOMPARE(confusion.scores(1).recall, 0.0);
    QCOMPARE(confusion.macro().f1, 0.0);
    QCOMPARE(Confusion(2).accuracy(), 0.0);
    QCOMPARE(Confusion(2).macro().f1, 0.0);
    QCOMPARE(TokenCounts{}.loss(), 0.0);
  }

  void theOutsideTagIsLeftOutOfTheMean() {
    // tags O A B: 90 O right, 3 A right, 1 A taken for O, 2 O taken for B; B is never true
    Confusion confusion(3);
    for (int i = 0; i < 90; ++i) confusion.add(0, 0);
    for (int i = 0; i < 3; ++i) confusion.add(1, 1);
    confusion.add(1, 0);
    for (int i = 0; i < 2; ++i) confusion.add(0, 2);
    QVERIFY(near(confusion.macro(0).f1, (6.0 / 7 + 0) / 2));  // A: precision 1, recall 3/4; B: 0
    QCOMPARE(confusion.macro(0).support, 4);
  }

  void aForeignLabelIsAnError() {
    Confusion confusion(2);
    LUTHIER_FAILS(confusion.add(2, 0), "not one of 2 classes");
    LUTHIER_FAILS(confusion.add(0, -1), "not one of 2 classes");
  }

  void jsonHoldsTheTableAndTheMatrix() {
    const Json json = ten_rows().to_json({"a", "b", "c"});
    QCOMPARE(json.at("confusion")[2][0].get<int>(), 1);
    QCOMPARE(json.at("classes")[1].at("label").get<std::string>(), std::string("b"));
    QCOMPARE(json.at("classes")[2].at("support").get<int>(), 3);
    QVERIFY(near(json.at("classes")[2].at("f1").get<double>(), 0.8));
  }

  void perplexityIsTheExponentOfTheMeanLoss() {
    const TokenCounts counts{3 * std::log(8.0), 3, 2};
    QVERIFY(near(counts.loss(), std::log(8.0)));
    QVERIFY(std::abs(counts.perplexity() - 8) < 1e-9);
    QVERIFY(near(counts.accuracy(), 2.0 / 3));
  }
};

QTEST_GUILESS_MAIN(MetricsTest)
#include "metrics_test.moc"
