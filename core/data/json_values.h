#pragma once
// JSON values cut out of a stream one by one, so that a broken one costs one row and a large file no memory.
#include <cstdint>
#include <nlohmann/json.hpp>
#include <string>
#include <string_view>

#include "data/delimited.h"
#include "data/rows.h"

namespace luthier {

/// Cuts the first JSON value off `text`, which starts with it. Brackets are only counted here; the parser checks the
/// rest. Returns the bytes, or kNeedMore; with `at_end` an open value is all of the text, and `open` tells so.
struct CutValue {
  std::size_t bytes;
  bool open = false, too_deep = false;
};
CutValue cut_value(std::string_view text, bool at_end);

/// A discarded value when `text` is not valid JSON.
template <class Value>
Value parse_quietly(std::string_view text) {
  return Value::parse(text.begin(), text.end(), nullptr, false);
}

/// One value at a time from an array or from a sequence of values.
class ValueStream {
 public:
  ValueStream(TextWindow window, bool array) : window_(std::move(window)), array_(array) {}

  /// "" or what is wrong with the last value or with the structure before it.
  const std::string& problem() const { return problem_; }
  std::int64_t line() const { return line_; }  ///< where the last value begins, from 1
  bool ended_early() const { return ended_early_; }

  /// False at the end. `value` is empty when there is only a problem to tell.
  bool next(std::string& value);

 private:
  void use(std::size_t bytes);
  char skip_blanks();
  bool finish(const std::string& value);

  TextWindow window_;
  bool array_;
  bool started_ = false, ended_ = false, ended_early_ = false;
  std::string problem_;
  std::int64_t line_ = 0, next_line_ = 1;
};

/// The whole file as one valid value, for the forms that cannot be streamed; discarded when it is not valid JSON.
/// bad_input when it is larger than 256 MiB or nested deeper than 512 levels.
Json read_whole_json(const Layout& layout);
OrderedJson read_whole_json_in_order(const Layout& layout);

}  // namespace luthier
