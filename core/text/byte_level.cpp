#include "text/byte_level.h"

#include "text/unicode.h"

namespace luthier::text {

namespace {

bool prints(int byte) { return (byte >= 0x21 && byte <= 0x7E) || (byte >= 0xA1 && byte <= 0xAC) || byte >= 0xAE; }

std::array<char32_t, 256> make_characters() {
  std::array<char32_t, 256> characters{};
  char32_t next = 0x100;
  for (int byte = 0; byte < 256; ++byte)
    characters[static_cast<std::size_t>(byte)] = prints(byte) ? static_cast<char32_t>(byte) : next++;
  return characters;
}

std::array<std::int16_t, 0x144> make_bytes() {
  std::array<std::int16_t, 0x144> bytes;
  bytes.fill(-1);
  for (std::size_t byte = 0; byte < 256; ++byte) bytes[byte_characters()[byte]] = static_cast<std::int16_t>(byte);
  return bytes;
}

}  // namespace

const std::array<char32_t, 256>& byte_characters() {
  static const std::array<char32_t, 256> characters = make_characters();
  return characters;
}

int byte_of(char32_t c) {
  static const std::array<std::int16_t, 0x144> bytes = make_bytes();
  return c < bytes.size() ? bytes[c] : -1;
}

std::string to_byte_characters(std::string_view bytes) {
  std::string out;
  out.reserve(bytes.size() * 2);
  for (const char byte : bytes) append(out, byte_characters()[static_cast<unsigned char>(byte)]);
  return out;
}

void to_byte_characters(AlignedText& aligned) {
  AlignedText result;
  result.reserve(aligned.text.size() * 2);
  for (std::size_t i = 0; i < aligned.text.size(); ++i)
    result.append(byte_characters()[static_cast<unsigned char>(aligned.text[i])], aligned.origin[i]);
  aligned = std::move(result);
}

bool append_bytes_behind(std::string_view token, std::string& out) {
  const std::size_t before = out.size();
  for (const char *at = token.data(), *end = at + token.size(); at < end;) {
    const int byte = byte_of(next_code_point(at));
    if (byte < 0) {
      out.resize(before);
      return false;
    }
    out.push_back(static_cast<char>(byte));
  }
  return true;
}

}  // namespace luthier::text
