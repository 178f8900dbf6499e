#include "data/delimited.h"

#include <algorithm>

namespace luthier {

std::size_t skip_line(std::string_view text, char newline) {
  const std::size_t end = text.find(newline);
  return end == std::string_view::npos ? text.size() : end + 1;
}

namespace {
/// The end of a quoted field that starts at `begin` (after its opening quote).
struct QuotedField {
  enum class State { closed, need_more, unclosed } state;
  std::size_t end = 0;  ///< at the delimiter, the line end or the end of the text
};
QuotedField cut_quoted(std::string_view text, std::size_t begin, bool at_end, const Dialect& dialect,
                       std::string& field, RecordShape& shape) {
  std::size_t from = begin;
  bool needed = false;
  while (true) {
    const std::size_t quote = text.find(dialect.quote, from);
    if (quote == std::string_view::npos || (quote + 1 == text.size() && !at_end))
      return {at_end ? QuotedField::State::unclosed : QuotedField::State::need_more};
    field.append(text.substr(from, quote - from));
    if (quote + 1 < text.size() && text[quote + 1] == dialect.quote) {
      field += dialect.quote;
      from = quote + 2;
      needed = true;
      continue;
    }
    std::size_t after = quote + 1;
    while (after < text.size() && text[after] == ' ' && dialect.delimiter != ' ') ++after;
    if (after == text.size() && !at_end) return {QuotedField::State::need_more};
    const bool at_return = after < text.size() && text[after] == '\r' && dialect.newline == '\n';
    if (at_return && after + 1 == text.size() && !at_end) return {QuotedField::State::need_more};
    if (after == text.size() || text[after] == dialect.delimiter || text[after] == dialect.newline ||
        (at_return && (after + 1 == text.size() || text[after + 1] == '\n'))) {
      ++shape.quoted;
      const auto lines = std::count(field.begin(), field.end(), dialect.newline);
      shape.lines += lines;
      if (needed || lines > 0 || field.find(dialect.delimiter) != std::string::npos) ++shape.needed_quotes;
      return {QuotedField::State::closed, after};
    }
    // A quote in the middle. Within one line it is meant as it stands; after a line end it more likely opens another
    // field, and the quote before was never closed.
    shape.stray_quote = true;
    if (field.find(dialect.newline) != std::string::npos) return {QuotedField::State::unclosed};
    field += dialect.quote;
    from = quote + 1;
  }
}
}  // namespace

std::size_t cut_record(std::string_view text, bool at_end, const Dialect& dialect, std::vector<std::string>& fields,
                       RecordShape& shape) {
  shape = {};
  std::size_t count = 0, at = 0;
  const auto field = [&]() -> std::string& {
    if (count == fields.size()) fields.emplace_back();
    fields[count].clear();
    return fields[count++];
  };
  while (true) {
    std::string& value = field();
    if (at == text.size() && !at_end) return kNeedMore;
    std::size_t end = at;
    if (dialect.quote && at < text.size() && text[at] == dialect.quote) {
      const QuotedField quoted = cut_quoted(text, at + 1, at_end, dialect, value, shape);
      if (quoted.state == QuotedField::State::need_more) return kNeedMore;
      if (quoted.state == QuotedField::State::unclosed) {
        fields.resize(count);
        shape.unclosed = true;
        shape.lines = 1;
        return skip_line(text, dialect.newline);
      }
      end = quoted.end;
      if (end < text.size() && text[end] == '\r') ++end;
    } else {
      while (end < text.size() && text[end] != dialect.delimiter && text[end] != dialect.newline) ++end;
      if (end == text.size() && !at_end) return kNeedMore;
      value.append(text.substr(at, end - at));
      const bool line_ends = end == text.size() || text[end] == dialect.newline;
      if (line_ends && dialect.newline == '\n' && value.ends_with('\r')) value.pop_back();
    }
    if (end < text.size() && text[end] == dialect.delimiter) {
      at = end + 1;
      continue;
    }
    fields.resize(count);
    ++shape.lines;
    return std::min(end + 1, text.size());
  }
}

RecordReader::Outcome RecordReader::next(std::vector<std::string>& fields, RecordShape& shape, std::size_t width) {
  while (true) {
    std::size_t used = kNeedMore;
    while (used == kNeedMore) {
      const std::string_view text = window_.unread();
      if (text.empty() && !window_.more()) return Outcome::end;
      // An open quote that runs past the limit counts as unclosed; a plain line as too long.
      const bool full = text.size() > kLongestRecordBytes;
      used = cut_record(window_.unread(), window_.at_end() || full, dialect_, fields, shape);
      if (full && used == text.size() && !window_.at_end() && text.back() != dialect_.newline) {
        line_ = next_line_++;
        TextWindow::Line rest;
        window_.line(dialect_.newline, rest);
        return Outcome::too_long;
      }
      if (used == kNeedMore) window_.more();
    }
    line_ = next_line_;
    if (!shape.unclosed && width > 0 && shape.lines > 1 && fields.size() != width) {
      shape.unclosed = true;
      shape.lines = 1;
      used = skip_line(window_.unread(), dialect_.newline);
    }
    window_.use(used);
    next_line_ += shape.lines;
    if (shape.unclosed) return Outcome::unclosed;
    const bool blank =
        fields.size() == 1 && shape.quoted == 0 && fields[0].find_first_not_of(" \t\r\v\f") == std::string::npos;
    if (!blank) return Outcome::record;
  }
}

}  // namespace luthier
