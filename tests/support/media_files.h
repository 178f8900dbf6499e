#pragma once
// Small images and recordings that tests write themselves.
#include <array>
#include <cmath>
#include <cstdint>
#include <string>

#include "support/testing.h"

namespace luthier::testing {

inline std::string big_endian(std::uint32_t value) {
  return {static_cast<char>(value >> 24), static_cast<char>(value >> 16), static_cast<char>(value >> 8),
          static_cast<char>(value)};
}
inline std::string little_endian(std::uint32_t value, int bytes) {
  std::string text;
  for (int i = 0; i < bytes; ++i) text += static_cast<char>(value >> (8 * i));
  return text;
}

/// PNG's CRC-32 (ISO 3309).
inline std::uint32_t crc_of(const std::string& bytes) {
  std::uint32_t crc = 0xFFFFFFFFu;
  for (const char c : bytes) {
    crc ^= static_cast<unsigned char>(c);
    for (int bit = 0; bit < 8; ++bit) crc = crc & 1 ? crc >> 1 ^ 0xEDB88320u : crc >> 1;
  }
  return ~crc;
}

/// An RGB PNG of one colour with a few lighter pixels drawn by `seed`, without compression.
inline std::string png_bytes(int width, int height, std::array<std::uint8_t, 3> colour, unsigned seed = 0) {
  const auto chunk = [](const std::string& kind, const std::string& data) {
    return big_endian(static_cast<std::uint32_t>(data.size())) + kind + data + big_endian(crc_of(kind + data));
  };
  std::string raw;
  for (int y = 0; y < height; ++y) {
    raw += '\0';  // no filter
    for (int x = 0; x < width; ++x)
      for (const std::uint8_t value : colour)
        raw += static_cast<char>(std::min(255u, value + (seed * 7919u + static_cast<unsigned>(x * 31 + y * 17)) % 40u));
  }
  std::uint32_t a = 1, b = 0;  // Adler-32 of zlib
  for (const char c : raw) {
    a = (a + static_cast<unsigned char>(c)) % 65521;
    b = (b + a) % 65521;
  }
  std::string packed = "\x78\x01";
  for (std::size_t at = 0; at < raw.size(); at += 65535) {
    const auto size = static_cast<std::uint32_t>(std::min<std::size_t>(65535, raw.size() - at));
    packed += at + size == raw.size() ? '\1' : '\0';
    packed += little_endian(size, 2) + little_endian(~size & 0xFFFFu, 2) + raw.substr(at, size);
  }
  packed += big_endian(b << 16 | a);
  const std::string head = big_endian(static_cast<std::uint32_t>(width)) +
                           big_endian(static_cast<std::uint32_t>(height)) + std::string("\x08\x02\0\0\0", 5);
  return std::string("\x89PNG\r\n\x1a\n", 8) + chunk("IHDR", head) + chunk("IDAT", packed) + chunk("IEND", "");
}

/// A 16-bit mono WAV of a tone.
inline std::string wav_bytes(double seconds, int rate, double hertz) {
  std::string samples;
  for (int i = 0; i < static_cast<int>(seconds * rate); ++i) {
    const double value = 12000 * std::sin(2 * M_PI * hertz * i / rate);
    samples += little_endian(static_cast<std::uint32_t>(static_cast<std::int16_t>(value)), 2);
  }
  const auto size = static_cast<std::uint32_t>(samples.size()), speed = static_cast<std::uint32_t>(rate);
  return "RIFF" + little_endian(36 + size, 4) + "WAVEfmt " + little_endian(16, 4) + little_endian(1, 2) +
         little_endian(1, 2) + little_endian(speed, 4) + little_endian(2 * speed, 4) + little_endian(2, 2) +
         little_endian(16, 2) + "data" + little_endian(size, 4) + samples;
}

}  // namespace luthier::testing
