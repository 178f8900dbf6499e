// Correlations and errors of predicted numbers. The long case's numbers are SciPy's, from
// tests/reference/label_metrics.py.
#include "eval/number_metrics.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "support/testing.h"

using namespace luthier;

namespace {
bool near(double a, double b) { return std::abs(a - b) < 1e-9; }
using Numbers = std::vector<double>;
}  // namespace

class NumberMetricsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void equalValuesShareTheirRanks() {
    QCOMPARE(ranks_of(Numbers{10, 30, 20, 20}), (Numbers{1, 4, 2.5, 2.5}));
    QCOMPARE(ranks_of(Numbers{7, 7, 7}), (Numbers{2, 2, 2}));
    QVERIFY(ranks_of(Numbers{}).empty());
  }

  void numbersAgreeWithScipy() {
    NumberScores scores(60);
    for (int i = 0; i < 60; ++i) scores.add(i, (i * 7) % 23 / 3.0, (i * 7) % 23 / 2.0 + (i * 5) % 11);
    QVERIFY(near(scores.pearson(), 0.7569632649846749));
    QVERIFY(near(scores.spearman(), 0.7466823405224743));
    QVERIFY(near(scores.mean_squared_error(), 59.65833333333333));
  }

  void orderAndScaleDoNotMatter() {
    NumberScores straight(5), back(5), curved(5);
    for (int i = 0; i < 5; ++i) {
      straight.add(i, 3.0 * i + 100, i);
      back.add(i, -3.0 * (4 - i), 4 - i);
      curved.add(i, std::exp(i), i);
    }
    QVERIFY(near(straight.pearson(), 1) && near(straight.spearman(), 1));
    QVERIFY(near(back.pearson(), -1) && near(back.spearman(), -1));
    QVERIFY(curved.pearson() < 0.95 && near(curved.spearman(), 1));
  }

  void whatNeverChangesHasNoCorrelation() {
    NumberScores constant(3);
    for (int i = 0; i < 3; ++i) constant.add(i, 0.1, i);
    QCOMPARE(constant.pearson(), 0.0);
    QCOMPARE(constant.spearman(), 0.0);
    QVERIFY(near(constant.mean_squared_error(), (0.01 + 0.81 + 3.61) / 3));
    QCOMPARE(NumberScores(0).pearson(), 0.0);
    QCOMPARE(NumberScores(0).spearman(), 0.0);
  }

  void numbersThatAreNoneStayVisible() {
    NumberScores broken(2);
    broken.add(0, NAN, 1);
    broken.add(1, 2, 3);
    QVERIFY(std::isnan(broken.mean_squared_error()));
    QVERIFY(std::isnan(broken.pearson()));
    QVERIFY(std::isnan(broken.spearman()));
  }

  void largeNumbersKeepTheirDigits() {
    NumberScores scores(100);
    for (int i = 0; i < 100; ++i) scores.add(i, 1e9 + i, 1e9 + 2 * i);
    QVERIFY(near(scores.pearson(), 1));
  }

  void theScatterIsBounded() {
    NumberScores scores(100000);
    for (int i = 0; i < 100000; ++i) scores.add(i, i, i);
    const Json points = scores.to_json().at("scatter");
    QVERIFY(points.size() > 300 && points.size() <= 500);
    QVERIFY(near(scores.pearson(), 1));
  }
};

QTEST_GUILESS_MAIN(NumberMetricsTest)
#include "number_metrics_test.moc"
