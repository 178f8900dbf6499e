// Expected numbers are worked out by hand beside each test.
#include "export/comparison.h"

#include <ATen/ops/tensor.h>

#include <cmath>

#include "base/error.h"
#include "support/testing.h"

using namespace luthier;

class ComparisonTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void equalLogitsHaveNoDistance() {
    Comparison comparison;
    comparison.add(at::tensor({1.0f, -2.0f, 0.5f}).view({1, 3}), at::tensor({1.0f, -2.0f, 0.5f}).view({1, 3}));
    QCOMPARE(comparison.max_abs_difference(), 0.0);
    QCOMPARE(comparison.agreement(), 1.0);
    QCOMPARE(comparison.kl(), 0.0);
    QVERIFY(comparison.finite());
  }

  void differencesAreRelativeToTheLargestLogit() {
    Comparison comparison;
    comparison.add(at::tensor({1.0f, -4.0f}).view({1, 2}), at::tensor({1.5f, -4.0f}).view({1, 2}));
    comparison.add(at::tensor({0.0f, 2.0f}).view({1, 2}), at::tensor({2.25f, 2.0f}).view({1, 2}));
    QCOMPARE(comparison.max_abs_difference(), 2.25);
    QCOMPARE(comparison.relative_difference(), 2.25 / 4);
    QCOMPARE(comparison.agreement(), 0.5);  // the second row's highest logit has moved
    QCOMPARE(comparison.positions(), 2);
  }

  void klIsThatOfTheTwoDistributions() {
    // softmax(0, 0) = (1/2, 1/2), softmax(ln 3, 0) = (3/4, 1/4): KL = 1/2 ln(2/3) + 1/2 ln 2 = 1/2 ln(4/3)
    Comparison comparison;
    comparison.add(at::tensor({0.0f, 0.0f}).view({1, 2}), at::tensor({std::log(3.0f), 0.0f}).view({1, 2}));
    QVERIFY(std::abs(comparison.kl() - 0.5 * std::log(4.0 / 3)) < 1e-7);
  }

  void notANumberIsNeverEqual() {
    const auto bad = at::tensor({NAN, 1.0f}).view({1, 2}), good = at::tensor({0.0f, 1.0f}).view({1, 2});
    Comparison found, expected;
    found.add(good, bad);
    expected.add(bad, bad);
    QVERIFY(!found.finite() && !expected.finite());
  }

  void otherShapesAreAnError() {
    Comparison comparison;
    LUTHIER_FAILS(comparison.add(at::tensor({1.0f, 2.0f}).view({1, 2}), at::tensor({1.0f}).view({1, 1})), "logits");
  }

  void everyPrecisionHasALimitWithAReason() {
    QVERIFY(limit_of("fp32").relative_difference < limit_of("fp16").relative_difference);
    QVERIFY(limit_of("fp16").relative_difference < limit_of("bf16").relative_difference);
    for (const char* precision : {"fp32", "fp16", "bf16"}) QVERIFY(!limit_of(precision).reason.empty());
    LUTHIER_FAILS(limit_of("int3"), "int3");
  }
};

QTEST_GUILESS_MAIN(ComparisonTest)
#include "comparison_test.moc"
