#include "eval/number_metrics.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

namespace luthier {

namespace {

constexpr std::int64_t kMostPairs = 1'000'000, kShownPairs = 500;

double correlation(double product, double square_a, double square_b) {
  const double scale = std::sqrt(square_a) * std::sqrt(square_b);
  // Rounding leaves a trace of variance where all values are equal, and lets a perfect one pass 1.
  if (!(scale > 0)) return std::isnan(scale) ? scale : 0;
  return std::clamp(product / scale, -1.0, 1.0);
}

}  // namespace

std::vector<double> ranks_of(std::span<const double> values) {
  std::vector<std::size_t> order(values.size());
  std::iota(order.begin(), order.end(), 0);
  std::sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) { return values[a] < values[b]; });
  std::vector<double> ranks(values.size());
  for (std::size_t i = 0; i < order.size();) {
    std::size_t end = i + 1;
    while (end < order.size() && values[order[end]] == values[order[i]]) ++end;
    const double rank = static_cast<double>(i + 1 + end) / 2;
    for (; i < end; ++i) ranks[order[i]] = rank;
  }
  return ranks;
}

double pearson(std::span<const double> a, std::span<const double> b) {
  if (a.empty()) return 0;
  const auto count = static_cast<double>(a.size());
  const double mean_a = std::accumulate(a.begin(), a.end(), 0.0) / count,
               mean_b = std::accumulate(b.begin(), b.end(), 0.0) / count;
  double product = 0, square_a = 0, square_b = 0;
  for (std::size_t i = 0; i < a.size(); ++i) {
    product += (a[i] - mean_a) * (b[i] - mean_b);
    square_a += (a[i] - mean_a) * (a[i] - mean_a);
    square_b += (b[i] - mean_b) * (b[i] - mean_b);
  }
  return correlation(product, square_a, square_b);
}

NumberScores::NumberScores(std::int64_t rows) : kept_(rows, 1, kMostPairs), shown_(rows, 1, kShownPairs) {}

void NumberScores::add(std::int64_t row, double predicted, double truth) {
  ++count_;
  errors_ += (predicted - truth) * (predicted - truth);
  const double from_predicted = predicted - mean_predicted_, from_truth = truth - mean_truth_;
  mean_predicted_ += from_predicted / static_cast<double>(count_);
  mean_truth_ += from_truth / static_cast<double>(count_);
  square_predicted_ += from_predicted * (predicted - mean_predicted_);
  square_truth_ += from_truth * (truth - mean_truth_);
  product_ += from_predicted * (truth - mean_truth_);
  if (kept_.takes(row)) {
    predicted_.push_back(predicted);
    truth_.push_back(truth);
  }
  if (shown_.takes(row) && std::cmp_less(scatter_.size(), kShownPairs)) scatter_.push_back({row, {truth, predicted}});
}

double NumberScores::mean_squared_error() const { return count_ > 0 ? errors_ / static_cast<double>(count_) : 0; }

double NumberScores::pearson() const { return correlation(product_, square_predicted_, square_truth_); }

double NumberScores::spearman() const {
  // Without an order there is no correlation, only NaN that sorts at random.
  for (const double value : predicted_)
    if (std::isnan(value)) return value;
  return luthier::pearson(ranks_of(predicted_), ranks_of(truth_));
}

Json NumberScores::to_json() const {
  auto rows = scatter_;
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
  Json points = Json::array();
  for (const auto& [row, point] : rows) points.push_back({point.first, point.second});
  return {{"scatter", std::move(points)}};
}

}  // namespace luthier
