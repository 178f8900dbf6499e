#pragma once
// How near predicted numbers come to the true ones.
#include <cstdint>
#include <span>
#include <utility>
#include <vector>

#include "base/json.h"
#include "eval/probability_metrics.h"

namespace luthier {

/// Ranks from 1; equal values share the mean of theirs.
std::vector<double> ranks_of(std::span<const double> values);
/// Pearson's correlation; 0 where one side is all equal (there it has no value).
double pearson(std::span<const double> a, std::span<const double> b);

/// Pairs of a predicted and a true number, gathered row by row. Pearson and the squared error are running sums
/// (Welford's); Spearman keeps up to a million pairs (16 MB): all rows of smaller sets, a sample of larger ones.
class NumberScores {
 public:
  explicit NumberScores(std::int64_t rows);
  void add(std::int64_t row, double predicted, double truth);
  double mean_squared_error() const;
  double pearson() const;   ///< 0 where one side is all equal
  double spearman() const;  ///< Pearson's of the ranks
  /// {"scatter": [[truth, predicted]]}, at most 500 of the rows.
  Json to_json() const;

 private:
  RowSample kept_, shown_;
  std::int64_t count_ = 0;
  double mean_predicted_ = 0, mean_truth_ = 0, square_predicted_ = 0, square_truth_ = 0, product_ = 0, errors_ = 0;
  std::vector<double> predicted_, truth_;
  std::vector<std::pair<std::int64_t, std::pair<double, double>>> scatter_;  ///< row, (truth, predicted)
};

}  // namespace luthier
