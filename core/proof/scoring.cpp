#include "proof/scoring.h"

#include <algorithm>
#include <cmath>

#include "base/edit_distance.h"
#include "base/error.h"
#include "proof/logits.h"

namespace luthier {

namespace {

using Logits = std::span<const float>;
using Values = std::map<std::string, double>;

/// Classes of rows or tokens.
class ClassScores : public Scores {
 public:
  ClassScores(bool of_tokens, std::size_t shift) : of_tokens_(of_tokens), shift_(shift) {}

  void add(Logits logits, std::int64_t width, std::span<const std::int64_t> positions,
           std::span<const double> truth) override {
    const auto columns = static_cast<std::size_t>(width);
    if (!of_tokens_) {
      if (truth.size() == 1 && logits.size() == columns) judge(logits, truth[0]);
      return;
    }
    for (std::size_t i = 0; i < positions.size() && (i + 1) * columns <= logits.size(); ++i) {
      const std::size_t at = static_cast<std::size_t>(positions[i]) + shift_;
      if (at < truth.size()) judge(logits.subspan(i * columns, columns), truth[at]);
    }
  }

  Values values() const override {
    if (count_ == 0) return {};
    const auto count = static_cast<double>(count_);
    return {{"loss", loss_ / count}, {of_tokens_ ? "token_accuracy" : "accuracy", static_cast<double>(right_) / count}};
  }

 private:
  void judge(Logits row, double truth) {
    if (!(truth >= 0) || truth >= static_cast<double>(row.size())) return;
    const auto right = static_cast<std::size_t>(truth);
    loss_ += log_sum_exp(row) - row[right];
    right_ += likeliest(row) == right;
    ++count_;
  }

  bool of_tokens_;
  std::size_t shift_;
  double loss_ = 0;
  std::int64_t right_ = 0, count_ = 0;
};

class LabelSetScores : public Scores {
 public:
  void add(Logits logits, std::int64_t, std::span<const std::int64_t>, std::span<const double> truth) override {
    if (truth.size() != logits.size()) return;
    for (std::size_t i = 0; i < truth.size(); ++i) {
      const double x = logits[i];
      loss_ += std::max(x, 0.0) - x * truth[i] + std::log1p(std::exp(-std::abs(x)));
      hits_ += x > 0 && truth[i] > 0;
      said_ += x > 0;
      true_ += truth[i] > 0;
      ++count_;
    }
  }

  Values values() const override {
    if (count_ == 0) return {};
    const auto named = static_cast<double>(std::max<std::int64_t>(1, said_ + true_));
    return {{"loss", loss_ / static_cast<double>(count_)}, {"f1", 2 * static_cast<double>(hits_) / named}};
  }

 private:
  double loss_ = 0;
  std::int64_t hits_ = 0, said_ = 0, true_ = 0, count_ = 0;
};

class NumberScores : public Scores {
 public:
  void add(Logits logits, std::int64_t, std::span<const std::int64_t>, std::span<const double> truth) override {
    if (truth.size() != 1 || logits.size() != 1) return;
    squares_ += (logits[0] - truth[0]) * (logits[0] - truth[0]);
    ++count_;
  }

  Values values() const override {
    return count_ == 0 ? Values() : Values{{"mse", squares_ / static_cast<double>(count_)}};
  }

 private:
  double squares_ = 0;
  std::int64_t count_ = 0;
};

/// What frames spell: the likeliest token of each, repeated ones once, blanks left out (Graves et al. 2006).
class SpellingScores : public Scores {
 public:
  explicit SpellingScores(std::int64_t blank) : blank_(static_cast<std::size_t>(blank)) {}

  void add(Logits logits, std::int64_t width, std::span<const std::int64_t>, std::span<const double> truth) override {
    const auto columns = static_cast<std::size_t>(std::max<std::int64_t>(1, width));
    if (truth.empty()) return;
    std::vector<std::size_t> said, right;
    std::size_t last = blank_;
    for (std::size_t first = 0; first + columns <= logits.size(); first += columns) {
      const std::size_t token = likeliest(logits.subspan(first, columns));
      if (token != blank_ && token != last) said.push_back(token);
      last = token;
    }
    for (const double token : truth) right.push_back(static_cast<std::size_t>(std::max(0.0, token)));
    wrong_ += edits_between(said, right);
    tokens_ += right.size();
  }

  Values values() const override {
    if (tokens_ == 0) return {};
    return {{"token_error_rate", static_cast<double>(wrong_) / static_cast<double>(tokens_)}};
  }

 private:
  std::size_t blank_, wrong_ = 0, tokens_ = 0;
};

}  // namespace

std::unique_ptr<Scores> make_scores(const std::string& kind, std::int64_t blank) {
  if (kind.empty()) return nullptr;
  if (kind == "label") return std::make_unique<ClassScores>(/*of_tokens=*/false, 0);
  if (kind == "tokens") return std::make_unique<ClassScores>(/*of_tokens=*/true, 0);
  if (kind == "next_tokens") return std::make_unique<ClassScores>(/*of_tokens=*/true, 1);
  if (kind == "label_set") return std::make_unique<LabelSetScores>();
  if (kind == "number") return std::make_unique<NumberScores>();
  if (kind == "spelling") return std::make_unique<SpellingScores>(blank);
  fail(ErrorKind::bad_input, "nobody knows how rows of the kind \"" + kind + "\" are judged", "scores",
       "export the model again");
}

std::vector<std::int64_t> judged_positions(const std::string& kind, std::span<const double> truth) {
  std::vector<std::int64_t> positions;
  const std::size_t shift = kind == "next_tokens" ? 1 : 0;
  if (kind != "tokens" && kind != "next_tokens") return positions;
  for (std::size_t i = shift; i < truth.size(); ++i)
    if (truth[i] >= 0) positions.push_back(static_cast<std::int64_t>(i - shift));
  return positions;
}

}  // namespace luthier
