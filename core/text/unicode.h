#pragma once
// UTF-8 and the character classes that tokenizers ask for. Where the tokenizers library carries older Unicode tables
// than utf8proc, its view counts: a token's id depends on it.
#include <cstddef>
#include <string>
#include <string_view>

namespace luthier::text {

/// The code point at `at`, which moves past it. The bytes must be valid UTF-8 (see valid_utf8).
inline char32_t next_code_point(const char*& at) {
  const auto byte = [&at] { return static_cast<unsigned char>(*at++); };
  const char32_t first = byte();
  if (first < 0x80) return first;
  if (first < 0xE0) return (first & 0x1F) << 6 | (byte() & 0x3Fu);
  char32_t value = (first < 0xF0 ? first & 0x0F : first & 0x07) << 6 | (byte() & 0x3Fu);
  value = value << 6 | (byte() & 0x3Fu);
  return first < 0xF0 ? value : value << 6 | (byte() & 0x3Fu);
}

/// Bytes of the UTF-8 sequence that starts with `first`.
inline std::size_t sequence_length(char first) {
  const auto byte = static_cast<unsigned char>(first);
  return byte < 0x80 ? 1 : byte < 0xE0 ? 2 : byte < 0xF0 ? 3 : 4;
}

inline std::size_t encoded_length(char32_t c) { return c < 0x80 ? 1 : c < 0x800 ? 2 : c < 0x10000 ? 3 : 4; }

inline bool is_continuation(char byte) { return (static_cast<unsigned char>(byte) & 0xC0) == 0x80; }

void append(std::string& out, char32_t c);
std::string to_utf8(char32_t c);
std::u32string to_utf32(std::string_view valid_utf8);
std::size_t count_code_points(std::string_view valid_utf8);
bool is_ascii(std::string_view bytes);

bool valid_utf8(std::string_view bytes);
/// Each maximal part of a broken sequence becomes one U+FFFD (Unicode 3.9, "substitution of maximal subparts").
std::string repaired_utf8(std::string_view bytes);

bool is_white_space(char32_t c);     ///< Unicode's White_Space property
bool is_letter(char32_t c);          ///< category L
bool is_number(char32_t c);          ///< category N
bool is_word_character(char32_t c);  ///< \w of a Unicode regular expression
bool is_ascii_punctuation(char32_t c);

// As the library sees them: categories of Unicode 8, normalisation of Unicode 9.
bool is_punctuation(char32_t c);      ///< category P
bool is_control(char32_t c);          ///< categories Cc, Cf and Co
bool is_nonspacing_mark(char32_t c);  ///< category Mn
bool is_mark(char32_t c);             ///< category M
bool is_chinese(char32_t c);          ///< a CJK ideograph, by the blocks that BERT names
int script_of(char32_t c);            ///< a number for each script; 0 for what goes with any

/// Lower case of one code point: one or, for U+0130, two code points. Returns how many.
int lower_case(char32_t c, char32_t out[2]);

/// Upper case of one code point (SpecialCasing's unconditional mappings included): up to three. Returns how many.
int upper_case(char32_t c, char32_t out[3]);

/// 0 for starters.
int combining_class(char32_t c);
/// Full decomposition of one code point into `out` (room for 32); returns the length.
int decompose(char32_t c, bool compatibility, char32_t* out);
/// The primary composite of two code points, or 0.
char32_t compose(char32_t first, char32_t second);

}  // namespace luthier::text
