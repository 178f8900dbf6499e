// Rows of delimited text, of plain text and of CoNLL files.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "data/rows.h"

namespace luthier {

void ValueCleaner::clean(std::string& value, std::int64_t line) {
  if (value.find('\0') != std::string::npos) {
    std::erase(value, '\0');
    if (line != last_nul_line_) log_.add("nul_bytes", line);
    last_nul_line_ = line;
  }
  if (is_valid_utf8(value)) return;
  if (line != last_invalid_line_) log_.add("mixed_encoding", line);
  last_invalid_line_ = line;
  if (as_latin1_ && !has_valid_multibyte(value)) {
    std::string read_again;
    append_as_utf8(value, TextEncoding::latin1, true, read_again);
    value = std::move(read_again);
  } else {
    value = repair_utf8(value);
  }
}

namespace {
class DelimitedRows : public RowReader {
 public:
  DelimitedRows(const Layout& layout, FindingLog& log)
      : layout_(layout), log_(log), cleaner_(layout, log), records_({layout.path, layout.encoding}, layout.dialect) {
    if (layout_.header) records_.next(fields_, shape_);
  }

  bool next(Row& row) override {
    const std::size_t width = layout_.columns.size();
    while (true) {
      switch (records_.next(fields_, shape_, width)) {
        case RecordReader::Outcome::end:
          if (records_.window().cut_short()) log_.add("truncated_file", records_.line());
          return false;
        case RecordReader::Outcome::unclosed:
          log_.add("broken_rows", records_.line(), "unclosed quote");
          continue;
        case RecordReader::Outcome::too_long:
          log_.add("broken_rows", records_.line(), "longer than 16 MiB");
          continue;
        case RecordReader::Outcome::record:
          break;
      }
      if (fields_.size() < width && fields_.size() == layout_.short_width) {
        log_.add("cut_fields", records_.line());
        fields_.resize(width);
      }
      while (fields_.size() > width && fields_.back().empty()) fields_.pop_back();
      if (fields_.size() == width) break;
      log_.add("broken_rows", records_.line(), fields_.size() < width ? "too few fields" : "too many fields");
    }
    for (auto& field : fields_) cleaner_.clean(field, records_.line());
    row.values.swap(fields_);
    row.null.resize(width);
    for (std::size_t i = 0; i < width; ++i) row.null[i] = row.values[i].empty();
    return true;
  }

 private:
  const Layout& layout_;
  FindingLog& log_;
  ValueCleaner cleaner_;
  RecordReader records_;
  std::vector<std::string> fields_;
  RecordShape shape_;
};

class LineRows : public RowReader {
 public:
  LineRows(const Layout& layout, FindingLog& log)
      : log_(log), cleaner_(layout, log), window_(layout.path, layout.encoding), newline_(layout.dialect.newline) {}

  bool next(Row& row) override {
    TextWindow::Line line;
    while (window_.line(newline_, line)) {
      ++number_;
      if (line.too_long) {
        log_.add("broken_rows", number_, "longer than 16 MiB");
        continue;
      }
      if (line.text.find_first_not_of(" \t\r\v\f") == std::string_view::npos) continue;
      row.values.resize(1);
      row.values[0].assign(line.text);
      cleaner_.clean(row.values[0], number_);
      row.null.assign(1, false);
      return true;
    }
    if (window_.cut_short()) log_.add("truncated_file", number_);
    return false;
  }

 private:
  FindingLog& log_;
  ValueCleaner cleaner_;
  TextWindow window_;
  char newline_;
  std::int64_t number_ = 0;
};

/// One row a sentence: columns tokens and tags (first and last field of its lines) as JSON lists.
class ConllRows : public RowReader {
 public:
  ConllRows(const Layout& layout, FindingLog& log)
      : log_(log), cleaner_(layout, log), window_(layout.path, layout.encoding), newline_(layout.dialect.newline) {}

  bool next(Row& row) override {
    Json tokens = Json::array(), tags = Json::array();
    std::int64_t broken_line = 0;
    TextWindow::Line line;
    bool more = true;
    while (more) {
      more = window_.line(newline_, line);
      ++number_;
      std::string_view text = more ? line.text : std::string_view();
      while (!text.empty() && blank(text.back())) text.remove_suffix(1);
      if (text.empty() || text.starts_with("-DOCSTART-")) {
        if (broken_line) log_.add("broken_rows", broken_line, "a line without a tag");
        if (!tokens.empty() && !broken_line) break;
        tokens.clear();
        tags.clear();
        broken_line = 0;
        continue;
      }
      const std::size_t first = text.find_first_of("\t "), last = text.find_last_of("\t ");
      if (first == std::string_view::npos || line.too_long || tokens.size() >= kMostTokens) {
        if (!text.starts_with('#') && !broken_line) broken_line = number_;
        continue;
      }
      std::string token(text.substr(0, first)), tag(text.substr(last + 1));
      cleaner_.clean(token, number_);
      cleaner_.clean(tag, number_);
      tokens.push_back(std::move(token));
      tags.push_back(std::move(tag));
    }
    if (tokens.empty()) {
      if (window_.cut_short()) log_.add("truncated_file", number_);
      return false;
    }
    row.values = {tokens.dump(), tags.dump()};
    row.null.assign(2, false);
    return true;
  }

 private:
  static constexpr std::size_t kMostTokens = 100000;
  static bool blank(char c) { return c == ' ' || c == '\t' || c == '\r'; }

  FindingLog& log_;
  ValueCleaner cleaner_;
  TextWindow window_;
  char newline_;
  std::int64_t number_ = 0;
};
}  // namespace

std::unique_ptr<RowReader> open_delimited_rows(const Layout& layout, FindingLog& log) {
  return std::make_unique<DelimitedRows>(layout, log);
}
std::unique_ptr<RowReader> open_line_rows(const Layout& layout, FindingLog& log) {
  return std::make_unique<LineRows>(layout, log);
}
std::unique_ptr<RowReader> open_conll_rows(const Layout& layout, FindingLog& log) {
  return std::make_unique<ConllRows>(layout, log);
}

}  // namespace luthier
