#include "recipe/schedule.h"

#include <cmath>

#include "support/testing.h"

using namespace luthier;

class ScheduleTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void warmsUpLinearlyAndReachesTheFullRate() {
    QCOMPARE(rate_at(0, 100, 10, "linear", 1.0), 0.1);
    QCOMPARE(rate_at(9, 100, 10, "linear", 1.0), 1.0);
    QCOMPARE(rate_at(10, 100, 10, "linear", 1.0), 1.0);
  }
  void linearFallsToZeroAtTheEnd() {
    QCOMPARE(rate_at(55, 100, 10, "linear", 2.0), 1.0);  // half of the 90 steps after the warm-up
    QCOMPARE(rate_at(100, 100, 10, "linear", 2.0), 0.0);
  }
  void cosineIsHalfAtHalfWayAndZeroAtTheEnd() {
    QVERIFY(std::abs(rate_at(50, 100, 0, "cosine", 1.0) - 0.5) < 1e-12);
    QVERIFY(std::abs(rate_at(100, 100, 0, "cosine", 1.0)) < 1e-12);
  }
  void constantStays() { QCOMPARE(rate_at(99, 100, 10, "constant", 3e-4), 3e-4); }
  void howOftenBecomesSteps() {
    QCOMPARE(to_steps({1, "epoch"}, 40, 120), 40);
    QCOMPARE(to_steps({0.06, "run"}, 40, 100), 6);
    QCOMPARE(to_steps({7, "step"}, 40, 100), 7);
    QCOMPARE(to_steps({0.001, "run"}, 40, 100), 1);
    QCOMPARE(to_steps({0, "epoch"}, 40, 100), 0);
    QCOMPARE(to_steps({5, "minute"}, 40, 100), -1);
  }
  void dueByStepsAndByTheClock() {
    Due every_third({3, "step"}, 10, 10);
    QVERIFY(!every_third.now(2, 0));
    QVERIFY(every_third.now(3, 0));
    Due every_minute({1, "minute"}, 10, 10);
    every_minute.restart(100);
    QVERIFY(!every_minute.now(1, 159));
    QVERIFY(every_minute.now(2, 161));
    QVERIFY(!every_minute.now(3, 162));
    Due never({0, "minute"}, 10, 10);
    QVERIFY(!never.now(10, 1e9));
  }
};

QTEST_APPLESS_MAIN(ScheduleTest)
#include "schedule_test.moc"
