#include "pages/data/token_alignment.h"

#include <algorithm>

namespace luthier {

namespace {
constexpr std::size_t kMostPairs = 4'000'000;
using In = AlignedToken::In;
using Ids = std::span<const std::int32_t>;

/// The middle, between what both begin and end with: by the lengths of common subsequences of all pairs of endings.
void alignMiddle(Ids first, Ids second, std::vector<AlignedToken>& aligned) {
  const std::size_t rows = first.size(), columns = second.size();
  const bool compare = rows * columns <= kMostPairs;
  std::vector<std::int32_t> common(compare ? (rows + 1) * (columns + 1) : 0);
  const auto at = [&](std::size_t i, std::size_t j) -> std::int32_t& { return common[i * (columns + 1) + j]; };
  for (std::size_t i = compare ? rows : 0; i-- > 0;)
    for (std::size_t j = columns; j-- > 0;)
      at(i, j) = first[i] == second[j] ? at(i + 1, j + 1) + 1 : std::max(at(i + 1, j), at(i, j + 1));
  std::size_t i = 0, j = 0;
  while (compare && i < rows && j < columns) {
    if (first[i] == second[j]) {
      aligned.push_back({first[i++], In::both});
      ++j;
    } else if (at(i + 1, j) >= at(i, j + 1)) {
      aligned.push_back({first[i++], In::first});
    } else {
      aligned.push_back({second[j++], In::second});
    }
  }
  while (i < rows) aligned.push_back({first[i++], In::first});
  while (j < columns) aligned.push_back({second[j++], In::second});
}
}  // namespace

std::vector<AlignedToken> alignTokens(Ids first, Ids second) {
  const std::size_t most = std::min(first.size(), second.size());
  std::size_t begin = 0, end = 0;
  while (begin < most && first[begin] == second[begin]) ++begin;
  while (end < most - begin && first[first.size() - 1 - end] == second[second.size() - 1 - end]) ++end;
  std::vector<AlignedToken> aligned;
  for (std::size_t i = 0; i < begin; ++i) aligned.push_back({first[i], In::both});
  alignMiddle(first.subspan(begin, first.size() - begin - end), second.subspan(begin, second.size() - begin - end),
              aligned);
  for (std::size_t i = first.size() - end; i < first.size(); ++i) aligned.push_back({first[i], In::both});
  return aligned;
}

}  // namespace luthier
