// Rows of JSON and JSON lines files. Values are cut out of the stream one by one and parsed alone, so that a broken one
// costs one row and a large file no memory.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "base/error.h"
#include "data/rows.h"

namespace luthier {

namespace {
constexpr int kDeepest = 512;
constexpr std::size_t kSampleValues = 1000;
constexpr std::size_t kWholeLimitBytes = std::size_t{256} << 20;

bool is_blank(char c) { return c == ' ' || c == '\t' || c == '\n' || c == '\r'; }

/// Cuts the first JSON value off `text`, which starts with it. Brackets are only counted here; the parser checks the
/// rest. Returns the bytes, or kNeedMore; with `at_end` an open value is all of the text, and `open` tells so.
struct CutValue {
  std::size_t bytes;
  bool open = false, too_deep = false;
};
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
      too_deep |= ++depth > kDeepest;
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

/// A discarded value when `text` is not valid JSON.
template <class Value>
Value parse_quietly(std::string_view text) {
  return Value::parse(text.begin(), text.end(), nullptr, false);
}

/// One value at a time from an array or from a sequence of values.
class ValueStream {
 public:
  ValueStream(TextWindow window, bool array) : window_(std::move(window)), array_(array) {}

  /// "" or what is wrong with the value or with the structure before it.
  std::string problem;
  std::int64_t line() const { return line_; }
  bool ended_early() const { return ended_early_; }

  /// False at the end. `value` is empty when there is only a problem to tell.
  bool next(std::string& value) {
    problem.clear();
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
      problem = "a comma before the end";
      return finish(value, true);
    }
    CutValue cut{kNeedMore};
    while (cut.bytes == kNeedMore) {
      cut = cut_value(window_.unread(), window_.at_end());
      if (cut.bytes != kNeedMore) break;
      if (window_.unread().size() > kLongestRecordBytes) {
        problem = "a value longer than 16 MiB";
        ended_ = true;
        return true;
      }
      window_.more();
    }
    if (cut.open) {
      problem = "a value that is never closed";
      ended_ = ended_early_ = true;
      return true;
    }
    if (cut.too_deep)
      problem = "nested deeper than 512 levels";
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
        if (problem.empty()) problem = "no comma after a value";
        value.clear();
        ended_ = ended_early_ = true;
      }
    }
    return true;
  }

 private:
  void use(std::size_t bytes) {
    const auto text = window_.unread().substr(0, bytes);
    next_line_ += std::count(text.begin(), text.end(), '\n');
    window_.use(bytes);
  }
  /// The next character that is no blank; 0 at the end.
  char skip_blanks() {
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
  bool finish(const std::string& value, bool has_problem = false) {
    use(1);
    ended_ = true;
    if (skip_blanks() != 0 && problem.empty()) problem = "text after the end of the array";
    return !value.empty() || has_problem || !problem.empty();
  }

  TextWindow window_;
  bool array_;
  bool started_ = false, ended_ = false, ended_early_ = false;
  std::int64_t line_ = 0, next_line_ = 1;
};

std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

std::string kind_of(const auto& value) {
  if (value.is_string()) return "text";
  if (value.is_boolean()) return "boolean";
  if (value.is_number_integer()) return "integer";
  if (value.is_number()) return "number";
  if (value.is_array()) return "list";
  if (value.is_object()) return "struct";
  return "";
}

/// Columns and types from values in the order of their appearance.
class ColumnFinder {
 public:
  void add(const std::string& name, const std::string& kind) {
    const auto [known, added] = index_.try_emplace(name, columns_.size());
    if (added) columns_.push_back({name, ""});
    std::string& type = columns_[known->second].type;
    if (kind.empty() || type == kind) return;
    const bool numeric = (type == "integer" && kind == "number") || (type == "number" && kind == "integer");
    type = type.empty() ? kind : numeric ? "number" : "other";
  }
  std::vector<Column> finish(const Layout& layout) {
    if (columns_.size() > kMostColumns)
      fail(ErrorKind::bad_input,
           "the JSON has " + std::to_string(columns_.size()) + " different keys in its first rows",
           layout.path.string(), "a table needs the same few keys in every row");
    for (auto& column : columns_)
      if (column.type.empty()) column.type = "text";
    return std::move(columns_);
  }

 private:
  static constexpr std::size_t kMostColumns = 4096;
  std::vector<Column> columns_;
  std::unordered_map<std::string, std::size_t> index_;
};

/// The object's members as a row.
class RowFiller {
 public:
  RowFiller(const Layout& layout, FindingLog& log) : layout_(layout), log_(log) {}

  /// False (with a finding) when the value is no row.
  bool fill(const Json& value, std::int64_t line, Row& row) {
    const std::size_t width = layout_.columns.size();
    if (layout_.json_strings ? !value.is_string() : !value.is_object()) {
      log_.add("not_rows", line);
      return false;
    }
    row.values.resize(width);
    row.null.assign(width, false);
    if (layout_.json_strings) {
      row.values[0] = value.get<std::string>();
      return true;
    }
    std::size_t known = 0;
    for (std::size_t i = 0; i < width; ++i) {
      const auto member = value.find(layout_.columns[i].name);
      known += member != value.end();
      row.null[i] = member == value.end() || member->is_null();
      row.values[i] = row.null[i] ? std::string() : text_of(*member);
    }
    if (known < value.size()) log_.add("unknown_keys", line);
    return true;
  }

 private:
  const Layout& layout_;
  FindingLog& log_;
};

class JsonStreamRows : public RowReader {
 public:
  JsonStreamRows(const Layout& layout, FindingLog& log)
      : log_(log),
        cleaner_(layout, log),
        filler_(layout, log),
        values_({layout.path, layout.encoding}, layout.json_form == JsonForm::array) {}

  bool next(Row& row) override {
    while (values_.next(text_)) {
      if (!values_.problem.empty()) log_.add("broken_rows", values_.line(), values_.problem);
      if (text_.empty()) continue;
      cleaner_.clean(text_, values_.line());
      const Json value = parse_quietly<Json>(text_);
      if (value.is_discarded())
        log_.add("broken_rows", values_.line(), "not valid JSON");
      else if (filler_.fill(value, values_.line(), row))
        return true;
    }
    if (values_.ended_early()) log_.add("truncated_file", values_.line());
    return false;
  }

 private:
  FindingLog& log_;
  ValueCleaner cleaner_;
  RowFiller filler_;
  ValueStream values_;
  std::string text_;
};

class JsonLineRows : public RowReader {
 public:
  JsonLineRows(const Layout& layout, FindingLog& log)
      : log_(log), cleaner_(layout, log), filler_(layout, log), window_(layout.path, layout.encoding) {}

  bool next(Row& row) override {
    TextWindow::Line line;
    while (window_.line('\n', line)) {
      ++number_;
      if (line.text.find_first_not_of(" \t\r\v\f") == std::string_view::npos) continue;
      if (line.too_long) {
        log_.add("broken_rows", number_, "longer than 16 MiB");
        continue;
      }
      text_.assign(line.text);
      cleaner_.clean(text_, number_);
      const std::size_t start = text_.find_first_not_of(" \t");
      if (cut_value(std::string_view(text_).substr(start), true).too_deep) {
        log_.add("broken_rows", number_, "nested deeper than 512 levels");
        continue;
      }
      const Json value = parse_quietly<Json>(text_);
      if (value.is_discarded())
        log_.add("broken_rows", number_, "not valid JSON");
      else if (filler_.fill(value, number_, row))
        return true;
    }
    if (window_.cut_short()) log_.add("truncated_file", number_);
    return false;
  }

 private:
  FindingLog& log_;
  ValueCleaner cleaner_;
  RowFiller filler_;
  TextWindow window_;
  std::string text_;
  std::int64_t number_ = 0;
};

/// The whole file as one value, for the forms that cannot be streamed.
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

/// Rows out of one object that holds them all.
class JsonWholeRows : public RowReader {
 public:
  JsonWholeRows(const Layout& layout, FindingLog& log)
      : layout_(layout), filler_(layout, log), whole_(read_whole<Json>(layout)) {
    if (whole_.is_discarded()) fail(ErrorKind::bad_input, "the file is not valid JSON", layout.path.string());
    if (layout.json_form == JsonForm::columns)
      for (const auto& column : layout.columns) {
        if (!whole_.contains(column.name))
          fail(ErrorKind::conflict, "the file has changed while it was read", layout.path.string());
        members_.push_back(whole_[column.name].begin());
        ends_.push_back(whole_[column.name].end());
      }
  }

  bool next(Row& row) override {
    switch (layout_.json_form) {
      case JsonForm::nested:
        while (at_ < whole_[layout_.json_key].size()) {
          const std::size_t here = at_++;
          if (filler_.fill(whole_[layout_.json_key][here], static_cast<std::int64_t>(here) + 1, row)) return true;
        }
        return false;
      case JsonForm::columns:
        for (std::size_t i = 0; i < members_.size(); ++i)
          if (members_[i] == ends_[i]) return false;
        row.values.resize(members_.size());
        row.null.resize(members_.size());
        for (std::size_t i = 0; i < members_.size(); ++i, ++members_[i - 1]) {
          row.null[i] = members_[i]->is_null();
          row.values[i] = row.null[i] ? std::string() : text_of(*members_[i]);
        }
        return true;
      default:
        return at_++ == 0 && filler_.fill(whole_, 1, row);
    }
  }

 private:
  const Layout& layout_;
  RowFiller filler_;
  Json whole_;
  std::vector<Json::iterator> members_, ends_;
  std::size_t at_ = 0;
};

[[noreturn]] void fail_not_a_table(const Layout& layout, const std::string& what) {
  fail(ErrorKind::bad_input, "the JSON is not a table: " + what, layout.path.string(),
       "a table is an array of objects, one object a line, or an object of equally long lists");
}

/// Form and columns of a file that is one single object.
void detect_single_object(Layout& layout, FindingLog& log) {
  const OrderedJson whole = read_whole<OrderedJson>(layout);
  if (whole.is_discarded())
    fail(ErrorKind::bad_input, "the file is not valid JSON", layout.path.string(), "check it with a JSON validator");
  if (!whole.is_object() || whole.empty()) fail_not_a_table(layout, "it has no rows");
  ColumnFinder finder;
  const auto& first = whole.begin().value();
  bool lists = first.is_array() && !first.empty(), maps = first.is_object() && !first.empty();
  for (const auto& member : whole.items()) {
    lists &= member.value().is_array() && member.value().size() == first.size();
    maps &= member.value().is_object() && member.value().size() == first.size();
    if (maps)
      for (auto a = member.value().begin(), b = first.begin(); a != member.value().end(); ++a, ++b)
        maps &= a.key() == b.key();
  }
  const bool of_objects = lists && first[0].is_object() && whole.size() == 1;
  if ((lists && !of_objects) || maps) {
    layout.json_form = JsonForm::columns;
    for (const auto& member : whole.items())
      for (const auto& value : member.value()) finder.add(member.key(), kind_of(value));
  } else {
    std::vector<std::string> tables;
    for (const auto& member : whole.items())
      if (member.value().is_array() && !member.value().empty() && member.value()[0].is_object())
        tables.push_back(member.key());
    if (tables.size() == 1) {
      layout.json_form = JsonForm::nested;
      layout.json_key = tables[0];
      log.add("nested_table", 0, "key '" + tables[0] + "'");
      for (const auto& value : whole[tables[0]])
        if (value.is_object())
          for (const auto& member : value.items()) finder.add(member.key(), kind_of(member.value()));
    } else {
      layout.json_form = JsonForm::single;
      for (const auto& member : whole.items()) finder.add(member.key(), kind_of(member.value()));
    }
  }
  layout.columns = finder.finish(layout);
}

/// Does the first line hold exactly one value, with more lines after it?
bool first_line_is_a_value(std::string_view head) {
  const std::size_t end = head.find('\n');
  if (end == std::string_view::npos || head.find_first_not_of(" \t\r\n", end) == std::string_view::npos) return false;
  std::string_view line = head.substr(0, end);
  while (!line.empty() && is_blank(line.back())) line.remove_suffix(1);
  const CutValue cut = cut_value(line, true);
  return !cut.open && !cut.too_deep && cut.bytes == line.size();
}
}  // namespace

void detect_json(Layout& layout, const std::string& head, bool whole_file, bool lines_expected, FindingLog& log) {
  const std::size_t start = head.find_first_not_of(" \t\r\n");
  const std::string_view text = std::string_view(head).substr(start);
  const CutValue first = cut_value(text, whole_file);
  const bool only_value = first.bytes != kNeedMore && !first.open &&
                          text.substr(first.bytes).find_first_not_of(" \t\r\n") == std::string_view::npos && whole_file;
  if (lines_expected || (text[0] != '[' && first_line_is_a_value(text))) {
    layout.json_form = JsonForm::lines;
  } else if (text[0] == '[') {
    layout.json_form = JsonForm::array;
  } else if (text[0] == '{' && (only_value || first.bytes == kNeedMore)) {
    detect_single_object(layout, log);
    return;
  } else {
    layout.json_form = JsonForm::sequence;
  }
  layout.detected.format = layout.json_form == JsonForm::lines ? "jsonl" : "json";

  // The head may end inside a value; what is cut there is not looked at.
  ColumnFinder finder;
  std::size_t objects = 0, strings = 0, broken = 0;
  std::string other;
  const auto look_at = [&](std::string_view value_text) {
    const auto value = parse_quietly<OrderedJson>(value_text);
    if (value.is_object() && !value.empty()) {
      ++objects;
      for (const auto& member : value.items()) finder.add(member.key(), kind_of(member.value()));
    } else if (value.is_string()) {
      ++strings;
    } else if (value.is_discarded()) {
      ++broken;
    } else {
      other = value.type_name();
    }
  };
  std::size_t seen = 0;
  if (layout.json_form == JsonForm::lines) {
    std::size_t at = 0;
    while (at < text.size() && seen < kSampleValues) {
      const std::size_t end = std::min(text.find('\n', at), text.size());
      if (end == text.size() && !whole_file && seen > 0) break;
      const std::string_view line = text.substr(at, end - at);
      at = end + 1;
      if (line.find_first_not_of(" \t\r") == std::string_view::npos) continue;
      ++seen;
      if (cut_value(line.substr(line.find_first_not_of(" \t")), true).too_deep)
        ++broken;
      else
        look_at(line);
    }
  } else {
    ValueStream values(TextWindow(std::string(text)), layout.json_form == JsonForm::array);
    std::string value;
    while (seen < kSampleValues && values.next(value)) {
      if (!values.problem.empty() && whole_file) ++broken;
      if (value.empty()) continue;
      ++seen;
      look_at(value);
    }
    broken += whole_file && values.ended_early();
  }
  // Texts alone could come from any broken file: only a faultless list of them is taken for a table.
  if (objects == 0 && strings > 0 && other.empty() && broken == 0) {
    layout.json_strings = true;
    layout.columns = {{"text", "text"}};
    return;
  }
  if (objects == 0) {
    if (whole_file && layout.json_form != JsonForm::lines) try {
        parse_json(head, layout.path.string());  // says line and column
      } catch (const Json::exception& error) {
        fail(ErrorKind::bad_input, std::string("the JSON cannot be read: ") + error.what(), layout.path.string(),
             "write very large numbers as texts");
      }
    if (broken > 0)
      fail(ErrorKind::bad_input, "the file is not valid JSON", layout.path.string(), "check it with a JSON validator");
    fail_not_a_table(layout, other.empty() ? "it has no rows" : "its values are of the kind '" + other + "'");
  }
  layout.columns = finder.finish(layout);
}

std::unique_ptr<RowReader> open_json_rows(const Layout& layout, FindingLog& log) {
  switch (layout.json_form) {
    case JsonForm::lines:
      return std::make_unique<JsonLineRows>(layout, log);
    case JsonForm::array:
    case JsonForm::sequence:
      return std::make_unique<JsonStreamRows>(layout, log);
    default:
      return std::make_unique<JsonWholeRows>(layout, log);
  }
}

}  // namespace luthier
