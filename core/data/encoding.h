#pragma once
// Text encodings: what a file's first bytes say, and turning its bytes into UTF-8 piece by piece.
#include <cstddef>
#include <string>
#include <string_view>

namespace luthier {

enum class TextEncoding { utf8, utf16le, utf16be, latin1 };

/// "utf-8", "utf-16le", "utf-16be", "latin-1".
std::string_view to_string(TextEncoding encoding);
/// From a recipe's word (also utf8, windows-1252, utf-16: by byte order mark, else little-endian); bad_input otherwise.
TextEncoding encoding_by_name(std::string_view name, std::string_view head);

/// By byte order mark, by the pattern of zero bytes, by the validity of UTF-8; else Latin-1.
TextEncoding detect_encoding(std::string_view head);

/// Bytes of the byte order mark at the start of `head` in this encoding: 0, 2 or 3.
std::size_t byte_order_mark(std::string_view head, TextEncoding encoding);

/// What kind of file the bytes are, if it is not text ("a ZIP archive", "binary data"); "" for text.
std::string binary_kind(std::string_view head);

/// Appends `bytes` to `text` as UTF-8. UTF-8 passes as it is (see repair_utf8); Latin-1 is read as Windows-1252, as
/// browsers do (WHATWG Encoding Standard); unpaired UTF-16 surrogates become U+FFFD. Returns how many bytes were used:
/// those of a character that is not complete yet stay for the next call, unless `at_end`.
std::size_t append_as_utf8(std::string_view bytes, TextEncoding encoding, bool at_end, std::string& text);

bool is_valid_utf8(std::string_view text);
bool has_valid_multibyte(std::string_view text);
/// Invalid sequences become U+FFFD, one for each maximal subpart (Unicode 15, section 3.9).
std::string repair_utf8(std::string_view text);

}  // namespace luthier
