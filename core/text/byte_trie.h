#pragma once
// All keys that a text starts with, in one walk: a trie whose nodes stand in one array, the children of a node side by
// side and sorted, so that a step is a short scan without any hashing.
#include <algorithm>
#include <array>
#include <cstdint>
#include <string_view>
#include <utility>
#include <vector>

namespace luthier::text {

class ByteTrie {
 public:
  static constexpr std::uint32_t none = ~0u;

  ByteTrie() = default;
  /// The last of equal keys counts; empty keys are left out.
  explicit ByteTrie(std::vector<std::pair<std::string_view, std::uint32_t>> keys) {
    std::stable_sort(keys.begin(), keys.end(), [](const auto& a, const auto& b) { return a.first < b.first; });
    struct Range {
      std::size_t begin, end, depth;
    };
    std::vector<Range> ranges{{0, keys.size(), 0}};  // of the keys below each node
    nodes_.push_back({});
    labels_.push_back(0);
    for (std::size_t node = 0; node < nodes_.size(); ++node) {
      auto [begin, end, depth] = ranges[node];
      for (; begin < end && keys[begin].first.size() == depth; ++begin)
        if (depth > 0) nodes_[node].value = keys[begin].second;
      nodes_[node].first = static_cast<std::uint32_t>(nodes_.size());
      while (begin < end) {
        const char label = keys[begin].first[depth];
        std::size_t same = begin;
        while (same < end && keys[same].first[depth] == label) ++same;
        nodes_.push_back({});
        labels_.push_back(static_cast<unsigned char>(label));
        ranges.push_back({begin, same, depth + 1});
        begin = same;
      }
    }
    nodes_.push_back({static_cast<std::uint32_t>(nodes_.size()), none});  // ends the last node's children
    for (std::uint32_t child = nodes_[0].first; child < nodes_[1].first; ++child) starts_[labels_[child]] = child;
  }

  /// Calls `found(length, value)` for every key at the start of `text`, the shortest first.
  template <class Found>
  void prefixes(std::string_view text, Found found) const {
    if (text.empty()) return;
    std::uint32_t node = starts_[static_cast<unsigned char>(text[0])];
    for (std::size_t length = 1; node != 0; ++length) {
      if (nodes_[node].value != none) found(length, nodes_[node].value);
      if (length == text.size()) return;
      const auto wanted = static_cast<unsigned char>(text[length]);
      std::uint32_t child = nodes_[node].first;
      const std::uint32_t end = nodes_[node + 1].first;
      while (child < end && labels_[child] < wanted) ++child;
      node = child < end && labels_[child] == wanted ? child : 0;
    }
  }

 private:
  struct Node {
    std::uint32_t first = 0, value = none;  ///< the first child; the key that ends here
  };
  std::vector<Node> nodes_;
  std::vector<unsigned char> labels_;        ///< the byte that leads to each node
  std::array<std::uint32_t, 256> starts_{};  ///< the root's children; 0 for none
};

}  // namespace luthier::text
