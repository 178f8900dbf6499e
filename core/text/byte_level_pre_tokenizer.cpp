#include "text/byte_level.h"
#include "text/pre_tokenizers.h"
#include "text/unicode.h"

namespace luthier::text {

namespace {

enum class Kind { space, letter, number, other };

Kind kind_of(char32_t c) {
  if (is_white_space(c)) return Kind::space;
  if (is_letter(c)) return Kind::letter;
  return is_number(c) ? Kind::number : Kind::other;
}

/// Bytes of an English contraction's second part ('s 't 're 've 'm 'll 'd) at the start of `text`, or 0.
std::size_t contraction(std::string_view text) {
  if (text.size() < 2 || text[0] != '\'') return 0;
  const char second = text[1];
  if (second == 's' || second == 't' || second == 'm' || second == 'd') return 2;
  if (text.size() < 3) return 0;
  const char third = text[2];
  return (third == 'e' && (second == 'r' || second == 'v')) || (second == 'l' && third == 'l') ? 3 : 0;
}

/// GPT-2's pattern ('s|'t|'re|'ve|'m|'ll|'d| ?\p{L}+| ?\p{N}+| ?[^\s\p{L}\p{N}]+|\s+(?!\S)|\s+) by hand: the bytes that
/// its first match in `text` takes. It always matches at the very start.
std::size_t first_match(std::string_view text) {
  if (const std::size_t length = contraction(text)) return length;
  const char *begin = text.data(), *end = begin + text.size();
  const char* at = begin;
  Kind kind = kind_of(next_code_point(at));
  if (text[0] == ' ' && text.size() > 1) {
    const char* after = at;
    const Kind next = kind_of(next_code_point(after));
    if (next != Kind::space) {
      kind = next;
      at = after;
    }
  }
  const char* last = begin;  // where the last code point of the run starts
  for (const char* next = at; next < end; at = next) {
    const char* here = next;
    if (kind_of(next_code_point(next)) != kind) break;
    last = here;
  }
  // White space before something else leaves its last character to that.
  if (kind == Kind::space && at < end && last > begin) return static_cast<std::size_t>(last - begin);
  return static_cast<std::size_t>(at - begin);
}

class ByteLevel : public PreTokenizer {
 public:
  ByteLevel(const Place& place, bool raw_bytes)
      : prefix_(place.flag("add_prefix_space", true)), split_(place.flag("use_regex", true)), raw_(raw_bytes) {}

  void apply(Pieces& pieces) const override {
    if (prefix_)
      rewrite_each(pieces, [](const Piece& piece, const AlignedText& from, AlignedText& to) {
        if (from.text[piece.begin] != ' ') to.append(U' ', from.origin[piece.begin]);
        to.append(from, piece.begin, piece.end);
      });
    if (split_)
      cut_each(pieces, [&](const Piece& piece) {
        const std::string_view text(pieces.aligned.text);
        for (std::size_t at = piece.begin; at < piece.end;) {
          const std::size_t length = first_match(text.substr(at, piece.end - at));
          pieces.add(at, at + length);
          at += length;
        }
      });
    if (!raw_)
      rewrite_each(pieces, [](const Piece& piece, const AlignedText& from, AlignedText& to) {
        for (std::size_t i = piece.begin; i < piece.end; ++i)
          to.append(byte_characters()[static_cast<unsigned char>(from.text[i])], from.origin[i]);
      });
  }

 private:
  bool prefix_, split_, raw_;
};

class Metaspace : public PreTokenizer {
 public:
  explicit Metaspace(const Place& place) : replacement_(place.at("replacement").text()) {
    if (count_code_points(replacement_) != 1) place.at("replacement").bad("expected one character");
    scheme_ = place.text("prepend_scheme", "always");
    if (scheme_ != "always" && scheme_ != "first" && scheme_ != "never")
      place.at("prepend_scheme").bad("expected always, first or never");
    if (!place.flag("add_prefix_space", true)) scheme_ = "never";
    split_ = place.flag("split", true);
  }

  void apply(Pieces& pieces) const override {
    rewrite_each(pieces, [this](const Piece& piece, const AlignedText& from, AlignedText& to) {
      const std::string_view text = std::string_view(from.text).substr(piece.begin, piece.end - piece.begin);
      const bool marked = text.starts_with(' ') || text.starts_with(replacement_);
      const bool prepends = scheme_ == "always" || (scheme_ == "first" && from.origin[piece.begin].begin == 0);
      if (!marked && prepends) to.append(replacement_, from.origin[piece.begin]);
      for (std::size_t i = piece.begin; i < piece.end; ++i) {
        if (from.text[i] == ' ')
          to.append(replacement_, from.origin[i]);
        else
          to.append(from, i, i + 1);
      }
    });
    if (!split_) return;
    std::vector<Stretch> stretches;
    cut_each(pieces, [&](const Piece& piece) {
      const std::string_view text(pieces.aligned.text);
      stretches.clear();
      std::size_t kept = piece.begin;
      for (std::size_t i = text.find(replacement_, kept); i < piece.end; i = text.find(replacement_, kept)) {
        if (kept < i) stretches.push_back({kept, i, false});
        kept = i + replacement_.size();
        stretches.push_back({i, kept, true});
      }
      if (kept < piece.end) stretches.push_back({kept, piece.end, false});
      arrange(stretches, Delimiters::with_next);
      for (const Stretch& stretch : stretches) pieces.add(stretch.begin, stretch.end);
    });
  }

 private:
  std::string replacement_, scheme_;
  bool split_ = true;
};

}  // namespace

std::unique_ptr<PreTokenizer> read_byte_level(const Place& place, bool raw_bytes) {
  return std::make_unique<ByteLevel>(place, raw_bytes);
}

std::unique_ptr<PreTokenizer> read_metaspace(const Place& place) { return std::make_unique<Metaspace>(place); }

}  // namespace luthier::text
