// What follows from the curve of a learning-rate range test. The curves are formulas, so the right answers are known.
#include "recipe/rate_test.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "support/testing.h"

using namespace luthier;

namespace {
/// A loss that falls on a logistic curve around 1e-4 and runs away above 1e-2.
double curve(double rate) {
  const double x = std::log10(rate);
  return 1 + 2 / (1 + std::exp(3 * (x + 4))) + std::exp(6 * (x + 1.7));
}

RateTest swept(double (*loss)(double)) {
  RateTest test;
  for (std::int64_t i = 0; i < 200; ++i) {
    const double rate = test_rate(i, 200, 1e-7, 1);
    if (!add_point(test, rate, loss(rate))) break;
  }
  return test;
}
}  // namespace

class RateTestTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void ratesRiseGeometrically() {
    QCOMPARE(test_rate(0, 8, 1e-7, 1), 1e-7);
    QVERIFY(std::abs(test_rate(7, 8, 1e-7, 1) - 1) < 1e-12);
    QVERIFY(std::abs(test_rate(3, 8, 1e-7, 1) / test_rate(2, 8, 1e-7, 1) - 10) < 1e-9);
  }

  void theMovingAverageIsCorrectedForItsStart() {
    RateTest test;
    for (const double loss : {2.0, 4.0, 1.0}) QVERIFY(add_point(test, 1, loss));
    // 0.9, 0.1 by hand: 0.2 / 0.1; (0.18 + 0.4) / 0.19; (0.522 + 0.1) / 0.271
    QVERIFY(std::abs(test.points[0].smoothed - 2) < 1e-12);
    QVERIFY(std::abs(test.points[1].smoothed - 0.58 / 0.19) < 1e-12);
    QVERIFY(std::abs(test.points[2].smoothed - 0.622 / 0.271) < 1e-12);
  }

  void suggestsWhereTheLossFallsFastest() {
    const RateTest test = swept(curve);
    QVERIFY(test.diverged && test.points.size() < 200);
    // The average lags behind the curve's steepest rate of 1e-4 by some steps of 8% each.
    QVERIFY2(*test.steepest() > 1e-4 && *test.steepest() < 5e-4, qPrintable(QString::number(*test.steepest())));
    QVERIFY2(*test.below_minimum() > 2e-4 && *test.below_minimum() < 3e-3,
             qPrintable(QString::number(*test.below_minimum())));
    QVERIFY(*test.suggested() <= std::min(*test.steepest(), *test.below_minimum()) * 1.05);
  }

  void aLossThatNeverFallsSuggestsNothing() {
    const RateTest test = swept([](double rate) { return 1 + rate; });
    QVERIFY(!test.suggested());
  }

  void infinityEndsTheTestWithoutAPoint() {
    RateTest test;
    QVERIFY(add_point(test, 1, 2));
    QVERIFY(!add_point(test, 2, INFINITY));
    QVERIFY(test.diverged);
    QCOMPARE(test.points.size(), std::size_t{1});
  }

  void isTheSameAfterJson() {
    const RateTest test = swept(curve), again = rate_test_from_json(rate_test_to_json(test));
    QCOMPARE(again.points.size(), test.points.size());
    QCOMPARE(again.suggested(), test.suggested());
    QVERIFY_THROWS_EXCEPTION(Error, rate_test_from_json(Json::object()));
  }
};

QTEST_APPLESS_MAIN(RateTestTest)
#include "rate_test_test.moc"
