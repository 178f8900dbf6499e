#pragma once
// Text -> number with lookups by string_view: all keys in one block of memory, open addressing, no allocation a lookup.
#include <cstdint>
#include <cstring>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

namespace luthier::text {

class StringTable {
 public:
  explicit StringTable(std::size_t expected = 0) { rehash(expected); }

  /// False (and nothing changes) when `key` is there already.
  bool insert(std::string_view key, std::uint32_t value) {
    if ((count_ + 1) * 2 > slots_.size()) rehash(count_ + 1);
    Slot& slot = slots_[find_slot(key, hash(key))];
    if (slot.used) return false;
    slot = {hash(key), static_cast<std::uint32_t>(keys_.size()), static_cast<std::uint32_t>(key.size()), value, true};
    keys_.append(key);
    ++count_;
    return true;
  }

  const std::uint32_t* find(std::string_view key) const {
    const Slot& slot = slots_[find_slot(key, hash(key))];
    return slot.used ? &slot.value : nullptr;
  }
  std::uint32_t* find(std::string_view key) {
    Slot& slot = slots_[find_slot(key, hash(key))];
    return slot.used ? &slot.value : nullptr;
  }

  std::size_t size() const { return count_; }

  template <class Visit>
  void each(Visit visit) const {
    for (const Slot& slot : slots_)
      if (slot.used) visit(std::string_view(keys_).substr(slot.offset, slot.length), slot.value);
  }

 private:
  struct Slot {
    std::uint32_t hash = 0, offset = 0, length = 0, value = 0;
    bool used = false;
  };

  static std::uint32_t hash(std::string_view key) {
    std::uint64_t state = 0x9E3779B97F4A7C15ull ^ key.size();
    const char* at = key.data();
    std::size_t left = key.size();
    for (; left >= 8; at += 8, left -= 8) {
      std::uint64_t word;
      std::memcpy(&word, at, 8);
      state = fold(state ^ word);
    }
    std::uint64_t tail = 0;
    std::memcpy(&tail, at, left);
    return static_cast<std::uint32_t>(fold(state ^ tail));
  }
  static std::uint64_t fold(std::uint64_t word) {
    word *= 0xD6E8FEB86659FD93ull;
    return word ^ word >> 32;
  }

  std::size_t find_slot(std::string_view key, std::uint32_t hash) const {
    const std::size_t mask = slots_.size() - 1;
    std::size_t at = hash & mask;
    while (slots_[at].used && !(slots_[at].hash == hash && slots_[at].length == key.size() &&
                                std::memcmp(keys_.data() + slots_[at].offset, key.data(), key.size()) == 0))
      at = (at + 1) & mask;
    return at;
  }

  void rehash(std::size_t expected) {
    std::size_t size = 16;
    while (size < expected * 4) size *= 2;
    std::vector<Slot> old(size);
    old.swap(slots_);
    for (const Slot& slot : old) {
      if (!slot.used) continue;
      std::size_t at = slot.hash & (size - 1);
      while (slots_[at].used) at = (at + 1) & (size - 1);
      slots_[at] = slot;
    }
  }

  std::vector<Slot> slots_;
  std::string keys_;
  std::size_t count_ = 0;
};

}  // namespace luthier::text
