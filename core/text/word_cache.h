#pragma once
// Pieces that were tokenised before: natural text repeats itself. Many threads may read; what a text brings anew is
// written when it is done.
#include <chrono>
#include <mutex>
#include <shared_mutex>
#include <string>
#include <string_view>
#include <vector>

#include "text/models.h"

namespace luthier::text {

class WordCache {
 public:
  static constexpr std::size_t longest_bytes = 48;

  /// One text's use of the cache: holds it for reading, and adds the new pieces at the end.
  class Use {
   public:
    Use(WordCache& cache, const Model& model)
        : cache_(cache), model_(model), reading_(cache.enter()), on_(model.worth_remembering()) {}
    Use(const Use&) = delete;
    Use& operator=(const Use&) = delete;
    ~Use() {
      reading_.unlock();
      if (!fresh_.empty()) cache_.add(fresh_);
    }

    /// The tokens of a piece; valid until the next call.
    std::pair<const ModelToken*, std::size_t> tokenize(std::string_view piece) {
      const bool remembers = on_ && piece.size() <= longest_bytes;
      if (remembers) {
        if (const auto* entry = cache_.entries_.find(piece)) {
          const Range& range = cache_.ranges_[*entry];
          return {cache_.tokens_.data() + range.begin, range.count};
        }
      }
      tokens_.clear();
      model_.tokenize(piece, tokens_);
      if (remembers && !cache_.full_) fresh_.push_back({std::string(piece), tokens_});
      return {tokens_.data(), tokens_.size()};
    }

   private:
    friend class WordCache;
    struct Fresh {
      std::string piece;
      std::vector<ModelToken> tokens;
    };
    WordCache& cache_;
    const Model& model_;
    std::shared_lock<std::shared_timed_mutex> reading_;
    bool on_;
    std::vector<ModelToken> tokens_;
    std::vector<Fresh> fresh_;
  };

 private:
  static constexpr std::size_t most_entries = 1 << 17, most_tokens = 1 << 19;
  struct Range {
    std::uint32_t begin, count;
  };

  void add(const std::vector<Use::Fresh>& fresh) {
    // Who wants to write holds up new readers, else overlapping readers would keep writers out for ever; but a reader
    // with a long text must not hold up everybody: then the next text will bring the same words again.
    const std::lock_guard first(gate_);
    const std::unique_lock writing(mutex_, std::chrono::milliseconds(1));
    if (!writing.owns_lock()) return;
    for (const auto& [piece, tokens] : fresh) {
      full_ = ranges_.size() >= most_entries || tokens_.size() >= most_tokens;
      if (full_) return;
      if (!entries_.insert(piece, static_cast<std::uint32_t>(ranges_.size()))) continue;
      ranges_.push_back({static_cast<std::uint32_t>(tokens_.size()), static_cast<std::uint32_t>(tokens.size())});
      tokens_.insert(tokens_.end(), tokens.begin(), tokens.end());
    }
  }

  std::shared_lock<std::shared_timed_mutex> enter() {
    const std::lock_guard behind_writers(gate_);
    return std::shared_lock(mutex_);
  }

  std::mutex gate_;
  std::shared_timed_mutex mutex_;
  StringTable entries_;
  std::vector<Range> ranges_;
  std::vector<ModelToken> tokens_;
  bool full_ = false;
};

}  // namespace luthier::text
