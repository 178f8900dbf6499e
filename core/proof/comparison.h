#pragma once
// How far two sets of logits are apart, and how far they may be.
#include <cstdint>
#include <span>
#include <string>

namespace luthier {

/// Gathers rows of logits, `width` numbers each, of equal count.
class Comparison {
 public:
  /// bad_input when the counts differ.
  void add(std::span<const float> expected, std::span<const float> found, std::int64_t width);

  std::int64_t positions() const { return positions_; }
  double max_abs_difference() const { return max_difference_; }
  double relative_difference() const;  ///< the largest difference over the largest expected logit
  double agreement() const;            ///< share of positions with the same highest logit
  double kl() const;                   ///< mean KL(expected || found) in nats
  bool finite() const { return finite_; }

 private:
  std::int64_t positions_ = 0, agreeing_ = 0;
  double max_difference_ = 0, largest_ = 0, kl_sum_ = 0;
  bool finite_ = true;
};

/// What a number type allows, and why.
struct Limit {
  double relative_difference = 0;  ///< largest
  double agreement = 0;            ///< smallest share of positions with the same highest logit; 0: not looked at
  std::string reason;
  double answers = 0;  ///< smallest share of whole answers that are the same; 0: not looked at
};
/// fp32, fp16 or bf16 in formats that LibTorch reads; with `format` gguf the types of gguf_types().
Limit limit_of(const std::string& precision, const std::string& format = {});

/// The next number type with more bits that a format is written in; "" where there is none.
std::string more_exact(const std::string& precision, const std::string& format = {});

}  // namespace luthier
