// SentencePiece's precompiled character map: a double-array trie (Aoe 1989, in the layout of Darts) from character
// sequences to places in a block of replacements, each ended by a zero byte. The library asks it for the first, that is
// the shortest, match at each grapheme cluster's start, and for the characters one by one where there is none.
#include <utf8proc.h>

#include <array>
#include <cstring>

#include "text/base64.h"
#include "text/normalizers.h"

namespace luthier::text {

namespace {

constexpr std::size_t longest_cluster_bytes = 5;  // longer clusters are looked up by character

class Precompiled : public Normalizer {
 public:
  explicit Precompiled(const Place& place) {
    if (!place.has("precompiled_charsmap")) return;  // null: changes nothing
    const Place map = place.at("precompiled_charsmap");
    const auto bytes = from_base64(map.text());
    if (!bytes) map.bad("the character map is not base64");
    if (bytes->empty()) return;
    std::uint32_t trie_bytes = 0;
    if (bytes->size() >= 4) std::memcpy(&trie_bytes, bytes->data(), 4);
    if (bytes->size() < 4 || trie_bytes % 4 != 0 || trie_bytes > bytes->size() - 4 || trie_bytes < 4)
      map.bad("the character map does not hold what it announces");
    units_.resize(trie_bytes / 4);
    std::memcpy(units_.data(), bytes->data() + 4, trie_bytes);
    replacements_ = bytes->substr(4 + trie_bytes);
    if (!valid_utf8(replacements_)) map.bad("the character map's replacements are not UTF-8");
    for (std::size_t c = 0; c < ascii_.size(); ++c) {
      const char text = static_cast<char>(c);
      ascii_[c] = find({&text, 1});
    }
  }

  void apply(AlignedText& aligned) const override {
    if (units_.empty()) return;
    const std::string_view text = aligned.text;
    std::vector<std::pair<char32_t, int>> characters;  // see AlignedText::transform
    bool changed = false;
    std::size_t copied = 0;  // up to here `characters` says what becomes of the text
    const auto keep = [&](std::size_t end) {
      for (const char *at = text.data() + copied, *to = text.data() + end; at < to;)
        characters.emplace_back(next_code_point(at), 0);
      copied = end;
    };
    const auto replace = [&](std::size_t begin, std::size_t end, std::string_view by) {
      if (!changed) characters.reserve(text.size());
      changed = true;
      keep(begin);
      copied = end;
      const auto old_count = static_cast<int>(count_code_points(text.substr(begin, end - begin)));
      int new_count = 0;
      for (const char *at = by.data(), *to = at + by.size(); at < to; ++new_count)
        characters.emplace_back(next_code_point(at), 0);
      // More characters than before are additions at the end; missing ones go on the account of the last one there.
      for (int i = 0; i < new_count - old_count; ++i)
        characters[characters.size() - 1 - static_cast<std::size_t>(i)].second = 1;
      if (new_count < old_count && !characters.empty()) characters.back().second += new_count - old_count;
    };
    for (std::size_t begin = 0; begin < text.size();) {
      if (stands_alone(text, begin)) {
        const auto& by = ascii_[static_cast<unsigned char>(text[begin])];
        if (by) replace(begin, begin + 1, *by);
        ++begin;
        continue;
      }
      const std::size_t end = cluster_end(text, begin);
      const auto whole = end - begin <= longest_cluster_bytes ? find(text.substr(begin, end - begin)) : std::nullopt;
      if (whole) {
        replace(begin, end, *whole);
      } else {
        for (std::size_t at = begin; at < end;) {
          const std::size_t next = at + sequence_length(text[at]);
          if (const auto by = find(text.substr(at, next - at))) replace(at, next, *by);
          at = next;
        }
      }
      begin = end;
    }
    if (!changed) return;
    keep(text.size());
    aligned.transform(characters);
  }

 private:
  using Replacement = std::optional<std::string_view>;

  /// An ASCII character before another one is a cluster of its own, but for a line end of two.
  static bool stands_alone(std::string_view text, std::size_t at) {
    if (text[at] & 0x80) return false;
    if (at + 1 == text.size()) return true;
    return !(text[at + 1] & 0x80) && !(text[at] == '\r' && text[at + 1] == '\n');
  }

  static std::size_t cluster_end(std::string_view text, std::size_t begin) {
    const char *at = text.data() + begin, *end = text.data() + text.size();
    utf8proc_int32_t state = 0;
    auto before = static_cast<utf8proc_int32_t>(next_code_point(at));
    while (at < end) {
      const char* next = at;
      const auto c = static_cast<utf8proc_int32_t>(next_code_point(next));
      if (utf8proc_grapheme_break_stateful(before, c, &state)) break;
      before = c;
      at = next;
    }
    return static_cast<std::size_t>(at - text.data());
  }

  /// The replacement of the shortest key at the start of `text`.
  Replacement find(std::string_view text) const {
    std::size_t node = offset(units_[0]);
    for (const char c : text) {
      const auto byte = static_cast<unsigned char>(c);
      if (byte == 0) return std::nullopt;
      node ^= byte;
      if (node >= units_.size()) return std::nullopt;
      const std::uint32_t unit = units_[node];
      if ((unit & 0x800000FFu) != byte) return std::nullopt;
      node ^= offset(unit);
      if (unit >> 8 & 1) {
        if (node >= units_.size()) return std::nullopt;
        const std::size_t start = units_[node] & 0x7FFFFFFFu;
        if (start > replacements_.size()) return std::nullopt;
        const std::string_view rest = std::string_view(replacements_).substr(start);
        if (!rest.empty() && is_continuation(rest[0])) return std::nullopt;  // in the middle of a character
        return rest.substr(0, rest.find('\0'));
      }
    }
    return std::nullopt;
  }
  static std::size_t offset(std::uint32_t unit) {
    return static_cast<std::size_t>(unit >> 10) << ((unit & 1u << 9) >> 6);
  }

  std::vector<std::uint32_t> units_;
  std::string replacements_;
  std::array<Replacement, 128> ascii_;  // into replacements_
};

}  // namespace

std::unique_ptr<Normalizer> read_precompiled(const Place& place) { return std::make_unique<Precompiled>(place); }

}  // namespace luthier::text
