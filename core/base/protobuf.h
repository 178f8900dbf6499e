#pragma once
// Protocol buffers' wire format (protobuf.dev, "Encoding") read and written field by field, without generated code: few
// kinds of messages are needed, and a second protobuf library in a process that holds LibTorch's is asking for clashes.
#include <bit>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace luthier {

class ProtobufReader {
 public:
  explicit ProtobufReader(std::string_view bytes) : rest_(bytes) {}

  struct Field {
    std::uint32_t number = 0;
    std::uint64_t whole = 0;  ///< of a varint or fixed field
    std::string_view bytes;   ///< of a field with a length

    float number32() const { return std::bit_cast<float>(static_cast<std::uint32_t>(whole)); }
  };
  /// The next field; nullopt at the end, and when the bytes are broken (then broken() is true).
  std::optional<Field> next() {
    if (rest_.empty() || broken_) return std::nullopt;
    const std::uint64_t tag = varint();
    Field field;
    field.number = static_cast<std::uint32_t>(tag >> 3);
    switch (tag & 7) {
      case 0:
        field.whole = varint();
        break;
      case 1:
        field.whole = fixed(8);
        break;
      case 2: {
        const std::uint64_t length = varint();
        if (length > rest_.size()) broken_ = true;
        if (broken_) break;
        field.bytes = rest_.substr(0, length);
        rest_.remove_prefix(length);
        break;
      }
      case 5:
        field.whole = fixed(4);
        break;
      default:
        broken_ = true;
    }
    if (field.number == 0) broken_ = true;
    return broken_ ? std::nullopt : std::optional(field);
  }
  bool broken() const { return broken_; }

 private:
  std::uint64_t varint() {
    std::uint64_t value = 0;
    for (int shift = 0; shift < 64; shift += 7) {
      if (rest_.empty()) break;
      const auto byte = static_cast<unsigned char>(rest_[0]);
      rest_.remove_prefix(1);
      value |= std::uint64_t{byte & 0x7Fu} << shift;
      if (byte < 0x80) return value;
    }
    broken_ = true;
    return 0;
  }
  std::uint64_t fixed(std::size_t bytes) {
    if (rest_.size() < bytes) {
      broken_ = true;
      return 0;
    }
    std::uint64_t value = 0;
    for (std::size_t i = 0; i < bytes; ++i) value |= std::uint64_t{static_cast<unsigned char>(rest_[i])} << (8 * i);
    rest_.remove_prefix(bytes);
    return value;
  }

  std::string_view rest_;
  bool broken_ = false;
};

/// A message while it is written, fields in any order.
class ProtobufWriter {
 public:
  void integer(std::uint32_t number, std::int64_t value) {
    tag(number, 0);
    varint(static_cast<std::uint64_t>(value));
  }
  void number32(std::uint32_t number, float value) {
    tag(number, 5);
    const auto bits = std::bit_cast<std::uint32_t>(value);
    for (int shift = 0; shift < 32; shift += 8) bytes_ += static_cast<char>(bits >> shift & 0xFF);
  }
  /// A text, bytes, or another message's.
  void bytes(std::uint32_t number, std::string_view value) {
    length(number, value.size());
    bytes_ += value;
  }
  void message(std::uint32_t number, const ProtobufWriter& value) { bytes(number, value.bytes_); }
  /// What stands before `size` bytes that are written elsewhere, right behind what is there now.
  void length(std::uint32_t number, std::uint64_t size) {
    tag(number, 2);
    varint(size);
  }
  const std::string& written() const { return bytes_; }

 private:
  void tag(std::uint32_t number, std::uint32_t kind) { varint(std::uint64_t{number} << 3 | kind); }
  void varint(std::uint64_t value) {
    for (; value >= 0x80; value >>= 7) bytes_ += static_cast<char>((value & 0x7F) | 0x80);
    bytes_ += static_cast<char>(value);
  }

  std::string bytes_;
};

}  // namespace luthier
