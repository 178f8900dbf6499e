// Which evaluation training keeps: the rule by itself. tests/core/train holds that weights follow it, tests/ui that the
// curves do.
#include "recipe/best_evaluation.h"

#include "support/testing.h"

using namespace luthier;

using Verdict = BestEvaluation::Verdict;

class BestEvaluationTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void theFirstIsTheBestUntilABetterOneComes() {
    BestEvaluation best{.higher_is_better = true};
    QVERIFY(best.take(10, 0.5, 1.0) == Verdict::better);
    QVERIFY(best.take(20, 0.4, 0.5) == Verdict::worse);
    QVERIFY(best.take(30, 0.6, 2.0) == Verdict::better);
    QCOMPARE(best.step, 30);
    QCOMPARE(best.value, 0.6);
  }

  void ofEqualOnesTheSurerIsKeptWithoutCountingAsAnImprovement() {
    BestEvaluation best{.higher_is_better = true};
    best.take(10, 0.9, 0.40);
    QVERIFY(best.take(20, 0.9, 0.45) == Verdict::worse);
    QVERIFY(best.take(30, 0.9, 0.38) == Verdict::surer);
    QCOMPARE(best.step, 30);
    QCOMPARE(best.loss, 0.38);
  }

  void anImprovementIsLargerThanTheMargin() {
    BestEvaluation best{.higher_is_better = false, .margin = 0.1};
    best.take(1, 2.0, 2.0);
    QVERIFY(best.take(2, 1.95, 1.95) == Verdict::worse);
    QVERIFY(best.take(3, 1.85, 1.85) == Verdict::better);
    QCOMPARE(best.step, 3);
  }

  void whatIsNoNumberIsNeverTheBest() {
    const double nan = std::numeric_limits<double>::quiet_NaN();
    BestEvaluation best{.higher_is_better = true};
    QVERIFY(best.take(1, nan, nan) == Verdict::worse);
    QCOMPARE(best.step, -1);
    QVERIFY(best.take(2, 0.1, nan) == Verdict::better);
    QVERIFY(best.take(3, 0.1, 5.0) == Verdict::surer);  // a loss that is a number is surer than one that is none
    QCOMPARE(best.step, 3);
  }
};

QTEST_GUILESS_MAIN(BestEvaluationTest)
#include "best_evaluation_test.moc"
