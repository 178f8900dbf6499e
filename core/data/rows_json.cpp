// Rows of JSON and JSON lines files.
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "data/json_values.h"

namespace luthier {

namespace {
std::string text_of(const Json& value) { return value.is_string() ? value.get<std::string>() : value.dump(); }

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
      if (!values_.problem().empty()) log_.add("broken_rows", values_.line(), values_.problem());
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

/// Rows out of one object that holds them all.
class JsonWholeRows : public RowReader {
 public:
  JsonWholeRows(const Layout& layout, FindingLog& log)
      : layout_(layout), filler_(layout, log), whole_(read_whole_json(layout)) {
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
}  // namespace

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
