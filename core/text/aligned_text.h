#pragma once
// A text on its way through a tokenizer, with where each of its bytes came from.
#include <cstdint>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace luthier::text {

/// Code points [begin, end) of the input.
struct Span {
  std::uint32_t begin = 0, end = 0;
  bool operator==(const Span&) const = default;
};

/// UTF-8 text; `origin` has one entry a byte, equal for all bytes of a code point.
struct AlignedText {
  std::string text;
  std::vector<Span> origin;

  AlignedText() = default;
  /// Aligned with itself.
  explicit AlignedText(std::string_view input);

  void append(char32_t c, Span from);
  void append(std::string_view bytes, Span from);
  /// A part of another text, byte for byte.
  void append(const AlignedText& other, std::size_t begin, std::size_t end);
  void reserve(std::size_t bytes);

  /// Replaces the text by `characters`: each one is kept in place of one present code point (change 0), put in addition
  /// with the origin of what stands before it (1), or kept while -change further code points vanish (negative).
  void transform(const std::vector<std::pair<char32_t, int>>& characters);

  /// The input that bytes [begin, end) came from; an empty range has no origin of its own and is given as it is.
  Span origin_of(std::size_t begin, std::size_t end) const {
    if (begin >= end) return {static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end)};
    return {origin[begin].begin, origin[end - 1].end};
  }
};

/// Bytes [begin, end) of an AlignedText; `token` >= 0 where an added token stands there.
struct Piece {
  std::uint32_t begin = 0, end = 0;
  std::int64_t token = -1;
};

/// A text cut into pieces, in order; what lies between them is gone.
struct Pieces {
  AlignedText aligned;
  std::vector<Piece> list;

  std::string_view view(const Piece& piece) const {
    return std::string_view(aligned.text).substr(piece.begin, piece.end - piece.begin);
  }
  /// Adds a piece unless it is empty.
  void add(std::size_t begin, std::size_t end, std::int64_t token = -1) {
    if (begin < end) list.push_back({static_cast<std::uint32_t>(begin), static_cast<std::uint32_t>(end), token});
  }
};

}  // namespace luthier::text
