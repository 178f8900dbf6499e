#include "text/unicode.h"

#include <utf8proc.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <iterator>

#include "text/script_table.h"
#include "text/unicode_tables.h"

namespace luthier::text {

namespace {

template <std::size_t Count>
bool contains(const CodePointRange (&ranges)[Count], char32_t c) {
  const auto* at = std::upper_bound(std::begin(ranges), std::end(ranges), c,
                                    [](char32_t value, const CodePointRange& range) { return value < range.first; });
  return at != std::begin(ranges) && c <= (at - 1)->last;
}

utf8proc_category_t category(char32_t c) { return utf8proc_category(static_cast<utf8proc_int32_t>(c)); }

/// Length of the well-formed sequence at `at`, or minus the length of its longest broken part (at least 1).
int examine(const unsigned char* at, std::size_t left) {
  const unsigned first = at[0];
  if (first < 0x80) return 1;
  if (first < 0xC2 || first > 0xF4) return -1;
  const int length = first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  // The second byte's range keeps out overlong forms, surrogates and what lies beyond U+10FFFF (Unicode, table 3-7).
  const unsigned low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const unsigned high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (left < 2 || at[1] < low || at[1] > high) return -1;
  for (int i = 2; i < length; ++i)
    if (static_cast<std::size_t>(i) >= left || (at[i] & 0xC0) != 0x80) return -i;
  return length;
}

}  // namespace

void append(std::string& out, char32_t c) {
  if (c < 0x80) {
    out.push_back(static_cast<char>(c));
    return;
  }
  char bytes[4];
  const std::size_t length = encoded_length(c);
  for (std::size_t i = length; i-- > 1; c >>= 6) bytes[i] = static_cast<char>(0x80 | (c & 0x3F));
  bytes[0] = static_cast<char>((length == 2 ? 0xC0 : length == 3 ? 0xE0 : 0xF0) | c);
  out.append(bytes, length);
}

std::string to_utf8(char32_t c) {
  std::string out;
  append(out, c);
  return out;
}

std::u32string to_utf32(std::string_view text) {
  std::u32string out;
  out.reserve(text.size());
  for (const char *at = text.data(), *end = at + text.size(); at < end;) out.push_back(next_code_point(at));
  return out;
}

std::size_t count_code_points(std::string_view text) {
  return static_cast<std::size_t>(std::count_if(text.begin(), text.end(), [](char c) { return !is_continuation(c); }));
}

bool is_ascii(std::string_view bytes) {
  std::size_t i = 0;
  for (std::uint64_t word; i + 8 <= bytes.size(); i += 8) {
    std::memcpy(&word, bytes.data() + i, 8);
    if (word & 0x8080808080808080ull) return false;
  }
  for (; i < bytes.size(); ++i)
    if (bytes[i] & 0x80) return false;
  return true;
}

bool valid_utf8(std::string_view bytes) {
  if (is_ascii(bytes)) return true;
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  for (std::size_t i = 0; i < bytes.size();) {
    const int length = examine(at + i, bytes.size() - i);
    if (length < 0) return false;
    i += static_cast<std::size_t>(length);
  }
  return true;
}

std::string repaired_utf8(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size());
  const auto* at = reinterpret_cast<const unsigned char*>(bytes.data());
  for (std::size_t i = 0; i < bytes.size();) {
    const int length = examine(at + i, bytes.size() - i);
    if (length > 0)
      out.append(bytes.substr(i, static_cast<std::size_t>(length)));
    else
      out.append("\xEF\xBF\xBD");
    i += static_cast<std::size_t>(length > 0 ? length : -length);
  }
  return out;
}

bool is_white_space(char32_t c) {
  if (c < 0x80) return c == ' ' || (c >= 9 && c <= 13);
  return c == 0x85 || c == 0xA0 || c == 0x1680 || (c >= 0x2000 && c <= 0x200A) || c == 0x2028 || c == 0x2029 ||
         c == 0x202F || c == 0x205F || c == 0x3000;
}

bool is_letter(char32_t c) {
  if (c < 0x80) return (c | 0x20) >= 'a' && (c | 0x20) <= 'z';
  const auto kind = category(c);
  return kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_LO;
}

bool is_number(char32_t c) {
  if (c < 0x80) return c >= '0' && c <= '9';
  const auto kind = category(c);
  return kind >= UTF8PROC_CATEGORY_ND && kind <= UTF8PROC_CATEGORY_NO;
}

bool is_word_character(char32_t c) {
  if (c < 0x80) return is_letter(c) || is_number(c) || c == '_';
  const auto kind = category(c);
  if (kind >= UTF8PROC_CATEGORY_LU && kind <= UTF8PROC_CATEGORY_ME) return true;  // letters and marks
  // Other_Alphabetic beyond letters and marks is the circled and squared Latin letters; joiners are in \w as well.
  return kind == UTF8PROC_CATEGORY_ND || kind == UTF8PROC_CATEGORY_NL || kind == UTF8PROC_CATEGORY_PC ||
         (c >= 0x24B6 && c <= 0x24E9) || (c >= 0x1F130 && c <= 0x1F149) || (c >= 0x1F150 && c <= 0x1F169) ||
         (c >= 0x1F170 && c <= 0x1F189) || c == 0x200C || c == 0x200D;
}

bool is_ascii_punctuation(char32_t c) {
  return (c >= 33 && c <= 47) || (c >= 58 && c <= 64) || (c >= 91 && c <= 96) || (c >= 123 && c <= 126);
}

bool is_punctuation(char32_t c) {
  if (c < 0x80)
    return is_ascii_punctuation(c) && c != '$' && c != '+' && c != '<' && c != '=' && c != '>' && c != '^' &&
           c != '`' && c != '|' && c != '~';
  const auto kind = category(c);
  if (kind >= UTF8PROC_CATEGORY_PC && kind <= UTF8PROC_CATEGORY_PO) return !contains(new_punctuation, c);
  return c == 0x166D || c == 0x111C9;  // were punctuation once
}

bool is_control(char32_t c) {
  const auto kind = category(c);
  if (kind == UTF8PROC_CATEGORY_CC || kind == UTF8PROC_CATEGORY_CO) return true;
  return kind == UTF8PROC_CATEGORY_CF && c != 0x890 && c != 0x891 && c != 0x8E2 && c != 0x110CD &&
         !(c >= 0x13430 && c <= 0x1343F);
}

bool is_nonspacing_mark(char32_t c) {
  if (c < 0x300) return false;
  if (category(c) == UTF8PROC_CATEGORY_MN) return !contains(new_nonspacing_marks, c);
  return c == 0x1734 || c == 0x1171E;
}

bool is_mark(char32_t c) {
  if (c < 0x300) return false;
  const auto kind = category(c);
  if (kind >= UTF8PROC_CATEGORY_MN && kind <= UTF8PROC_CATEGORY_ME) return !contains(new_marks, c);
  return c == 0x1CF2 || c == 0x1CF3;
}

bool is_chinese(char32_t c) {
  if (c < 0x3400) return false;
  // The sixth block starts at U+2B920 in the library (BERT's own code says U+2B820): ids follow the library.
  return (c >= 0x4E00 && c <= 0x9FFF) || (c >= 0x3400 && c <= 0x4DBF) || (c >= 0x20000 && c <= 0x2A6DF) ||
         (c >= 0x2A700 && c <= 0x2B73F) || (c >= 0x2B740 && c <= 0x2B81F) || (c >= 0x2B920 && c <= 0x2CEAF) ||
         (c >= 0xF900 && c <= 0xFAFF) || (c >= 0x2F800 && c <= 0x2FA1F);
}

int script_of(char32_t c) {
  const auto* after = std::upper_bound(std::begin(script_stretches), std::end(script_stretches), c << 8 | 0xFF);
  return static_cast<int>(*(after - 1) & 0xFF);
}

int lower_case(char32_t c, char32_t out[2]) {
  if (c < 0x80) {
    out[0] = c >= 'A' && c <= 'Z' ? c + 32 : c;
    return 1;
  }
  if (c == 0x130) {
    out[0] = 'i';
    out[1] = 0x307;
    return 2;
  }
  out[0] = static_cast<char32_t>(utf8proc_tolower(static_cast<utf8proc_int32_t>(c)));
  return 1;
}

int upper_case(char32_t c, char32_t out[3]) {
  if (c >= 0x80) {
    const auto* found = std::lower_bound(std::begin(long_upper_case), std::end(long_upper_case), c,
                                         [](const LongUpperCase& row, char32_t value) { return row.from < value; });
    if (found != std::end(long_upper_case) && found->from == c) {
      std::copy_n(found->to, 3, out);
      return found->to[2] ? 3 : 2;
    }
  }
  out[0] = static_cast<char32_t>(utf8proc_toupper(static_cast<utf8proc_int32_t>(c)));
  return 1;
}

int combining_class(char32_t c) {
  if (c < 0x300) return 0;
  const int value = utf8proc_get_property(static_cast<utf8proc_int32_t>(c))->combining_class;
  return value == 0 || contains(new_marks, c) ? 0 : value;
}

int decompose(char32_t c, bool compatibility, char32_t* out) {
  if (c < 0xA0 || contains(new_compositions, c) || (compatibility && contains(new_compatibility, c))) {
    out[0] = c;
    return 1;
  }
  std::array<utf8proc_int32_t, 32> parts;
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_DECOMPOSE | (compatibility ? UTF8PROC_COMPAT : 0));
  const auto count = utf8proc_decompose_char(static_cast<utf8proc_int32_t>(c), parts.data(),
                                             static_cast<utf8proc_ssize_t>(parts.size()), options, nullptr);
  if (count <= 0 || count > static_cast<utf8proc_ssize_t>(parts.size())) {
    out[0] = c;
    return 1;
  }
  std::copy_n(parts.begin(), count, out);
  return static_cast<int>(count);
}

char32_t compose(char32_t first, char32_t second) {
  std::array<utf8proc_int32_t, 2> pair{static_cast<utf8proc_int32_t>(first), static_cast<utf8proc_int32_t>(second)};
  const auto options = static_cast<utf8proc_option_t>(UTF8PROC_COMPOSE | UTF8PROC_STABLE);
  if (utf8proc_normalize_utf32(pair.data(), 2, options) != 1) return 0;
  const auto result = static_cast<char32_t>(pair[0]);
  return contains(new_compositions, result) ? 0 : result;
}

}  // namespace luthier::text
