#include "base/random.h"

#include <cmath>
#include <numbers>
#include <utility>

namespace luthier {

namespace {
constexpr std::uint64_t kGolden = 0x9e3779b97f4a7c15ull;

std::uint64_t finish(std::uint64_t z) {
  z = (z ^ (z >> 30)) * 0xbf58476d1ce4e5b9ull;
  z = (z ^ (z >> 27)) * 0x94d049bb133111ebull;
  return z ^ (z >> 31);
}
}  // namespace

std::uint64_t mix(std::uint64_t a, std::uint64_t b, std::uint64_t c, std::uint64_t d) {
  std::uint64_t state = finish(a + kGolden);
  for (const std::uint64_t word : {b, c, d}) state = finish(state + kGolden + word);
  return state;
}

Random::Random(std::uint64_t seed, std::uint64_t stream, std::uint64_t index) : state_(mix(seed, stream, index)) {}

std::uint64_t Random::next() { return finish(state_ += kGolden); }

double Random::uniform() { return static_cast<double>(next() >> 11) * 0x1.0p-53; }

std::uint64_t Random::below(std::uint64_t bound) {
  const std::uint64_t threshold = (0 - bound) % bound;  // words below this one would favour small results
  while (true) {
    const std::uint64_t word = next();
    if (word >= threshold) return word % bound;
  }
}

double Random::normal() {
  const double u = 1.0 - uniform(), v = uniform();
  return std::sqrt(-2.0 * std::log(u)) * std::cos(2.0 * std::numbers::pi * v);
}

std::vector<std::int64_t> permutation(std::int64_t count, std::uint64_t seed, std::uint64_t stream) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < order.size(); ++i) order[i] = static_cast<std::int64_t>(i);
  Random random(seed, stream);
  for (std::size_t i = order.size(); i > 1; --i) std::swap(order[i - 1], order[random.below(i)]);
  return order;
}

std::uint64_t hash_bytes(const void* bytes, std::size_t size, std::uint64_t start) {
  const auto* next = static_cast<const unsigned char*>(bytes);
  std::uint64_t hash = start;
  for (std::size_t i = 0; i < size; ++i) hash = (hash ^ next[i]) * 0x100000001b3ull;
  return hash;
}

std::string hex(std::uint64_t value) {
  std::string digits(16, '0');
  for (int i = 15; i >= 0; --i, value >>= 4) digits[static_cast<std::size_t>(i)] = "0123456789abcdef"[value & 15];
  return digits;
}

}  // namespace luthier
