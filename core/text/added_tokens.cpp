#include "text/added_tokens.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "text/unicode.h"

namespace luthier::text {

namespace {

bool word_starts(std::string_view text) {
  const char* at = text.data();
  return !text.empty() && is_word_character(next_code_point(at));
}

/// Where the last code point of a text that is not empty starts.
std::size_t last_code_point(std::string_view text) {
  std::size_t at = text.size() - 1;
  while (at > 0 && is_continuation(text[at])) --at;
  return at;
}

bool word_ends(std::string_view text) { return !text.empty() && word_starts(text.substr(last_code_point(text))); }

std::size_t without_trailing_space(std::string_view text) {
  while (!text.empty()) {
    const std::size_t last = last_code_point(text);
    const char* at = text.data() + last;
    if (!is_white_space(next_code_point(at))) break;
    text = text.substr(0, last);
  }
  return text.size();
}

std::size_t leading_space(std::string_view text) {
  const char *at = text.data(), *end = at + text.size();
  while (at < end) {
    const char* next = at;
    if (!is_white_space(next_code_point(next))) break;
    at = next;
  }
  return static_cast<std::size_t>(at - text.data());
}

}  // namespace

Trie::Trie() : nodes_(1) {}

std::uint32_t Trie::child(std::uint32_t node, unsigned char byte) const {
  const auto& next = nodes_[node].next;
  const auto found = std::lower_bound(next.begin(), next.end(), byte,
                                      [](const auto& edge, unsigned char wanted) { return edge.first < wanted; });
  return found != next.end() && found->first == byte ? found->second : 0;
}

void Trie::insert(std::string_view text, std::uint32_t value) {
  if (text.empty()) return;
  starts_[static_cast<unsigned char>(text[0])] = true;
  std::uint32_t node = 0;
  for (const char c : text) {
    const auto byte = static_cast<unsigned char>(c);
    std::uint32_t next = child(node, byte);
    if (next == 0) {
      next = static_cast<std::uint32_t>(nodes_.size());
      auto& edges = nodes_[node].next;
      edges.insert(std::upper_bound(edges.begin(), edges.end(), std::pair{byte, next}), {byte, next});
      nodes_.emplace_back();
    }
    node = next;
  }
  if (nodes_[node].value < 0) nodes_[node].value = value;
}

std::optional<Trie::Match> Trie::find(std::string_view text, std::size_t from) const {
  for (std::size_t begin = from; begin < text.size(); ++begin) {
    if (!starts_[static_cast<unsigned char>(text[begin])]) continue;
    std::optional<Match> longest;
    std::uint32_t node = 0;
    for (std::size_t end = begin; end < text.size();) {
      node = child(node, static_cast<unsigned char>(text[end++]));
      if (node == 0) break;
      if (nodes_[node].value >= 0) longest = {begin, end, static_cast<std::uint32_t>(nodes_[node].value)};
    }
    if (longest) return longest;
  }
  return std::nullopt;
}

bool AddedTokens::add(AddedToken token, const Vocabulary& vocabulary, const Normalizer* normalizer) {
  if (token.content.empty() || by_content_.find(token.content)) return false;
  if (const auto known = vocabulary.id_of(token.content)) {
    token.id = *known;
  } else {
    // The library numbers new tokens from the count of the vocabulary, or after the highest added one beyond that.
    const auto count = static_cast<std::int64_t>(vocabulary.size());
    token.id = highest_ >= count ? highest_ + 1 : count;
    if (vocabulary.holds(token.id))
      fail(ErrorKind::bad_input,
           "the vocabulary's ids have gaps, so that the added token \"" + token.content.substr(0, 80) +
               "\" would get the id " + std::to_string(token.id) + " of another token",
           "added_tokens", "number the vocabulary without gaps");
  }
  token.normal_form = token.content;
  if (token.normalized && normalizer) {
    AlignedText aligned(token.content);
    normalizer->apply(aligned);
    token.normal_form = aligned.text;
  }
  const auto index = static_cast<std::uint32_t>(tokens_.size());
  (token.normalized ? normal_ : plain_).insert(token.normalized ? token.normal_form : token.content, index);
  by_content_.insert(token.content, index);
  if (token.id >= static_cast<std::int64_t>(by_id_.size())) by_id_.resize(static_cast<std::size_t>(token.id + 1), -1);
  by_id_[static_cast<std::size_t>(token.id)] = static_cast<std::int32_t>(index);
  highest_ = std::max(highest_, token.id);
  tokens_.push_back(std::move(token));
  return true;
}

const AddedToken* AddedTokens::with_id(std::int64_t id) const {
  if (id < 0 || id >= static_cast<std::int64_t>(by_id_.size()) || by_id_[static_cast<std::size_t>(id)] < 0)
    return nullptr;
  return &tokens_[static_cast<std::size_t>(by_id_[static_cast<std::size_t>(id)])];
}

const AddedToken* AddedTokens::with_content(std::string_view content) const {
  const auto* index = by_content_.find(content);
  return index ? &tokens_[*index] : nullptr;
}

void AddedTokens::cut(std::string_view text, bool normalized, std::vector<Cut>& out) const {
  out.clear();
  std::size_t kept = 0;
  const Trie& trie = normalized ? normal_ : plain_;
  if (!trie.empty()) {
    for (auto match = trie.find(text, 0); match; match = trie.find(text, match->end)) {
      const AddedToken& token = tokens_[match->value];
      std::size_t begin = match->begin, end = match->end;
      if (token.single_word && (word_ends(text.substr(0, begin)) || word_starts(text.substr(end)))) continue;
      if (token.lstrip) begin = std::max(without_trailing_space(text.substr(0, begin)), kept);
      if (token.rstrip) end += leading_space(text.substr(end));
      if (kept < begin) out.push_back({kept, begin, -1});
      out.push_back({begin, end, token.id});
      kept = end;
    }
  }
  if (kept < text.size()) out.push_back({kept, text.size(), -1});
}

AddedTokens read_added_tokens(const Place& place, const Vocabulary& vocabulary, const Normalizer* normalizer) {
  AddedTokens result;
  std::set<std::int64_t> declared;
  const auto items = place.items();
  const std::int64_t most = std::max(vocabulary.bound(), static_cast<std::int64_t>(vocabulary.size())) +
                            static_cast<std::int64_t>(items.size()) * 4 + (1 << 16);
  for (const Place& item : items) {
    AddedToken token;
    token.content = item.at("content").text();
    if (token.content.empty()) item.at("content").bad("an added token is empty");
    const std::int64_t id = item.at("id").whole(0, most);
    if (!declared.insert(id).second)
      item.at("id").bad("the id " + std::to_string(id) + " is given to two added tokens");
    const auto known = vocabulary.id_of(token.content);
    if (known && *known != id)
      item.at("id").bad("the token \"" + token.content.substr(0, 80) + "\" has the id " + std::to_string(*known) +
                        " in the vocabulary and " + std::to_string(id) + " here");
    token.single_word = item.flag("single_word", false);
    token.lstrip = item.flag("lstrip", false);
    token.rstrip = item.flag("rstrip", false);
    token.normalized = item.flag("normalized", true);
    token.special = item.flag("special", false);
    if (!result.add(std::move(token), vocabulary, normalizer)) item.at("content").bad("this token is added twice");
  }
  return result;
}

}  // namespace luthier::text
