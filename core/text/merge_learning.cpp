#include "text/merge_learning.h"

#include <algorithm>
#include <limits>
#include <map>
#include <unordered_map>

#include "text/pair_table.h"
#include "text/string_table.h"
#include "text/unicode.h"

namespace luthier::text {

namespace {

/// A pair that could be merged next, with the words it was seen in. Its count may be out of date.
struct MergeCandidate {
  std::int64_t count = 0;
  std::uint64_t pair = 0;
  std::vector<std::uint32_t> words;

  bool operator<(const MergeCandidate& other) const {  // a heap's top is the largest
    return count != other.count ? count < other.count : pair > other.pair;
  }
};

class Learner {
 public:
  Learner(const std::vector<WordCount>& words, const MergeOptions& options) : words_(words), options_(options) {}

  LearnedVocabulary learn(const std::function<void(double)>& progress) {
    for (const std::string& token : options_.special_tokens) id_for(token);
    add_alphabet();
    spell_words();
    count_pairs();
    merge_pairs(progress);
    return finish();
  }

 private:
  std::uint32_t id_for(const std::string& token) {
    if (const auto* known = ids_.find(token)) return *known;
    const auto id = static_cast<std::uint32_t>(result_.tokens.size());
    ids_.insert(token, id);
    result_.tokens.push_back(token);
    return id;
  }

  void add_alphabet() {
    std::map<char32_t, std::int64_t> counts;
    for (const WordCount& word : words_)
      for (const char *at = word.word.data(), *end = at + word.word.size(); at < end;)
        counts[next_code_point(at)] += word.count;
    for (const char32_t c : options_.alphabet) counts[c] = std::numeric_limits<std::int64_t>::max();
    std::vector<std::pair<char32_t, std::int64_t>> kept(counts.begin(), counts.end());
    const auto most = static_cast<std::size_t>(options_.most_characters);
    if (most > 0 && kept.size() > most) {
      std::stable_sort(kept.begin(), kept.end(), [](const auto& a, const auto& b) { return a.second > b.second; });
      kept.resize(most);
      std::sort(kept.begin(), kept.end());
    }
    for (const auto& [c, ignored] : kept) id_for(to_utf8(c));
  }

  /// Words as ids of their characters; characters outside the alphabet are left out.
  void spell_words() {
    spelled_.resize(words_.size());
    for (std::size_t i = 0; i < words_.size(); ++i) {
      const std::string& word = words_[i].word;
      for (std::size_t at = 0; at < word.size();) {
        const std::size_t length = sequence_length(word[at]);
        const std::string c = word.substr(at, length);
        if (const auto* known = ids_.find(c))
          spelled_[i].push_back(at == 0 || options_.continuing_prefix.empty() ? *known
                                                                              : id_for(options_.continuing_prefix + c));
        at += length;
      }
    }
  }

  void count_pairs() {
    std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> seen;
    for (std::size_t i = 0; i < spelled_.size(); ++i)
      for (std::size_t k = 0; k + 1 < spelled_[i].size(); ++k) {
        const std::uint64_t pair = pair_of(spelled_[i][k], spelled_[i][k + 1]);
        counts_[pair] += words_[i].count;
        note(seen[pair], i);
      }
    queue(seen);
  }

  static void note(std::vector<std::uint32_t>& words, std::size_t word) {
    if (words.empty() || words.back() != word) words.push_back(static_cast<std::uint32_t>(word));
  }

  void queue(std::unordered_map<std::uint64_t, std::vector<std::uint32_t>>& seen) {
    for (auto& [pair, words] : seen) {
      const std::int64_t count = counts_[pair];
      if (count <= 0) continue;
      heap_.push_back({count, pair, std::move(words)});
      std::push_heap(heap_.begin(), heap_.end());
    }
    seen.clear();
  }

  void merge_pairs(const std::function<void(double)>& progress) {
    std::unordered_map<std::uint64_t, std::vector<std::uint32_t>> seen;
    const auto start = static_cast<double>(result_.tokens.size());
    while (static_cast<std::int64_t>(result_.tokens.size()) < options_.size && !heap_.empty()) {
      std::pop_heap(heap_.begin(), heap_.end());
      MergeCandidate top = std::move(heap_.back());
      heap_.pop_back();
      if (const std::int64_t count = counts_[top.pair]; count != top.count) {
        top.count = count;
        heap_.push_back(std::move(top));
        std::push_heap(heap_.begin(), heap_.end());
        continue;
      }
      if (top.count < 1 || top.count < options_.min_frequency) break;
      const auto left = static_cast<std::uint32_t>(top.pair >> 32), right = static_cast<std::uint32_t>(top.pair);
      std::string_view rest = result_.tokens[right];
      if (rest.starts_with(options_.continuing_prefix)) rest.remove_prefix(options_.continuing_prefix.size());
      const std::uint32_t merged = id_for(result_.tokens[left] + std::string(rest));
      merges_.push_back(top.pair);
      for (const std::uint32_t word : top.words) merge_in(word, left, right, merged, seen);
      queue(seen);
      if (progress && merges_.size() % 256 == 0)
        progress((static_cast<double>(result_.tokens.size()) - start) /
                 std::max(1.0, static_cast<double>(options_.size) - start));
    }
  }

  /// Merges a pair in one word and moves the counts of its neighbours.
  void merge_in(std::uint32_t word, std::uint32_t left, std::uint32_t right, std::uint32_t merged,
                std::unordered_map<std::uint64_t, std::vector<std::uint32_t>>& seen) {
    auto& symbols = spelled_[word];
    const std::int64_t count = words_[word].count;
    const auto appears = [&](std::uint64_t pair) {
      counts_[pair] += count;
      note(seen[pair], word);
    };
    std::size_t out = 0;
    for (std::size_t i = 0; i < symbols.size(); ++i) {
      if (i + 1 >= symbols.size() || symbols[i] != left || symbols[i + 1] != right) {
        symbols[out++] = symbols[i];
        continue;
      }
      if (out > 0) {
        counts_[pair_of(symbols[out - 1], left)] -= count;
        appears(pair_of(symbols[out - 1], merged));
      }
      symbols[out++] = merged;
      if (i + 2 < symbols.size()) {
        counts_[pair_of(right, symbols[i + 2])] -= count;
        appears(pair_of(merged, symbols[i + 2]));
      }
      ++i;
    }
    symbols.resize(out);
  }

  /// A pair that was merged twice (it had come back with another token) keeps its last rank.
  LearnedVocabulary finish() {
    std::unordered_map<std::uint64_t, std::size_t> last;
    for (std::size_t i = 0; i < merges_.size(); ++i) last[merges_[i]] = i;
    for (std::size_t i = 0; i < merges_.size(); ++i)
      if (last[merges_[i]] == i)
        result_.merges.emplace_back(result_.tokens[merges_[i] >> 32],
                                    result_.tokens[static_cast<std::uint32_t>(merges_[i])]);
    return std::move(result_);
  }

  const std::vector<WordCount>& words_;
  const MergeOptions& options_;
  LearnedVocabulary result_;
  StringTable ids_;
  std::vector<std::vector<std::uint32_t>> spelled_;
  PairTable<std::int64_t> counts_;
  std::vector<MergeCandidate> heap_;
  std::vector<std::uint64_t> merges_;
};

}  // namespace

LearnedVocabulary learn_merges(const std::vector<WordCount>& words, const MergeOptions& options,
                               const std::function<void(double)>& progress) {
  return Learner(words, options).learn(progress);
}

}  // namespace luthier::text
