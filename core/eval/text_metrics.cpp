#include "eval/text_metrics.h"

#include <algorithm>
#include <cmath>
#include <numeric>
#include <unordered_map>
#include <vector>

#include "base/edit_distance.h"
#include "eval/text_pieces.h"

namespace luthier {

namespace {

double share(std::int64_t part, std::int64_t whole) {
  return whole > 0 ? static_cast<double>(part) / static_cast<double>(whole) : 0;
}

double f1_of(std::int64_t shared, std::size_t answer, std::size_t reference) {
  return share(2 * shared, static_cast<std::int64_t>(answer + reference));  // the harmonic mean of the two shares
}

std::size_t ngrams_of(std::size_t length, std::size_t n) { return length >= n ? length - n + 1 : 0; }

}  // namespace

std::int64_t edit_distance(std::u32string_view a, std::u32string_view b) {
  return static_cast<std::int64_t>(edits_between(a, b));
}

std::int64_t common_subsequence(std::u32string_view a, std::u32string_view b) {
  std::vector<std::int64_t> row(b.size() + 1);
  for (const char32_t letter : a) {
    std::int64_t diagonal = 0;
    for (std::size_t j = 0; j < b.size(); ++j) {
      const std::int64_t above = row[j + 1];
      row[j + 1] = letter == b[j] ? diagonal + 1 : std::max(above, row[j]);
      diagonal = above;
    }
  }
  return row.back();
}

std::int64_t shared_ngrams(std::u32string_view a, std::u32string_view b, std::size_t n) {
  std::unordered_map<std::u32string_view, std::int64_t> left;
  for (std::size_t i = 0; i < ngrams_of(a.size(), n); ++i) ++left[a.substr(i, n)];
  std::int64_t shared = 0;
  for (std::size_t i = 0; i < ngrams_of(b.size(), n); ++i) {
    const auto found = left.find(b.substr(i, n));
    if (found == left.end() || found->second == 0) continue;
    --found->second;
    ++shared;
  }
  return shared;
}

void Bleu::add(std::string_view answer, std::string_view reference) {
  const auto [said, meant] = numbered(tokens_13a(answer), tokens_13a(reference));
  for (std::size_t n = 1; n <= matches_.size(); ++n) {
    matches_[n - 1] += shared_ngrams(said, meant, n);
    totals_[n - 1] += static_cast<std::int64_t>(ngrams_of(said.size(), n));
  }
  answer_tokens_ += static_cast<std::int64_t>(said.size());
  reference_tokens_ += static_cast<std::int64_t>(meant.size());
}

double Bleu::score() const {
  if (std::accumulate(matches_.begin(), matches_.end(), std::int64_t{0}) == 0) return 0;
  double logs = 0, smoothing = 1;
  for (std::size_t n = 0; n < matches_.size(); ++n) {
    if (totals_[n] == 0) return 0;  // no answer has so many tokens
    double matches = static_cast<double>(matches_[n]);
    if (matches_[n] == 0) matches = 1 / (smoothing *= 2);  // Chen and Cherry 2014, as mteval-v13a does it
    logs += std::log(matches / static_cast<double>(totals_[n]));
  }
  const double brevity = answer_tokens_ < reference_tokens_
                             ? 1 - static_cast<double>(reference_tokens_) / static_cast<double>(answer_tokens_)
                             : 0;
  return 100 * std::exp(brevity + logs / static_cast<double>(matches_.size()));
}

void Chrf::add(std::string_view answer, std::string_view reference) {
  const std::u32string said = letters_of(answer, /*spaces=*/false), meant = letters_of(reference, /*spaces=*/false);
  for (std::size_t n = 1; n <= kOrders; ++n) {
    const auto in_reference = static_cast<std::int64_t>(ngrams_of(meant.size(), n));
    matches_[n - 1] += shared_ngrams(said, meant, n);
    if (in_reference > 0) answers_[n - 1] += static_cast<std::int64_t>(ngrams_of(said.size(), n));
    references_[n - 1] += in_reference;
  }
}

double Chrf::score(double beta) const {
  double precision = 0, recall = 0;
  int orders = 0;
  for (std::size_t n = 0; n < kOrders; ++n) {
    if (answers_[n] == 0 || references_[n] == 0) continue;
    precision += share(matches_[n], answers_[n]);
    recall += share(matches_[n], references_[n]);
    ++orders;
  }
  if (precision + recall == 0) return 0;
  precision /= orders;
  recall /= orders;
  const double factor = beta * beta;
  return 100 * (1 + factor) * precision * recall / (factor * precision + recall);
}

void Rouge::add(std::string_view answer, std::string_view reference) {
  const auto [said, meant] = numbered(rouge_tokens(answer), rouge_tokens(reference));
  one_ += f1_of(shared_ngrams(said, meant, 1), said.size(), meant.size());
  two_ += f1_of(shared_ngrams(said, meant, 2), ngrams_of(said.size(), 2), ngrams_of(meant.size(), 2));
  longest_ += f1_of(common_subsequence(said, meant), said.size(), meant.size());
  ++rows_;
}

void ErrorRate::add(std::u32string_view answer, std::u32string_view reference) {
  edits_ += edit_distance(answer, reference);
  length_ += static_cast<std::int64_t>(reference.size());
}

double ErrorRate::rate() const {
  if (length_ == 0) return edits_ > 0 ? 1 : 0;
  return share(edits_, length_);
}

void TextScores::add(std::string_view answer, std::string_view reference) {
  bleu_.add(answer, reference);
  chrf_.add(answer, reference);
  rouge_.add(answer, reference);
  const auto [said, meant] = numbered(words_of(answer), words_of(reference));
  words_.add(said, meant);
  const std::string answer_text = trimmed(answer), reference_text = trimmed(reference);
  letters_.add(letters_of(answer_text), letters_of(reference_text));
  exact_ += answer_text == reference_text;
  ++rows_;
}

}  // namespace luthier
