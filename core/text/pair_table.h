#pragma once
// A pair of ids -> value, open addressing.
#include <cstdint>
#include <vector>

namespace luthier::text {

/// Ordered as the pair (left, right) is.
inline std::uint64_t pair_of(std::uint32_t left, std::uint32_t right) { return std::uint64_t{left} << 32 | right; }

template <class Value>
class PairTable {
 public:
  explicit PairTable(std::size_t expected = 0) { rehash(expected); }

  const Value* find(std::uint64_t pair) const {
    const Slot& slot = slots_[find_slot(pair)];
    return slot.pair == empty ? nullptr : &slot.value;
  }
  /// The value of a pair, made where there is none. References last until the next call.
  Value& operator[](std::uint64_t pair) {
    std::size_t at = find_slot(pair);
    if (slots_[at].pair == empty) {
      if ((count_ + 1) * 2 > slots_.size()) {
        rehash(count_ + 1);
        at = find_slot(pair);
      }
      slots_[at].pair = pair;
      ++count_;
    }
    return slots_[at].value;
  }

 private:
  static constexpr std::uint64_t empty = ~std::uint64_t{0};  // ids stay far below 2^32 - 1
  struct Slot {
    std::uint64_t pair = empty;
    Value value{};
  };

  std::size_t find_slot(std::uint64_t pair) const {
    const std::size_t mask = slots_.size() - 1;
    const std::uint64_t hash = pair * 0x9E3779B97F4A7C15ull;
    std::size_t at = (hash ^ hash >> 29) & mask;
    while (slots_[at].pair != empty && slots_[at].pair != pair) at = (at + 1) & mask;
    return at;
  }
  void rehash(std::size_t expected) {
    std::size_t size = 16;
    while (size < expected * 4) size *= 2;
    std::vector<Slot> old(size);
    old.swap(slots_);
    for (Slot& slot : old)
      if (slot.pair != empty) slots_[find_slot(slot.pair)] = std::move(slot);
  }

  std::vector<Slot> slots_;
  std::size_t count_ = 0;
};

}  // namespace luthier::text
