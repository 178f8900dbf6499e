#include "eval/probability_metrics.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/random.h"

namespace luthier {

namespace {
constexpr std::int64_t kMostScores = std::int64_t{1} << 21;
constexpr std::uint64_t kSampleStream = 0x73616d70;
}  // namespace

std::optional<double> roc_auc(std::vector<std::pair<double, bool>> scored) {
  for (const auto& [score, has] : scored)
    if (std::isnan(score)) return std::nullopt;  // has no place in an order
  std::sort(scored.begin(), scored.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  double wins = 0, below = 0, positives = 0;
  for (std::size_t i = 0; i < scored.size();) {
    double with = 0, without = 0;
    const double score = scored[i].first;
    for (; i < scored.size() && scored[i].first == score; ++i) ++(scored[i].second ? with : without);
    wins += with * (below + without / 2);
    below += without;
    positives += with;
  }
  if (positives == 0 || below == 0) return std::nullopt;
  return wins / (positives * below);
}

RowSample::RowSample(std::int64_t rows, std::int64_t per_row, std::int64_t most)
    : share_(static_cast<double>(most) / (static_cast<double>(std::max<std::int64_t>(1, rows)) *
                                          static_cast<double>(std::max<std::int64_t>(1, per_row)))) {}

bool RowSample::takes(std::int64_t row) const {
  if (share_ >= 1) return true;
  return Random(kSampleStream, 0, static_cast<std::uint64_t>(row)).uniform() < share_;
}

LabelScores::LabelScores(std::int64_t rows, std::int64_t labels)
    : labels_(static_cast<std::size_t>(labels)), sample_(rows, labels, kMostScores) {}

std::optional<double> LabelScores::macro_auc() const {
  double sum = 0;
  int defined = 0;
  std::vector<std::pair<double, bool>> column(labels_ > 0 ? scores_.size() / labels_ : 0);
  for (std::size_t label = 0; label < labels_; ++label) {
    for (std::size_t row = 0; row < column.size(); ++row)
      column[row] = {scores_[row * labels_ + label], has_[row * labels_ + label]};
    const std::optional<double> area = roc_auc(column);
    if (!area) continue;
    sum += *area;
    ++defined;
  }
  if (defined == 0) return std::nullopt;
  return sum / defined;
}

void Calibration::add(double probability, bool right) {
  const double place = std::ceil(probability * static_cast<double>(kBins)) - 1;  // bins are (from, to]
  const auto index = static_cast<std::size_t>(std::clamp(place, 0.0, static_cast<double>(kBins - 1)));
  Bin& bin = bins_[std::isnan(probability) ? 0 : index];
  bin.probabilities += probability;
  ++bin.rows;
  bin.right += right;
}

double Calibration::error() const {
  double off = 0;
  std::int64_t rows = 0;
  for (const Bin& bin : bins_) {
    off += std::abs(bin.probabilities - static_cast<double>(bin.right));
    rows += bin.rows;
  }
  return rows > 0 ? off / static_cast<double>(rows) : 0;
}

Json Calibration::to_json() const {
  Json bins = Json::array();
  for (std::size_t i = 0; i < kBins; ++i) {
    const Bin& bin = bins_[i];
    if (bin.rows == 0) continue;
    const auto rows = static_cast<double>(bin.rows);
    bins.push_back({{"from", static_cast<double>(i) / kBins},
                    {"to", static_cast<double>(i + 1) / kBins},
                    {"rows", bin.rows},
                    {"confidence", bin.probabilities / rows},
                    {"accuracy", static_cast<double>(bin.right) / rows}});
  }
  return bins;
}

bool in_top(std::span<const double> scores, std::size_t label, std::size_t k) {
  std::size_t higher = 0;
  for (std::size_t other = 0; other < scores.size(); ++other)
    higher += scores[other] > scores[label] || (scores[other] == scores[label] && other < label);
  return higher < k;
}

}  // namespace luthier
