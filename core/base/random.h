#pragma once
// Counter-based randomness: a value is a pure function of (seed, stream, index), so that shuffling, masking and dropout
// need no saved state and do not depend on threads. SplitMix64 (Steele, Lea, Flood: Fast splittable pseudorandom number
// generators, OOPSLA 2014) as the mixing function.
#include <cstddef>
#include <cstdint>
#include <string>
#include <vector>

namespace luthier {

/// Mixes any number of words into one well-distributed word.
std::uint64_t mix(std::uint64_t a, std::uint64_t b = 0, std::uint64_t c = 0, std::uint64_t d = 0);

/// A small generator for a sequence of draws from one (seed, stream, index).
class Random {
 public:
  explicit Random(std::uint64_t seed, std::uint64_t stream = 0, std::uint64_t index = 0);
  std::uint64_t next();                      ///< uniform over all 64-bit words
  double uniform();                          ///< uniform in [0, 1)
  std::uint64_t below(std::uint64_t bound);  ///< uniform in [0, bound); bound > 0; unbiased
  double normal();                           ///< standard normal (Box-Muller)

 private:
  std::uint64_t state_;
};

/// 0 .. count-1 in an order that is a function of (seed, stream).
std::vector<std::int64_t> permutation(std::int64_t count, std::uint64_t seed, std::uint64_t stream);

/// FNV-1a, 64 bits: for cache keys and content hashes (not cryptographic). Chain calls through `start`.
std::uint64_t hash_bytes(const void* bytes, std::size_t size, std::uint64_t start = 0xcbf29ce484222325ull);

/// 16 lower-case hexadecimal digits.
std::string hex(std::uint64_t value);

}  // namespace luthier
