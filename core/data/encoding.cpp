#include "data/encoding.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <cstring>
#include <utility>

#include "base/error.h"

namespace luthier {

namespace {
constexpr char32_t kReplacement = 0xFFFD;

/// Windows-1252 where it differs from Latin-1: 0x80 .. 0x9F (WHATWG index; undefined ones stay control characters).
constexpr std::array<char16_t, 32> kWindows1252 = {0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021,
                                                   0x02C6, 0x2030, 0x0160, 0x2039, 0x0152, 0x008D, 0x017D, 0x008F,
                                                   0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022, 0x2013, 0x2014,
                                                   0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};

void append_code_point(char32_t c, std::string& text) {
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else if (c < 0x800) {
    text += static_cast<char>(0xC0 | (c >> 6));
    text += static_cast<char>(0x80 | (c & 0x3F));
  } else if (c < 0x10000) {
    text += static_cast<char>(0xE0 | (c >> 12));
    text += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    text += static_cast<char>(0x80 | (c & 0x3F));
  } else {
    text += static_cast<char>(0xF0 | (c >> 18));
    text += static_cast<char>(0x80 | ((c >> 12) & 0x3F));
    text += static_cast<char>(0x80 | ((c >> 6) & 0x3F));
    text += static_cast<char>(0x80 | (c & 0x3F));
  }
}

/// Length of the sequence at `at`, and whether it is a valid character; an invalid one has the length of its maximal
/// subpart. `cut` tells that the text ends inside a sequence that was right so far.
struct Sequence {
  std::size_t length;
  bool valid;
  bool cut;
};
Sequence sequence_at(std::string_view text, std::size_t at) {
  const auto byte = [&](std::size_t i) { return static_cast<unsigned char>(text[i]); };
  const unsigned char lead = byte(at);
  if (lead < 0x80) return {1, true, false};
  std::size_t length = 0;
  unsigned char low = 0x80, high = 0xBF;
  if (lead >= 0xC2 && lead <= 0xDF) {
    length = 2;
  } else if (lead >= 0xE0 && lead <= 0xEF) {
    length = 3;
    if (lead == 0xE0) low = 0xA0;   // no overlong forms
    if (lead == 0xED) high = 0x9F;  // no surrogates
  } else if (lead >= 0xF0 && lead <= 0xF4) {
    length = 4;
    if (lead == 0xF0) low = 0x90;
    if (lead == 0xF4) high = 0x8F;  // nothing above U+10FFFF
  } else {
    return {1, false, false};
  }
  for (std::size_t i = 1; i < length; ++i) {
    if (at + i >= text.size()) return {i, false, true};
    if (byte(at + i) < low || byte(at + i) > high) return {i, false, false};
    low = 0x80;
    high = 0xBF;
  }
  return {length, true, false};
}

struct Counts {
  std::size_t multibyte = 0, invalid = 0;
};
Counts count_sequences(std::string_view text) {
  Counts counts;
  for (std::size_t i = 0; i < text.size();) {
    const Sequence sequence = sequence_at(text, i);
    if (!sequence.valid && !sequence.cut) ++counts.invalid;
    if (sequence.valid && sequence.length > 1) ++counts.multibyte;
    i += sequence.length;
  }
  return counts;
}

std::size_t append_utf16(std::string_view bytes, bool little, bool at_end, std::string& text) {
  const auto unit = [&](std::size_t i) {
    const auto a = static_cast<unsigned char>(bytes[i]), b = static_cast<unsigned char>(bytes[i + 1]);
    return static_cast<char32_t>(little ? a | b << 8 : a << 8 | b);
  };
  std::size_t i = 0;
  while (i + 1 < bytes.size()) {
    const char32_t first = unit(i);
    if (first >= 0xD800 && first < 0xDC00) {
      if (i + 3 >= bytes.size() && !at_end) return i;
      const char32_t second = i + 3 < bytes.size() ? unit(i + 2) : 0;
      if (second >= 0xDC00 && second < 0xE000) {
        append_code_point(0x10000 + ((first - 0xD800) << 10) + (second - 0xDC00), text);
        i += 4;
        continue;
      }
    }
    append_code_point(first >= 0xD800 && first < 0xE000 ? kReplacement : first, text);
    i += 2;
  }
  if (at_end && i < bytes.size()) {
    // Half a character at the very end; a lone line feed is what a careless editor adds to a UTF-16 file.
    append_code_point(bytes[i] == '\n' ? U'\n' : kReplacement, text);
    ++i;
  }
  return i;
}
}  // namespace

std::string_view to_string(TextEncoding encoding) {
  switch (encoding) {
    case TextEncoding::utf8:
      return "utf-8";
    case TextEncoding::utf16le:
      return "utf-16le";
    case TextEncoding::utf16be:
      return "utf-16be";
    case TextEncoding::latin1:
      return "latin-1";
  }
  return "";
}

TextEncoding encoding_by_name(std::string_view name, std::string_view head) {
  std::string plain;
  for (const char c : name)
    if (c != '-' && c != '_' && c != ' ') plain += static_cast<char>(c >= 'A' && c <= 'Z' ? c + 32 : c);
  if (plain == "utf8" || plain == "utf8sig" || plain == "ascii") return TextEncoding::utf8;
  if (plain == "utf16le") return TextEncoding::utf16le;
  if (plain == "utf16be") return TextEncoding::utf16be;
  if (plain == "utf16")
    return byte_order_mark(head, TextEncoding::utf16be) ? TextEncoding::utf16be : TextEncoding::utf16le;
  if (plain == "latin1" || plain == "iso88591" || plain == "windows1252" || plain == "cp1252")
    return TextEncoding::latin1;
  fail(ErrorKind::bad_input, "the encoding '" + std::string(name) + "' is not known", "encoding",
       "use auto, utf-8, utf-16le, utf-16be or latin-1; convert other encodings to UTF-8 first");
}

std::size_t byte_order_mark(std::string_view head, TextEncoding encoding) {
  using namespace std::string_view_literals;
  switch (encoding) {
    case TextEncoding::utf8:
      return head.starts_with("\xEF\xBB\xBF"sv) ? 3 : 0;
    case TextEncoding::utf16le:
      return head.starts_with("\xFF\xFE"sv) ? 2 : 0;
    case TextEncoding::utf16be:
      return head.starts_with("\xFE\xFF"sv) ? 2 : 0;
    case TextEncoding::latin1:
      return 0;
  }
  return 0;
}

TextEncoding detect_encoding(std::string_view head) {
  for (const auto encoding : {TextEncoding::utf8, TextEncoding::utf16le, TextEncoding::utf16be})
    if (byte_order_mark(head, encoding)) return encoding;
  const std::string_view sample = head.substr(0, 4096);
  std::size_t zeros[2] = {0, 0};
  for (std::size_t i = 0; i < sample.size(); ++i)
    if (sample[i] == 0) ++zeros[i & 1];
  // Most Western text in UTF-16 has a zero in every other byte; other scripts have them at blanks and line ends.
  const std::size_t half = sample.size() / 2;
  if (half >= 2) {
    if (zeros[1] * 5 > half && zeros[0] * 20 < zeros[1]) return TextEncoding::utf16le;
    if (zeros[0] * 5 > half && zeros[1] * 20 < zeros[0]) return TextEncoding::utf16be;
  }
  const Counts counts = count_sequences(head);
  // A UTF-8 file with a few damaged bytes stays UTF-8: valid sequences hardly ever arise by chance.
  return counts.invalid > counts.multibyte ? TextEncoding::latin1 : TextEncoding::utf8;
}

std::string binary_kind(std::string_view head) {
  using namespace std::string_view_literals;
  constexpr std::pair<std::string_view, std::string_view> kinds[] = {
      {"PK\x03\x04"sv, "a ZIP archive (or an office document)"},
      {"BZh"sv, "a bzip2 archive"},
      {"\xFD"
       "7zXZ"sv,
       "an xz archive"},
      {"\x28\xB5\x2F\xFD"sv, "a Zstandard archive"},
      {"7z\xBC\xAF"sv, "a 7z archive"},
      {"%PDF-"sv, "a PDF document"},
      {"\x89PNG"sv, "a PNG image"},
      {"\xFF\xD8\xFF"sv, "a JPEG image"},
      {"GIF8"sv, "a GIF image"},
      {"RIFF"sv, "a RIFF media file"},
      {"\x7F"
       "ELF"sv,
       "a program"},
      {"SQLite format 3"sv, "an SQLite database"},
      {"\xD0\xCF\x11\xE0"sv, "an old office document"},
      {"ARROW1"sv, "an Arrow file"},
      {"GGUF"sv, "a GGUF model"}};
  for (const auto& [magic, name] : kinds)
    if (head.starts_with(magic)) return std::string(name);
  const TextEncoding encoding = detect_encoding(head);
  if (encoding == TextEncoding::utf16le || encoding == TextEncoding::utf16be) return "";
  const std::string_view sample = head.substr(0, 65536);
  const auto control = static_cast<std::size_t>(std::count_if(sample.begin(), sample.end(), [](char c) {
    const auto byte = static_cast<unsigned char>(c);
    return byte < 9 || (byte > 13 && byte < 32 && byte != 27);
  }));
  return control >= 8 && control * 20 > sample.size() ? "binary data" : "";
}

std::size_t append_as_utf8(std::string_view bytes, TextEncoding encoding, bool at_end, std::string& text) {
  switch (encoding) {
    case TextEncoding::utf8:
      text.append(bytes);
      return bytes.size();
    case TextEncoding::utf16le:
      return append_utf16(bytes, true, at_end, text);
    case TextEncoding::utf16be:
      return append_utf16(bytes, false, at_end, text);
    case TextEncoding::latin1:
      break;
  }
  for (const char c : bytes) {
    const auto byte = static_cast<unsigned char>(c);
    append_code_point(byte >= 0x80 && byte < 0xA0 ? static_cast<char32_t>(kWindows1252[byte - 0x80u]) : char32_t{byte},
                      text);
  }
  return bytes.size();
}

bool is_valid_utf8(std::string_view text) {
  for (std::size_t i = 0; i < text.size();) {
    std::uint64_t eight = 0;
    if (i + 8 <= text.size() && (std::memcpy(&eight, text.data() + i, 8), (eight & 0x8080808080808080ull) == 0)) {
      i += 8;
      continue;
    }
    const Sequence sequence = sequence_at(text, i);
    if (!sequence.valid) return false;
    i += sequence.length;
  }
  return true;
}

bool has_valid_multibyte(std::string_view text) { return count_sequences(text).multibyte > 0; }

std::string repair_utf8(std::string_view text) {
  std::string repaired;
  repaired.reserve(text.size() + 8);
  for (std::size_t i = 0; i < text.size();) {
    const Sequence sequence = sequence_at(text, i);
    if (sequence.valid)
      repaired.append(text.substr(i, sequence.length));
    else
      append_code_point(kReplacement, repaired);
    i += sequence.length;
  }
  return repaired;
}

}  // namespace luthier
