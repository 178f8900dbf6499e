// What the head of a JSON file says: its form, its columns and their types.
#include <algorithm>
#include <nlohmann/json.hpp>
#include <unordered_map>

#include "base/error.h"
#include "data/json_values.h"

namespace luthier {

namespace {
constexpr std::size_t kSampleValues = 1000;

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

[[noreturn]] void fail_not_a_table(const Layout& layout, const std::string& what) {
  fail(ErrorKind::bad_input, "the JSON is not a table: " + what, layout.path.string(),
       "a table is an array of objects, one object a line, or an object of equally long lists");
}

/// Form and columns of a file that is one single object.
void detect_single_object(Layout& layout, FindingLog& log) {
  const OrderedJson whole = read_whole_json_in_order(layout);
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
  line = line.substr(0, line.find_last_not_of(" \t\r") + 1);
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
      if (!values.problem().empty() && whole_file) ++broken;
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

}  // namespace luthier
