#pragma once
// Counts that metrics are made of, gathered while rows stream by: memory depends on the number of classes alone.
#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"

namespace luthier {

struct ClassScores {
  double precision = 0, recall = 0, f1 = 0;
  std::int64_t support = 0;    ///< rows that have the label
  std::int64_t predicted = 0;  ///< rows that were given it
};
/// Of counts; 0 where there is nothing to divide by.
ClassScores scores_of(std::int64_t right, std::int64_t truth, std::int64_t predicted);

/// How often a true label met a predicted one. A score whose denominator is 0 is 0, as scikit-learn's zero_division=0.
class Confusion {
 public:
  explicit Confusion(std::int64_t classes);

  /// Both from 0 to classes - 1; internal error otherwise.
  void add(std::int64_t truth, std::int64_t predicted);

  std::int64_t classes() const { return classes_; }
  std::int64_t count(std::int64_t truth, std::int64_t predicted) const;
  std::int64_t total() const { return total_; }
  double accuracy() const;
  ClassScores scores(std::int64_t label) const;
  /// The unweighted mean over the labels that occur among truths or predictions (scikit-learn's average="macro"),
  /// `without` (an index, -1: none) left out; `support` and `predicted` are sums over them.
  ClassScores macro(std::int64_t without = -1) const;
  /// Matthews correlation of any number of classes (Gorodkin 2004), as scikit-learn's matthews_corrcoef; 0 where one
  /// side is all one label.
  double matthews() const;

  /// {"labels": [...], "confusion": [true][predicted], "classes": [{"label", "precision", "recall", "f1", "support"}]}
  Json to_json(const std::vector<std::string>& names) const;

 private:
  std::int64_t classes_, total_ = 0;
  std::vector<std::int64_t> counts_, true_, predicted_;
};

/// Labels that a row may have any number of, each counted by itself.
class LabelSetCounts {
 public:
  explicit LabelSetCounts(std::int64_t classes);
  /// One row: which labels it has and which it was given, [classes] each.
  void add(const std::vector<bool>& truth, const std::vector<bool>& predicted);
  ClassScores scores(std::int64_t label) const;
  /// Mean over all labels (scikit-learn's average="macro" with zero_division=0), and of all rows and labels together.
  ClassScores macro() const;
  ClassScores micro() const;
  /// Share of rows whose every label is right.
  double exact_match() const;
  /// {"labels", "classes"} as Confusion::to_json, without a matrix.
  Json to_json(const std::vector<std::string>& names) const;

 private:
  std::vector<std::int64_t> right_, true_, predicted_;
  std::int64_t rows_ = 0, exact_ = 0;
};

/// A mean of what carries loss, and the share of it that was predicted right.
struct TokenCounts {
  double loss_sum = 0;
  std::int64_t weight = 0;  ///< rows or tokens that carry loss
  std::int64_t right = 0;

  double loss() const { return weight > 0 ? loss_sum / static_cast<double>(weight) : 0; }
  double accuracy() const { return weight > 0 ? static_cast<double>(right) / static_cast<double>(weight) : 0; }
  double perplexity() const;  ///< exp(loss)
};

}  // namespace luthier
