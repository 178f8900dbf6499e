#include "eval/metrics.h"

#include <cmath>
#include <nlohmann/json.hpp>
#include <numeric>

#include "base/error.h"

namespace luthier {

namespace {
double ratio(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

Json class_row(const std::string& name, const ClassScores& scores) {
  return {{"label", name},
          {"precision", scores.precision},
          {"recall", scores.recall},
          {"f1", scores.f1},
          {"support", scores.support}};
}
}  // namespace

ClassScores scores_of(std::int64_t right, std::int64_t truth, std::int64_t predicted) {
  ClassScores scores;
  scores.support = truth;
  scores.predicted = predicted;
  scores.precision = ratio(right, predicted);
  scores.recall = ratio(right, truth);
  scores.f1 = ratio(2 * right, predicted + truth);  // the harmonic mean, without its 0 / 0
  return scores;
}

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
  return scores_of(count(label, label), true_[static_cast<std::size_t>(label)],
                   predicted_[static_cast<std::size_t>(label)]);
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

double Confusion::matthews() const {
  const auto all = static_cast<double>(total_);
  double right = 0, met = 0, truths = 0, predictions = 0;
  for (std::int64_t label = 0; label < classes_; ++label) {
    const auto t = static_cast<double>(true_[static_cast<std::size_t>(label)]),
               p = static_cast<double>(predicted_[static_cast<std::size_t>(label)]);
    right += static_cast<double>(count(label, label));
    met += t * p;
    truths += t * t;
    predictions += p * p;
  }
  const double scale = std::sqrt(all * all - truths) * std::sqrt(all * all - predictions);
  return scale > 0 ? (right * all - met) / scale : 0;
}

Json Confusion::to_json(const std::vector<std::string>& names) const {
  Json rows = Json::array(), classes = Json::array();
  for (std::int64_t label = 0; label < classes_; ++label) {
    const auto first = counts_.begin() + static_cast<std::ptrdiff_t>(label * classes_);
    rows.push_back(std::vector<std::int64_t>(first, first + static_cast<std::ptrdiff_t>(classes_)));
    classes.push_back(class_row(names.at(static_cast<std::size_t>(label)), scores(label)));
  }
  return {{"labels", names}, {"confusion", rows}, {"classes", classes}};
}

LabelSetCounts::LabelSetCounts(std::int64_t classes)
    : right_(static_cast<std::size_t>(classes)),
      true_(static_cast<std::size_t>(classes)),
      predicted_(static_cast<std::size_t>(classes)) {}

void LabelSetCounts::add(const std::vector<bool>& truth, const std::vector<bool>& predicted) {
  for (std::size_t label = 0; label < right_.size(); ++label) {
    right_[label] += truth.at(label) && predicted.at(label);
    true_[label] += truth[label];
    predicted_[label] += predicted[label];
  }
  ++rows_;
  exact_ += truth == predicted;
}

ClassScores LabelSetCounts::scores(std::int64_t label) const {
  const auto i = static_cast<std::size_t>(label);
  return scores_of(right_.at(i), true_[i], predicted_[i]);
}

ClassScores LabelSetCounts::macro() const {
  ClassScores mean;
  const auto labels = static_cast<double>(right_.size());
  for (std::size_t label = 0; label < right_.size(); ++label) {
    const ClassScores one = scores(static_cast<std::int64_t>(label));
    mean.precision += one.precision / labels;
    mean.recall += one.recall / labels;
    mean.f1 += one.f1 / labels;
    mean.support += one.support;
    mean.predicted += one.predicted;
  }
  return mean;
}

ClassScores LabelSetCounts::micro() const {
  const auto sum = [](const std::vector<std::int64_t>& counts) {
    return std::accumulate(counts.begin(), counts.end(), std::int64_t{0});
  };
  return scores_of(sum(right_), sum(true_), sum(predicted_));
}

double LabelSetCounts::exact_match() const { return ratio(exact_, rows_); }

Json LabelSetCounts::to_json(const std::vector<std::string>& names) const {
  Json classes = Json::array();
  for (std::size_t label = 0; label < right_.size(); ++label)
    classes.push_back(class_row(names.at(label), scores(static_cast<std::int64_t>(label))));
  return {{"labels", names}, {"classes", classes}};
}

double TokenCounts::perplexity() const { return std::exp(loss()); }

}  // namespace luthier
