// Expected numbers are worked out by hand beside each test.
#include "proof/comparison.h"

#include <cmath>
#include <vector>

#include "base/error.h"
#include "recipe/catalog.h"
#include "support/testing.h"

using namespace luthier;

namespace {
void add(Comparison& comparison, const std::vector<float>& expected, const std::vector<float>& found) {
  comparison.add(expected, found, static_cast<std::int64_t>(expected.size()));
}
}  // namespace

class ComparisonTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void equalLogitsHaveNoDistance() {
    Comparison comparison;
    add(comparison, {1.0f, -2.0f, 0.5f}, {1.0f, -2.0f, 0.5f});
    QCOMPARE(comparison.max_abs_difference(), 0.0);
    QCOMPARE(comparison.agreement(), 1.0);
    QCOMPARE(comparison.kl(), 0.0);
    QVERIFY(comparison.finite());
  }

  void differencesAreRelativeToTheLargestLogit() {
    Comparison comparison;
    add(comparison, {1.0f, -4.0f}, {1.5f, -4.0f});
    add(comparison, {0.0f, 2.0f}, {2.25f, 2.0f});
    QCOMPARE(comparison.max_abs_difference(), 2.25);
    QCOMPARE(comparison.relative_difference(), 2.25 / 4);
    QCOMPARE(comparison.agreement(), 0.5);  // the second row's highest logit has moved
    QCOMPARE(comparison.positions(), 2);
  }

  void klIsThatOfTheTwoDistributions() {
    // softmax(0, 0) = (1/2, 1/2), softmax(ln 3, 0) = (3/4, 1/4): KL = 1/2 ln(2/3) + 1/2 ln 2 = 1/2 ln(4/3)
    Comparison comparison;
    add(comparison, {0.0f, 0.0f}, {std::log(3.0f), 0.0f});
    QVERIFY(std::abs(comparison.kl() - 0.5 * std::log(4.0 / 3)) < 1e-7);
  }

  void notANumberIsNeverEqual() {
    const std::vector<float> bad = {NAN, 1.0f}, good = {0.0f, 1.0f};
    Comparison found, expected;
    add(found, good, bad);
    add(expected, bad, bad);
    QVERIFY(!found.finite() && !expected.finite());
  }

  void otherShapesAreAnError() {
    Comparison comparison;
    LUTHIER_FAILS(add(comparison, {1.0f, 2.0f}, {1.0f}), "logits");
  }

  void everyPrecisionHasALimitWithAReason() {
    QVERIFY(limit_of("fp32").relative_difference < limit_of("fp16").relative_difference);
    QVERIFY(limit_of("fp16").relative_difference < limit_of("bf16").relative_difference);
    for (const ExporterEntry& entry : exporters())
      for (const std::string& precision : entry.precisions) QVERIFY(!limit_of(precision, entry.kind).reason.empty());
    LUTHIER_FAILS(limit_of("int3"), "int3");
  }
};

QTEST_GUILESS_MAIN(ComparisonTest)
#include "comparison_test.moc"
