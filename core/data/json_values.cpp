#include "data/json_values.h"

#include <algorithm>

#include "base/error.h"

namespace luthier {

namespace {
constexpr int kDeepestValue = 512;
constexpr std::size_t kWholeLimitBytes = std::size_t{256} << 20;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

template <class Value>
Value read_whole(const Layout& layout) {
  TextWindow window(layout.path, layout.encoding);
  while (window.more())
    if (window.unread().size() > kWholeLimitBytes)
      fail(ErrorKind::bad_input, "a JSON file that is one single object may have at most 256 MiB", layout.path.string(),
           "write one object for each row, as JSON lines");
  std::string text(window.unread());
  if (!is_valid_utf8(text)) text = repair_utf8(text);
  const std::size_t start = text.find_first_not_of(" \t\r\n");
  if (start != std::string::npos && cut_value(std::string_view(text).substr(start), true).too_deep)
    fail(ErrorKind::bad_input, "the JSON is nested deeper than 512 levels", layout.path.string(), "flatten it");
  return parse_quietly<Value>(text);
}
}  // namespace

CutValue cut_value(std::string_view text, bool at_end) {
  int depth = 0;
  bool in_string = false, too_deep = false;
  for (std::size_t i = 0; i < text.size(); ++i) {
    const char c = text[i];
    if (in_string) {
      if (c == '\\')
        ++i;
      else if (c == '"') {
        in_string = false;
        if (depth == 0) return {i + 1, false, too_deep};
      }
    } else if (c == '"') {
      in_string = true;
    } else if (c == '{' || c == '[') {
      too_deep |= ++depth > kDeepestValue;
    } else if (c == '}' || c == ']') {
      if (depth == 0) return {std::max<std::size_t>(i, 1), false, too_deep};
      if (--depth == 0) return {i + 1, false, too_deep};
    } else if (depth == 0 && (is_blank(c) || c == ',')) {
      return {std::max<std::size_t>(i, 1), false, too_deep};
    }
  }
  if (!at_end) return {kNeedMore, false, too_deep};
  return {text.size(), depth > 0 || in_string, too_deep};
}

bool ValueStream::next(std::string& value) {
  problem_.clear();
  value.clear();
  if (ended_) return false;
  if (!started_ && array_) {
    started_ = true;
    skip_blanks();
    use(1);  // the opening bracket
    if (skip_blanks() == ']') return finish(value);
  }
  const char first = skip_blanks();
  line_ = next_line_;
  if (first == 0) {
    ended_early_ = array_;
    ended_ = true;
    return false;
  }
  if (array_ && first == ']') {
    problem_ = "a comma before the end";
    return finish(value);
  }
  CutValue cut{kNeedMore};
  while (cut.bytes == kNeedMore) {
    cut = cut_value(window_.unread(), window_.at_end());
    if (cut.bytes != kNeedMore) break;
    if (window_.unread().size() > kLongestRecordBytes) {
      problem_ = "a value longer than 16 MiB";
      ended_ = true;
      return true;
    }
    window_.more();
  }
  if (cut.open) {
    problem_ = "a value that is never closed";
    ended_ = ended_early_ = true;
    return true;
  }
  if (cut.too_deep)
    problem_ = "nested deeper than 512 levels";
  else
    value.assign(window_.unread().substr(0, cut.bytes));
  use(cut.bytes);
  if (array_) {
    const char after = skip_blanks();
    if (after == ',') {
      use(1);
    } else if (after == ']') {
      finish(value);
    } else if (after != '{' && after != 0) {
      if (problem_.empty()) problem_ = "no comma after a value";
      value.clear();
      ended_ = ended_early_ = true;
    }
  }
  return true;
}

void ValueStream::use(std::size_t bytes) {
  const auto text = window_.unread().substr(0, bytes);
  next_line_ += std::count(text.begin(), text.end(), '\n');
  window_.use(bytes);
}

/// The next character that is no blank; 0 at the end.
char ValueStream::skip_blanks() {
  while (true) {
    const auto text = window_.unread();
    std::size_t blanks = 0;
    while (blanks < text.size() && is_blank(text[blanks])) ++blanks;
    use(blanks);
    if (!window_.unread().empty()) return window_.unread().front();
    if (!window_.more()) return 0;
  }
}

/// After the closing bracket nothing may follow.
bool ValueStream::finish(const std::string& value) {
  use(1);
  ended_ = true;
  if (skip_blanks() != 0 && problem_.empty()) problem_ = "text after the end of the array";
  return !value.empty() || !problem_.empty();
}

Json read_whole_json(const Layout& layout) { return read_whole<Json>(layout); }
OrderedJson read_whole_json_in_order(const Layout& layout) { return read_whole<OrderedJson>(layout); }

}  // namespace luthier
