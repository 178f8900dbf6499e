#pragma once
// Unicode regular expressions (PCRE2 with its just-in-time compiler), as tokenizer files use them for splitting.
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "text/place.h"

namespace luthier::text {

/// A stretch of a text: whether a pattern matched there.
struct Stretch {
  std::size_t begin = 0, end = 0;
  bool match = false;
};

class Regex {
 public:
  /// bad_input (naming `place`) when the pattern does not compile.
  Regex(const std::string& pattern, const Place& place);
  ~Regex();
  Regex(Regex&&) noexcept;

  /// A pattern that finds `plain` itself.
  static Regex literal(const std::string& plain, const Place& place);
  /// The "pattern" member of a component: {"String": ...} or {"Regex": ...}.
  static Regex from(const Place& component);

  /// The whole of `text` (valid UTF-8) as matches and what lies between them. Thread-safe.
  void stretches(std::string_view text, std::vector<Stretch>& out) const;

 private:
  struct Compiled;
  std::unique_ptr<Compiled> compiled_;
};

}  // namespace luthier::text
