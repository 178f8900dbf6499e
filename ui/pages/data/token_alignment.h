#pragma once
// Two sequences of tokens beside each other.
#include <cstdint>
#include <span>
#include <vector>

namespace luthier {

struct AlignedToken {
  enum class In { both, first, second };
  std::int32_t id = 0;
  In in = In::both;
};

/// What both have in the same order (a longest common subsequence) once, in its place, and between that what one of
/// them has alone: the first's before the second's. Middles of more than four million pairs are not compared: they
/// count as unequal.
std::vector<AlignedToken> alignTokens(std::span<const std::int32_t> first, std::span<const std::int32_t> second);

}  // namespace luthier
