#include "recipe/schedule.h"

#include <cmath>

#include "support/testing.h"

using namespace luthier;

class ScheduleTest : public QObject {
  Q_OBJECT
 private Q_SLOTS:
  void warmsUpLinearlyAndReachesTheFullRate() {
    for (const char* kind : {"linear", "cosine", "polynomial", "inverse_sqrt", "warmup_stable_decay", "plateau",
                             "constant", "cosine_restarts"}) {
      const Schedule schedule{.kind = kind, .rate = 1, .total = 100, .warmup = 10};
      QCOMPARE(rate_at(schedule, 0), 0.1);
      QCOMPARE(rate_at(schedule, 9), 1.0);
      QVERIFY(std::abs(rate_at(schedule, 10) - 1.0) < 1e-12);
    }
  }
  void givesTheFactorsOfTransformersAndTorch_data() {
    // tests/reference/schedules.py: steps 25, 33, 50, 77, 90 and 99 of 100 with 10 of warm-up.
    QTest::addColumn<QString>("kind");
    QTest::addColumn<double>("final_share");
    QTest::addColumn<QList<double>>("expected");
    const auto row = [](const char* name, const char* kind, double end, QList<double> expected) {
      QTest::newRow(name) << QString(kind) << end << expected;
    };
    row("linear", "linear", 0,
        {0.8333333333333334, 0.7444444444444445, 0.5555555555555556, 0.25555555555555554, 0.1111111111111111,
         0.011111111111111112});
    row("cosine", "cosine", 0,
        {0.9330127018922194, 0.8473291852294986, 0.5868240888334653, 0.15267081477050132, 0.03015368960704584,
         0.00030458649045211894});
    row("cosine, final 0.1", "cosine", 0.1,
        {0.9397114317029974, 0.8625962667065488, 0.6281416799501187, 0.23740373329345119, 0.12713832064634126,
         0.10027412784140691});
    row("cosine_restarts", "cosine_restarts", 0,
        {0.5, 0.128427587261303, 0.7500000000000002, 0.871572412738697, 0.25000000000000033, 0.0027390523158632996});
    row("polynomial, final 0.1", "polynomial", 0.1,
        {0.7250000000000001, 0.5987777777777779, 0.3777777777777779, 0.15877777777777777, 0.11111111111111113,
         0.10011111111111111});
    row("inverse_sqrt", "inverse_sqrt", 0,
        {0.6324555320336759, 0.5504818825631803, 0.4472135954999579, 0.3603749850782236, 0.3333333333333333,
         0.3178208630818641});
    row("warmup_stable_decay", "warmup_stable_decay", 0, {1.0, 1.0, 1.0, 1.0, 0.5, 0.00615582970243117});
    row("warmup_stable_decay, final 0.1", "warmup_stable_decay", 0.1, {1.0, 1.0, 1.0, 1.0, 0.55, 0.10554024673218806});
    row("one_cycle", "one_cycle", 0,
        {0.9240243519820206, 0.8345659649182164, 0.5695882721338308, 0.1403335385102752, 0.024475643965455825, 4e-06});
  }
  void givesTheFactorsOfTransformersAndTorch() {
    QFETCH(QString, kind);
    QFETCH(double, final_share);
    QFETCH(QList<double>, expected);
    const Schedule schedule{
        .kind = kind.toStdString(), .rate = 2, .total = 100, .warmup = 10, .final_share = final_share};
    const std::int64_t steps[] = {25, 33, 50, 77, 90, 99};
    for (qsizetype i = 0; i < expected.size(); ++i) {
      const double found = rate_at(schedule, steps[i]) / 2;
      QVERIFY2(std::abs(found - expected[i]) < 1e-9,
               qPrintable(QString("step %1: %2").arg(steps[i]).arg(found, 0, 'g', 17)));
    }
  }
  void oneCycleRisesOnACosineInTheWarmUp() {
    const Schedule schedule{.kind = "one_cycle", .rate = 1, .total = 100, .warmup = 10};
    QVERIFY(std::abs(rate_at(schedule, 0) - 0.04) < 1e-12);  // tests/reference/schedules.py
    QVERIFY(std::abs(rate_at(schedule, 4) - 0.43664887471987335) < 1e-12);
    QVERIFY(std::abs(rate_at(schedule, 9) - 1) < 1e-12);
  }
  void plateauFallsByItsFactorAndNeverBelowTheFinalShare() {
    const Schedule schedule{.kind = "plateau", .rate = 8, .total = 100, .warmup = 0, .final_share = 0.2};
    QCOMPARE(rate_at(schedule, 50, 0), 8.0);
    QCOMPARE(rate_at(schedule, 50, 2), 2.0);
    QCOMPARE(rate_at(schedule, 50, 3), 1.6);
  }
  void constantStays() { QCOMPARE(rate_at({.kind = "constant", .rate = 3e-4, .total = 100, .warmup = 10}, 99), 3e-4); }
  void noScheduleGivesANegativeOrLargerRateThanItsTop() {
    TrainingOptions training;
    for (const char* kind : {"linear", "cosine", "cosine_restarts", "polynomial", "inverse_sqrt", "one_cycle",
                             "warmup_stable_decay", "plateau", "constant"})
      for (const double warmup : {0.0, 1.0, 7.0})
        for (const std::int64_t total : {1, 2, 9}) {
          training.schedule = kind;
          training.warmup = {warmup, "step"};
          const Schedule schedule = schedule_of(training, total, total);
          for (std::int64_t step = 0; step <= total; ++step) {
            const double rate = rate_at(schedule, step);
            QVERIFY2(rate >= 0 && rate <= training.learning_rate * (1 + 1e-12), kind);
          }
        }
  }
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
