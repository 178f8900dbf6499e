#pragma once
// GPT-2's printable stand-ins for bytes: a byte-level vocabulary is written in them.
#include <array>
#include <cstdint>
#include <string>
#include <string_view>

#include "text/aligned_text.h"

namespace luthier::text {

/// The code point that stands for each byte: itself where it prints, else U+0100 and up in order.
const std::array<char32_t, 256>& byte_characters();

/// The byte that a code point stands for, or -1.
int byte_of(char32_t c);

/// The same in UTF-8.
std::string to_byte_characters(std::string_view bytes);
void to_byte_characters(AlignedText& aligned);

/// The bytes behind a token; false (and `out` as it was) when it holds anything else than byte characters.
bool append_bytes_behind(std::string_view token, std::string& out);

}  // namespace luthier::text
