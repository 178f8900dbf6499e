// ROC AUC, calibration, top-k and the counts of label sets. Numbers of the long cases are scikit-learn's, from
// tests/reference/label_metrics.py, which makes the same rows.
#include "eval/probability_metrics.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "eval/metrics.h"
#include "support/testing.h"

using namespace luthier;

namespace {

bool near(double a, double b) { return std::abs(a - b) < 1e-9; }

/// Four labels, 60 rows.
struct Row {
  std::size_t truth;
  std::vector<double> shares;
};

std::vector<Row> rows() {
  std::vector<Row> all;
  for (int i = 0; i < 60; ++i) {
    Row row{static_cast<std::size_t>((i * i + i / 5) % 4), {}};
    double sum = 0;
    for (std::size_t k = 0; k < 4; ++k) {
      const int step = static_cast<int>(k);
      row.shares.push_back(std::exp(((i * (11 + 3 * step) + step) % 13) / 4.0 + (row.truth == k) + step / 100.0));
      sum += row.shares.back();
    }
    for (double& share : row.shares) share /= sum;
    all.push_back(std::move(row));
  }
  return all;
}

std::size_t likeliest(const Row& row) {
  return static_cast<std::size_t>(std::max_element(row.shares.begin(), row.shares.end()) - row.shares.begin());
}

}  // namespace

class ProbabilityMetricsTest : public QObject {
  Q_OBJECT

 private Q_SLOTS:
  void rankingCountsPairs() {
    // with the label 0.8 0.4, without 0.4 0.1: 0.8 beats both, 0.4 beats one and ties one: 3.5 of 4
    QVERIFY(near(roc_auc({{0.8, true}, {0.4, true}, {0.4, false}, {0.1, false}}).value(), 3.5 / 4));
    QVERIFY(near(roc_auc({{1, true}, {0, false}}).value(), 1));
    QVERIFY(near(roc_auc({{0, true}, {1, false}}).value(), 0));
    QVERIFY(near(roc_auc({{1, true}, {1, false}, {1, true}}).value(), 0.5));
    QVERIFY(!roc_auc({{NAN, true}, {1, false}}));
    QVERIFY(!roc_auc({{1, true}}) && !roc_auc({{1, false}}) && !roc_auc({}));
  }

  void rankingAgreesWithScikitLearn() {
    std::vector<std::pair<double, bool>> scored;
    for (int i = 0; i < 60; ++i) {
      const bool has = (i * i + i / 7) % 7 < 3;
      scored.emplace_back(((i * 37) % 17 + 4 * has) / 20.0, has);
    }
    QVERIFY(near(roc_auc(scored).value(), 0.6997767857142857));
    std::reverse(scored.begin(), scored.end());
    QVERIFY(near(roc_auc(scored).value(), 0.6997767857142857));
    LabelScores kept(60, 4);
    std::int64_t number = 0;
    for (const Row& row : rows()) kept.add(number++, row.shares, [&](std::size_t label) { return row.truth == label; });
    QVERIFY(near(kept.macro_auc().value(), 0.8523272156084657));
  }

  void twoLabelsAreOneRanking() {
    LabelScores kept(4, 2);
    std::vector<std::pair<double, bool>> second;
    const double scores[] = {0.9, 0.2, 0.6, 0.7};
    for (std::int64_t i = 0; i < 4; ++i) {
      const std::vector<double> both = {1 - scores[i], scores[i]};
      kept.add(i, both, [&](std::size_t label) { return label == (i % 2 == 0 ? 1u : 0u); });
      second.emplace_back(scores[i], i % 2 == 0);
    }
    QVERIFY(near(kept.macro_auc().value(), roc_auc(second).value()));
  }

  void aLabelThatNoRowHasDoesNotCount() {
    LabelScores kept(3, 3);
    const std::vector<std::vector<double>> scores = {{0.7, 0.2, 0.1}, {0.3, 0.6, 0.1}, {0.5, 0.4, 0.1}};
    for (std::int64_t i = 0; i < 3; ++i)
      kept.add(i, scores[static_cast<std::size_t>(i)], [&](std::size_t label) { return label == (i == 1 ? 1u : 0u); });
    QVERIFY(near(kept.macro_auc().value(), 1));
    QVERIFY(!LabelScores(3, 3).macro_auc());
  }

  void aSampleHoldsItsShareAndForgetsTheOrder() {
    const RowSample all(1000, 2, 2000), some(100000, 10, 100000);
    std::int64_t taken = 0;
    for (std::int64_t row = 0; row < 100000; ++row) {
      if (row < 1000) QVERIFY(all.takes(row));
      taken += some.takes(row);
      QCOMPARE(some.takes(row), some.takes(row));
    }
    QVERIFY(std::abs(static_cast<double>(taken) - 10000) < 500);
  }

  void calibrationIsTheGapBetweenSaidAndRight() {
    Calibration calibration;  // bin 15: said 0.95 and 0.97, one right; bin 9 (0.533, 0.6]: said 0.6, right
    calibration.add(0.95, true);
    calibration.add(0.97, false);
    calibration.add(0.6, true);
    QVERIFY(near(calibration.error(), (2 * std::abs(0.96 - 0.5) + std::abs(0.6 - 1)) / 3));
    QCOMPARE(calibration.to_json().size(), std::size_t{2});
    QVERIFY(near(calibration.to_json()[1].at("accuracy").get<double>(), 0.5));
    Calibration sure;
    for (int i = 0; i < 5; ++i) sure.add(1, true);
    QVERIFY(near(sure.error(), 0));
    QVERIFY(near(Calibration().error(), 0));
  }

  void calibrationAndTopKAgreeWithTheReference() {
    Calibration calibration;
    Confusion confusion(4);
    int in_two = 0;
    for (const Row& row : rows()) {
      calibration.add(row.shares[likeliest(row)], likeliest(row) == row.truth);
      confusion.add(static_cast<std::int64_t>(row.truth), static_cast<std::int64_t>(likeliest(row)));
      in_two += in_top(row.shares, row.truth, 2);
      QCOMPARE(in_top(row.shares, row.truth, 1), likeliest(row) == row.truth);
      QVERIFY(in_top(row.shares, row.truth, 4));
    }
    QVERIFY(near(calibration.error(), 0.11511795207081062));
    QVERIFY(near(in_two / 60.0, 0.75));
    QVERIFY(near(confusion.matthews(), 0.47740570395523585));
  }

  void matthewsIsZeroForGuessingAndOneForPerfect() {
    Confusion perfect(3), guess(2);
    for (int i = 0; i < 9; ++i) perfect.add(i % 3, i % 3);
    for (int i = 0; i < 8; ++i) guess.add(i % 2, 0);
    QVERIFY(near(perfect.matthews(), 1));
    QVERIFY(near(guess.matthews(), 0));
    QVERIFY(near(Confusion(2).matthews(), 0));
    Confusion two(2);  // TP 6, TN 3, FP 1, FN 2: (18 - 2) / sqrt(7 * 8 * 4 * 5)
    for (const auto& [truth, said, times] : {std::tuple{1, 1, 6}, {0, 0, 3}, {0, 1, 1}, {1, 0, 2}})
      for (int i = 0; i < times; ++i) two.add(truth, said);
    QVERIFY(near(two.matthews(), 16 / std::sqrt(7.0 * 8 * 4 * 5)));
  }

  void labelSetsAgreeWithScikitLearn() {
    LabelSetCounts counts(4);
    for (int i = 0; i < 60; ++i) {
      std::vector<bool> has, given;
      for (int k = 0; k < 4; ++k) {
        has.push_back((i * (k + 2) + i / 3) % 5 < 2);
        given.push_back((i * (k + 2) + i / 4) % 5 < 2 && k != 3);
      }
      counts.add(has, given);
    }
    QVERIFY(near(counts.macro().f1, 0.33333333333333337));
    QVERIFY(near(counts.micro().f1, 0.391304347826087));
    QVERIFY(near(counts.exact_match(), 0.15));
    QCOMPARE(counts.to_json({"a", "b", "c", "d"}).at("classes")[3].at("f1").get<double>(), 0.0);
  }
};

QTEST_GUILESS_MAIN(ProbabilityMetricsTest)
#include "probability_metrics_test.moc"
