// Averages and pulls against their formulas, by hand.
#include "train/average.h"

#include <ATen/ops/full.h>
#include <c10/core/GradMode.h>

#include <cmath>

#include "support/testing.h"
#include "train/anchor.h"

using namespace luthier;

namespace {
Tensor parameter(double value) { return at::full({2, 3}, value, at::kFloat).requires_grad_(true); }
double at_first(const Tensor& tensor) { return tensor.flatten()[0].item<double>(); }

void set(Tensor tensor, double value) {
  const c10::NoGradGuard no_grad;
  tensor.fill_(value);
}
}  // namespace

class AverageTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void followsItsFormula() {
    const Tensor w = parameter(1);
    WeightAverage average({{"w", w}}, 0.5);
    set(w, 2);
    average.update(1);  // decay min(0.5, 2 / 11)
    double expected = 2.0 / 11 * 1 + 9.0 / 11 * 2;
    QVERIFY(std::abs(at_first(average.others()[0].second) - expected) < 1e-6);
    set(w, 4);
    average.update(20);  // decay min(0.5, 21 / 30)
    expected = 0.5 * expected + 0.5 * 4;
    QVERIFY(std::abs(at_first(average.others()[0].second) - expected) < 1e-6);
    QCOMPARE(at_first(w), 4.0);
  }

  void isInTheModelWhileItIsWanted() {
    const Tensor w = parameter(1), same = w;  // a tied weight is the same tensor
    WeightAverage average({{"w", w}}, 0.9);
    set(w, 3);
    {
      const AverageInPlace outer(average);
      QCOMPARE(at_first(same), 1.0);
      const AverageInPlace inner(average);  // changes nothing, and leaving it neither
      QCOMPARE(at_first(w), 1.0);
      QCOMPARE(average.others()[0].first, "training.w");
      QCOMPARE(at_first(average.others()[0].second), 3.0);
    }
    QCOMPARE(at_first(w), 3.0);
    QVERIFY(w.requires_grad());
  }

  void withoutDecayThereIsNone() {
    const Tensor w = parameter(1);
    WeightAverage average({{"w", w}}, 0);
    set(w, 3);
    average.update(1);
    const AverageInPlace in_place(average);
    QVERIFY(!average.on() && average.others().empty());
    QCOMPARE(at_first(w), 3.0);
  }

  void thePullIsTheGradientOfHalfTheSquaredDistance() {
    const Tensor w = parameter(3), head = parameter(5), frozen = parameter(7);
    const Anchor anchor({{"w", w}, {"head", head}, {"frozen", frozen}},
                        {{"w", at::full({2, 3}, 1.0F)}, {"frozen", at::full({2, 3}, 1.0F)}}, 0.25);
    w.mutable_grad() = at::full({2, 3}, 1.0F);
    head.mutable_grad() = at::full({2, 3}, 1.0F);
    anchor.add_to_gradients();
    QCOMPARE(at_first(w.grad()), 1 + 0.25 * (3 - 1));
    QCOMPARE(at_first(head.grad()), 1.0);  // drawn anew: it has no start
    QVERIFY(!frozen.grad().defined());     // has not joined
  }
};

QTEST_GUILESS_MAIN(AverageTest)
#include "average_test.moc"
