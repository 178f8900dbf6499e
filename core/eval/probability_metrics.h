#pragma once
// Metrics of how sure a model is, not only of what it says: ROC AUC, calibration, top-k.
#include <array>
#include <cstdint>
#include <optional>
#include <span>
#include <utility>
#include <vector>

#include "base/json.h"

namespace luthier {

/// How often a row that has the label gets a higher score than one that has not, equal scores counting half: the area
/// under the ROC curve by the Mann-Whitney statistic. nullopt where all rows have it or none, or a score is no
/// number.
std::optional<double> roc_auc(std::vector<std::pair<double, bool>> scored);

/// Which of many rows are kept for metrics that need them all at once: every one while `rows` * `per_row` is at most
/// `most`, else a share chosen by the row's number alone, so that batches and their order do not matter.
class RowSample {
 public:
  RowSample(std::int64_t rows, std::int64_t per_row, std::int64_t most);
  bool takes(std::int64_t row) const;

 private:
  double share_;
};

/// Scores of labels over rows, for their ROC AUC. At most some 2 million scores are kept (16 MB): all rows of smaller
/// sets, a sample of larger ones.
class LabelScores {
 public:
  LabelScores(std::int64_t rows, std::int64_t labels);
  /// `scores` [L]; `has(label)` says which labels the row has.
  template <class Has>
  void add(std::int64_t row, std::span<const double> scores, Has has) {
    if (!sample_.takes(row)) return;
    scores_.insert(scores_.end(), scores.begin(), scores.end());
    for (std::size_t label = 0; label < scores.size(); ++label) has_.push_back(has(label));
  }
  /// One label against the rest, mean over the labels that some rows have and some have not (for two labels that is the
  /// binary one); nullopt when there is none.
  std::optional<double> macro_auc() const;

 private:
  std::size_t labels_;
  RowSample sample_;
  std::vector<double> scores_;
  std::vector<bool> has_;
};

/// Expected calibration error (Naeini et al. 2015, Guo et al. 2017) of the likeliest label: how far its probability is
/// from the share that is right, mean over the rows, which are put into 15 equal bins by probability.
class Calibration {
 public:
  void add(double probability, bool right);
  double error() const;
  /// [{"from", "to", "rows", "confidence", "accuracy"}] for bins that have rows.
  Json to_json() const;

 private:
  static constexpr std::size_t kBins = 15;
  struct Bin {
    double probabilities = 0;
    std::int64_t rows = 0, right = 0;
  };
  std::array<Bin, kBins> bins_{};
};

/// Whether fewer than `k` labels have a higher score than `label`; of equal ones the first count as higher.
bool in_top(std::span<const double> scores, std::size_t label, std::size_t k);

}  // namespace luthier
