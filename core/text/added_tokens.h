#pragma once
// Tokens that stand beside the model's vocabulary and are cut out of a text before anything else sees it.
#include <array>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "text/models.h"
#include "text/normalizers.h"
#include "text/place.h"

namespace luthier::text {

struct AddedToken {
  std::string content;
  std::int64_t id = -1;
  bool single_word = false, lstrip = false, rstrip = false, normalized = true, special = false;
  std::string normal_form;  ///< what a `normalized` one is looked for as
};

/// Finds the longest of many texts at the leftmost place where any of them starts.
class Trie {
 public:
  Trie();
  void insert(std::string_view text, std::uint32_t value);
  bool empty() const { return nodes_.size() == 1; }
  struct Match {
    std::size_t begin = 0, end = 0;
    std::uint32_t value = 0;
  };
  std::optional<Match> find(std::string_view text, std::size_t from) const;

 private:
  struct Node {
    std::vector<std::pair<unsigned char, std::uint32_t>> next;
    std::int64_t value = -1;
  };
  std::uint32_t child(std::uint32_t node, unsigned char byte) const;  // 0 for none
  std::vector<Node> nodes_;
  std::array<bool, 256> starts_{};
};

class AddedTokens {
 public:
  /// Adds one token. Its id is the vocabulary's where the content is known there, else the next free one.
  /// False when this content was added before.
  bool add(AddedToken token, const Vocabulary& vocabulary, const Normalizer* normalizer);

  const std::vector<AddedToken>& all() const { return tokens_; }
  const AddedToken* with_id(std::int64_t id) const;
  const AddedToken* with_content(std::string_view content) const;
  std::int64_t highest_id() const { return highest_; }

  /// Cuts `text` into stretches in order; `id` is -1 for what is no added token.
  struct Cut {
    std::size_t begin = 0, end = 0;
    std::int64_t id = -1;
  };
  void cut(std::string_view text, bool normalized, std::vector<Cut>& out) const;

 private:
  std::vector<AddedToken> tokens_;
  StringTable by_content_;
  std::vector<std::int32_t> by_id_;
  std::int64_t highest_ = -1;
  Trie plain_, normal_;
};

/// The file's "added_tokens".
AddedTokens read_added_tokens(const Place& place, const Vocabulary& vocabulary, const Normalizer* normalizer);

}  // namespace luthier::text
