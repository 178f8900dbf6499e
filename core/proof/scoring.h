#pragma once
// How well held-out rows are answered: the same metrics of the live model's logits and of an artefact's.
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

namespace luthier {

/// A token whose truth is not known.
constexpr double kNotJudged = -100;

/// What is right for a row, by the name in reference.json:
///   label        a class
///   label_set    0 or 1 for every class
///   number       a number
///   tokens       a class or token for each token of the row
///   next_tokens  the same, each said by the position before it
///   spelling     the tokens that a recording's frames spell, see ctc blank
class Scores {
 public:
  virtual ~Scores() = default;
  /// `logits` [positions, width] of one row, or [width] and no positions; `truth` as above. Rows whose truth is of
  /// another length than the kind wants are left out.
  virtual void add(std::span<const float> logits, std::int64_t width, std::span<const std::int64_t> positions,
                   std::span<const double> truth) = 0;
  /// By the metric's name: loss (nats; of label_set a class's mean), accuracy, token_accuracy, f1 (micro), mse,
  /// token_error_rate. Empty while nothing was judged.
  virtual std::map<std::string, double> values() const = 0;
};

/// `blank`: of spelling, the token that stands for none. nullptr for the name "".
std::unique_ptr<Scores> make_scores(const std::string& kind, std::int64_t blank = 0);

/// The positions of a row whose logits say a known truth; none of kinds that do not go token by token.
std::vector<std::int64_t> judged_positions(const std::string& kind, std::span<const double> truth);

}  // namespace luthier
