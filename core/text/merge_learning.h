#pragma once
// Learning merges from word counts (Sennrich et al. 2016) with counts kept up to date instead of taken anew.
#include <cstdint>
#include <functional>
#include <string>
#include <utility>
#include <vector>

namespace luthier::text {

struct WordCount {
  std::string word;
  std::int64_t count = 0;
};

struct MergeOptions {
  std::int64_t size = 0;                    ///< tokens to end with
  std::int64_t min_frequency = 0;           ///< of a pair
  std::vector<std::string> special_tokens;  ///< take the first ids
  std::u32string alphabet;                  ///< characters to hold in any case
  std::int64_t most_characters = 0;         ///< keep only the most frequent ones; 0: all
  std::string continuing_prefix;            ///< "##": marks what is not at a word's start
};

struct LearnedVocabulary {
  std::vector<std::string> tokens;  ///< by id
  std::vector<std::pair<std::string, std::string>> merges;
};

/// The most frequent pair first; of equals the one with the smaller ids. `words` decide by their order which id a
/// continuing character gets; `progress` gets the share of the merges made.
LearnedVocabulary learn_merges(const std::vector<WordCount>& words, const MergeOptions& options,
                               const std::function<void(double)>& progress);

}  // namespace luthier::text
