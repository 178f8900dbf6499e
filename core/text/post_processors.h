#pragma once
// Post-processors: what is put around and between the token lists of one or two texts.
#include <cstdint>
#include <memory>
#include <string_view>
#include <vector>

#include "text/place.h"
#include "text/tokenizer.h"

namespace luthier::text {

/// How many spaces (or byte-level stand-ins for a space) a token starts and ends with.
struct Edges {
  std::uint32_t leading = 0, trailing = 0;
};
Edges edges_of(std::string_view token);

/// A list of tokens on its way to the final encoding. `edges` is filled only for a post-processor that trims offsets.
struct Part {
  Encoding tokens;
  std::vector<Edges> edges;

  std::size_t size() const { return tokens.ids.size(); }
  void append(Part&& other);
  void add_special(std::int64_t id, std::int64_t type_id);
  /// Keeps `count` tokens at the start, or at the end when `from_left` cuts the start away.
  void cut(std::size_t count, bool from_left);
};

class PostProcessor {
 public:
  virtual ~PostProcessor() = default;
  /// How many tokens it adds.
  virtual std::int64_t added(bool pair) const = 0;
  /// Whether it wants `edges`.
  virtual bool trims() const { return false; }
  /// `parts` holds the first text and, for a pair, the second; the result is what stands in order.
  virtual void apply(std::vector<Part>& parts, bool add_special_tokens) const = 0;
};

/// Ids must be below `bound`.
std::unique_ptr<PostProcessor> read_post_processor(const Place& place, std::int64_t bound);

}  // namespace luthier::text
