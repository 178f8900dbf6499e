#pragma once
// How near texts come to their references, gathered row by row: counts alone are kept. Each metric equals its tool's
// default for one reference a row.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

namespace luthier {

/// Single letters (or words, as letters) to insert, delete or replace to turn `a` into `b` (Levenshtein 1966).
std::int64_t edit_distance(std::u32string_view a, std::u32string_view b);
/// Length of the longest common subsequence.
std::int64_t common_subsequence(std::u32string_view a, std::u32string_view b);
/// How many n-grams of `a` stand in `b` as well, each at most as often as there.
std::int64_t shared_ngrams(std::u32string_view a, std::u32string_view b, std::size_t n);

/// Corpus BLEU (Papineni et al. 2002) as sacreBLEU gives it: 13a tokens, up to 4-grams, exponential smoothing, brevity
/// penalty, case kept.
class Bleu {
 public:
  void add(std::string_view answer, std::string_view reference);
  double score() const;  ///< 0 to 100

 private:
  std::array<std::int64_t, 4> matches_{}, totals_{};
  std::int64_t answer_tokens_ = 0, reference_tokens_ = 0;
};

/// Corpus chrF (Popović 2015) as sacreBLEU gives it: 1- to 6-grams of letters without white space; orders that no row
/// is long enough for do not count.
class Chrf {
 public:
  void add(std::string_view answer, std::string_view reference);
  /// 0 to 100; recall counts `beta` times as much as precision.
  double score(double beta = 2) const;

 private:
  static constexpr std::size_t kOrders = 6;
  std::array<std::int64_t, kOrders> matches_{}, answers_{}, references_{};
};

/// F1 of shared words, word pairs, and the longest common subsequence (Lin 2004), mean over rows, 0 to 1; as
/// rouge_score gives them without stemming.
class Rouge {
 public:
  void add(std::string_view answer, std::string_view reference);
  double rouge1() const { return mean(one_); }
  double rouge2() const { return mean(two_); }
  double rouge_l() const { return mean(longest_); }

 private:
  double mean(double sum) const { return rows_ > 0 ? sum / static_cast<double>(rows_) : 0; }
  double one_ = 0, two_ = 0, longest_ = 0;
  std::int64_t rows_ = 0;
};

/// Edits over the references' length, all rows together, as jiwer gives them. Without any reference: 0 when nothing was
/// said, else 1.
class ErrorRate {
 public:
  void add(std::u32string_view answer, std::u32string_view reference);
  double rate() const;

 private:
  std::int64_t edits_ = 0, length_ = 0;
};

/// All of them over the same rows.
class TextScores {
 public:
  void add(std::string_view answer, std::string_view reference);
  std::int64_t rows() const { return rows_; }
  /// Of the share 0 to 1 whose answer is the reference but for white space at the ends.
  double exact_match() const { return rows_ > 0 ? static_cast<double>(exact_) / static_cast<double>(rows_) : 0; }
  const Bleu& bleu() const { return bleu_; }
  const Chrf& chrf() const { return chrf_; }
  const Rouge& rouge() const { return rouge_; }
  double word_error_rate() const { return words_.rate(); }
  double character_error_rate() const { return letters_.rate(); }

 private:
  Bleu bleu_;
  Chrf chrf_;
  Rouge rouge_;
  ErrorRate words_, letters_;
  std::int64_t rows_ = 0, exact_ = 0;
};

}  // namespace luthier
