#include "eval/metrics.h"

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace luthier {

namespace {
double ratio(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}
}  // namespace

Confusion::Confusion(std::int64_t classes)
    : classes_(classes),
      counts_(static_cast<std::size_t>(classes * classes)),
      true_(static_cast<std::size_t>(classes)),
      predicted_(static_cast<std::size_t>(classes)) {}

void Confusion::add(std::int64_t truth, std::int64_t predicted) {
  if (truth < 0 || truth >= classes_ || predicted < 0 || predicted >= classes_)
    fail(ErrorKind::internal, "label " + std::to_string(truth) + " or prediction " + std::to_string(predicted) +
                                  " is not one of " + std::to_string(classes_) + " classes");
  ++counts_[static_cast<std::size_t>(truth * classes_ + predicted)];
  ++true_[static_cast<std::size_t>(truth)];
  ++predicted_[static_cast<std::size_t>(predicted)];
  ++total_;
}

std::int64_t Confusion::count(std::int64_t truth, std::int64_t predicted) const {
  return counts_.at(static_cast<std::size_t>(truth * classes_ + predicted));
}

double Confusion::accuracy() const {
  std::int64_t right = 0;
  for (std::int64_t label = 0; label < classes_; ++label) right += count(label, label);
  return ratio(right, total_);
}

ClassScores Confusion::scores(std::int64_t label) const {
  ClassScores scores;
  const std::int64_t right = count(label, label);
  scores.support = true_[static_cast<std::size_t>(label)];
  scores.predicted = predicted_[static_cast<std::size_t>(label)];
  scores.precision = ratio(right, scores.predicted);
  scores.recall = ratio(right, scores.support);
  scores.f1 = ratio(2 * right, scores.predicted + scores.support);  // the harmonic mean, without its 0 / 0
  return scores;
}

ClassScores Confusion::macro(std::int64_t without) const {
  ClassScores mean;
  std::int64_t seen = 0;
  for (std::int64_t label = 0; label < classes_; ++label) {
    const ClassScores one = scores(label);
    if (label == without || one.support + one.predicted == 0) continue;
    ++seen;
    mean.precision += one.precision;
    mean.recall += one.recall;
    mean.f1 += one.f1;
    mean.support += one.support;
    mean.predicted += one.predicted;
  }
  if (seen == 0) return mean;
  mean.precision /= static_cast<double>(seen);
  mean.recall /= static_cast<double>(seen);
  mean.f1 /= static_cast<double>(seen);
  return mean;
}

Json Confusion::to_json(const std::vector<std::string>& names) const {
  Json rows = Json::array(), classes = Json::array();
  for (std::int64_t label = 0; label < classes_; ++label) {
    const auto first = counts_.begin() + static_cast<std::ptrdiff_t>(label * classes_);
    rows.push_back(std::vector<std::int64_t>(first, first + static_cast<std::ptrdiff_t>(classes_)));
    const ClassScores one = scores(label);
    classes.push_back({{"label", names.at(static_cast<std::size_t>(label))},
                       {"precision", one.precision},
                       {"recall", one.recall},
                       {"f1", one.f1},
                       {"support", one.support}});
  }
  return {{"labels", names}, {"confusion", rows}, {"classes", classes}};
}

double TokenCounts::perplexity() const { return std::exp(loss()); }

}  // namespace luthier
