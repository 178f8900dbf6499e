#include "data/dialect.h"

#include <algorithm>
#include <array>
#include <cctype>
#include <charconv>
#include <cstdint>
#include <map>
#include <set>

#include "base/error.h"

namespace luthier {

namespace {

/// How well the head reads with one dialect.
struct Fit {
  std::size_t records = 0, usual = 0;  ///< records, and those with the most frequent number of fields
  std::size_t width = 0;               ///< that number
  std::size_t unclosed = 0, stray = 0, over_lines = 0;
  std::int64_t quoted = 0, needed_quotes = 0;

  double share() const { return records ? static_cast<double>(usual) / static_cast<double>(records) : 0.0; }
};

Fit measure(std::string_view head, bool whole_file, const Dialect& dialect) {
  Fit fit;
  std::map<std::size_t, std::size_t> widths;
  std::vector<std::string> fields;
  RecordShape shape;
  while (!head.empty() && fit.records < kSampleRecords) {
    const std::size_t used = cut_record(head, whole_file, dialect, fields, shape);
    if (used == kNeedMore) {
      // A quote that is still open at the end of a long sample was most likely never meant to be one.
      if (fit.records == 0 || head.size() > 65536) ++fit.unclosed;
      break;
    }
    head.remove_prefix(used);
    if (fields.size() == 1 && fields[0].empty() && shape.quoted == 0) continue;
    ++fit.records;
    if (shape.unclosed) {
      ++fit.unclosed;
      continue;
    }
    fit.stray += shape.stray_quote;
    fit.over_lines += shape.lines > 1;
    fit.quoted += shape.quoted;
    fit.needed_quotes += shape.needed_quotes;
    ++widths[fields.size()];
  }
  for (const auto& [width, count] : widths)
    if (count >= fit.usual) fit.width = width, fit.usual = count;
  return fit;
}

/// Is every value of some column in this quote character, so that it is a habit of the file and not of its texts?
bool has_quoted_column(std::string_view head, bool whole_file, Dialect dialect, char quote) {
  dialect.quote = 0;
  std::vector<std::size_t> quoted, present;
  for (const auto& record : sample_records(head, whole_file, dialect, kSampleRecords)) {
    if (quoted.size() < record.size()) quoted.resize(record.size()), present.resize(record.size());
    for (std::size_t i = 0; i < record.size(); ++i) {
      if (record[i].empty()) continue;
      ++present[i];
      quoted[i] += record[i].size() >= 2 && record[i].front() == quote && record[i].back() == quote;
    }
  }
  for (std::size_t i = 0; i < quoted.size(); ++i)
    if (quoted[i] > 0 && quoted[i] * 10 >= present[i] * 9) return true;
  return false;
}

char one_character(const std::string& value, const char* name) {
  if (value == "\\t" || value == "tab") return '\t';
  if (value.size() == 1 && value != "\n" && value != "\r") return value[0];
  fail(ErrorKind::bad_input, "the " + std::string(name) + " '" + value + "' is not one character", name,
       "use one character such as , ; | or \\t");
}

char detect_quote(std::string_view head, bool whole_file, Dialect dialect) {
  dialect.quote = '"';
  const Fit with = measure(head, whole_file, dialect);
  Dialect bare = dialect;
  bare.quote = 0;
  const Fit without = measure(head, whole_file, bare);
  Dialect apostrophe = dialect;
  apostrophe.quote = '\'';
  const Fit single = measure(head, whole_file, apostrophe);
  if (single.quoted > 0 && single.unclosed == 0 && single.share() > 0.95 &&
      single.share() > 0.05 + std::max(with.share(), without.share()))
    return '\'';
  if (with.quoted == 0 && with.unclosed == 0) {
    if (has_quoted_column(head, whole_file, dialect, '\'')) return '\'';
    return dialect.delimiter == '\t' ? 0 : '"';
  }
  // Quotes that make records out of lines which were fine by themselves belong to the texts.
  const bool suspicious = with.unclosed > 0 || with.stray > 0 || with.over_lines > 0;
  if (suspicious && without.width > 1 && without.share() >= 0.999) return 0;
  if (dialect.delimiter == '\t' && with.needed_quotes == 0 && !has_quoted_column(head, whole_file, dialect, '"'))
    return 0;
  return '"';
}

std::string lower(std::string_view text) {
  std::string small(text);
  for (char& c : small)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return small;
}

enum class Shape { empty, integer, number, boolean, text };
Shape shape_of(std::string_view value) {
  if (value.empty()) return Shape::empty;
  const std::string small = lower(value);
  if (small == "true" || small == "false") return Shape::boolean;
  std::string_view digits = value;
  if (digits[0] == '-' || digits[0] == '+') digits.remove_prefix(1);
  if (digits.empty()) return Shape::text;
  const auto is_digit = [](char c) { return c >= '0' && c <= '9'; };
  if (std::all_of(digits.begin(), digits.end(), is_digit))
    return digits.size() > 1 && digits[0] == '0' ? Shape::text : Shape::integer;  // 08123 is a code, not a number
  if (!is_digit(digits[0]) && digits[0] != '.') return Shape::text;
  double number = 0;
  const auto [end, error] = std::from_chars(digits.data(), digits.data() + digits.size(), number);
  return error == std::errc() && end == digits.data() + digits.size() ? Shape::number : Shape::text;
}

bool is_usual_name(std::string_view value) {
  static const std::set<std::string, std::less<>> names = {
      "text",     "texts",      "label",       "labels",     "sentence", "sentence1", "sentence2", "sentiment",
      "category", "class",      "target",      "id",         "idx",      "index",     "title",     "name",
      "question", "answer",     "prompt",      "completion", "input",    "output",    "review",    "document",
      "premise",  "hypothesis", "description", "content",    "message",  "tweet",     "intent",    "source",
      "split",    "tokens",     "tags",        "score",      "date",     "response",  "context",   "instruction",
      "v1",       "v2",         "y",           "x",          "type",     "topic",     "comment",   "body",
      "query",    "summary"};
  return names.contains(lower(value));
}

std::size_t words_in(std::string_view value) {
  std::size_t words = 0;
  bool inside = false;
  for (const char c : value) {
    const bool blank = c == ' ' || c == '\t' || c == '\n';
    words += !blank && !inside;
    inside = !blank;
  }
  return words;
}
}  // namespace

char detect_newline(std::string_view head) {
  return head.find('\n') == std::string_view::npos && head.find('\r') != std::string_view::npos ? '\r' : '\n';
}

std::vector<std::vector<std::string>> sample_records(std::string_view head, bool whole_file, const Dialect& dialect,
                                                     std::size_t most) {
  std::vector<std::vector<std::string>> records;
  std::vector<std::string> fields;
  RecordShape shape;
  while (!head.empty() && records.size() < most) {
    const std::size_t used = cut_record(head, whole_file, dialect, fields, shape);
    if (used == kNeedMore) break;
    head.remove_prefix(used);
    const bool blank =
        fields.size() == 1 && shape.quoted == 0 && fields[0].find_first_not_of(" \t\r\v\f") == std::string::npos;
    if (!shape.unclosed && !blank) records.push_back(fields);
  }
  return records;
}

Dialect detect_dialect(std::string_view head, bool whole_file, const std::string& delimiter, const std::string& quote,
                       char preferred) {
  Dialect dialect;
  dialect.newline = detect_newline(head);
  const bool quote_chosen = quote != "auto";
  if (quote_chosen) dialect.quote = quote == "none" || quote.empty() ? '\0' : one_character(quote, "quote");
  if (delimiter != "auto") {
    dialect.delimiter = one_character(delimiter, "delimiter");
  } else {
    double best = 0;
    char found = 0;
    for (const char candidate : {',', '\t', ';', '|'}) {
      Dialect trial = dialect;
      trial.delimiter = candidate;
      double score = 0;
      for (const char trial_quote : {'"', '\'', '\0'}) {
        trial.quote = quote_chosen ? dialect.quote : trial_quote;
        const Fit fit = measure(head, whole_file, trial);
        if (fit.width < 2) continue;
        const auto bad = static_cast<double>(fit.unclosed + fit.stray) / static_cast<double>(fit.records);
        score = std::max(score, fit.share() - 0.5 * bad);
      }
      // Ties go to the delimiter that the file's name suggests; the order above decides the others.
      if (candidate == preferred && score > 0) score += 0.3;
      if (score > best) best = score, found = candidate;
    }
    dialect.delimiter = found && best >= 0.3 ? found : (preferred ? preferred : ',');
  }
  if (!quote_chosen) dialect.quote = detect_quote(head, whole_file, dialect);
  return dialect;
}

std::string detect_type(const std::vector<std::string>& values) {
  bool integers = true, numbers = true, booleans = true, any = false;
  for (const auto& value : values) {
    const Shape shape = shape_of(value);
    if (shape == Shape::empty) continue;
    any = true;
    integers &= shape == Shape::integer;
    numbers &= shape == Shape::integer || shape == Shape::number;
    booleans &= shape == Shape::boolean;
  }
  if (!any) return "text";
  return booleans ? "boolean" : integers ? "integer" : numbers ? "number" : "text";
}

bool detect_header(const std::vector<std::vector<std::string>>& records) {
  if (records.empty()) return false;
  const auto& first = records[0];
  std::set<std::string> seen;
  double score = 0;
  for (std::size_t column = 0; column < first.size(); ++column) {
    const std::string& name = first[column];
    if (name.empty()) continue;
    const Shape shape = shape_of(name);
    if (!seen.insert(name).second) score -= 1;
    if (is_usual_name(name)) score += 2;
    std::vector<std::string> below;
    std::map<std::string, std::size_t> counts;
    double length = 0;
    for (std::size_t row = 1; row < records.size(); ++row) {
      if (column >= records[row].size() || records[row][column].empty()) continue;
      below.push_back(records[row][column]);
      ++counts[records[row][column]];
      length += static_cast<double>(below.back().size());
    }
    const std::string type = detect_type(below);
    if (shape == Shape::integer || shape == Shape::number || shape == Shape::boolean) {
      score -= 3;
      continue;
    }
    if (words_in(name) > 6 || name.size() > 80) score -= 3;
    if (below.empty()) continue;
    // A word above nothing but numbers is a name; one number alone proves little.
    if (type != "text") score += below.size() > 1 ? 10 : 3;
    length /= static_cast<double>(below.size());
    const bool categories = below.size() >= 10 && counts.size() * 5 <= below.size();
    if (const auto again = counts.find(name); again != counts.end())
      score -= categories || again->second > 1 ? 4 : 1;
    else if (categories)
      score += 1;
    if (length >= 20 && static_cast<double>(name.size()) * 3 < length && words_in(name) <= 3) score += 1;
  }
  // A single record is data unless it looks like names: a row must not get lost.
  return records.size() == 1 ? score > 0 : score >= 0;
}

bool is_delimited_by(std::string_view head, bool whole_file, char delimiter) {
  const Fit fit = measure(head, whole_file, {delimiter, 0, detect_newline(head)});
  return fit.records >= 2 && fit.width >= 2 && fit.share() >= 0.98;
}

bool looks_like_conll(std::string_view head) {
  std::size_t lines = 0, tagged = 0, blanks = 0;
  while (!head.empty() && lines < 2000) {
    const std::size_t end = head.find('\n');
    if (end == std::string_view::npos && lines > 0) break;  // maybe cut in the middle
    std::string_view line = head.substr(0, end);
    head.remove_prefix(std::min(head.size(), line.size() + 1));
    while (!line.empty() && (line.back() == '\r' || line.back() == ' ' || line.back() == '\t')) line.remove_suffix(1);
    if (line.empty()) {
      ++blanks;
      continue;
    }
    ++lines;
    const std::size_t cut = line.find_last_of("\t ");
    if (cut == std::string_view::npos) continue;
    const std::string_view tag = line.substr(cut + 1);
    tagged += tag == "O" ||
              (tag.size() > 2 && tag[1] == '-' && std::string_view("BIESLU").find(tag[0]) != std::string_view::npos);
  }
  return lines >= 3 && blanks > 0 && tagged * 20 >= lines * 19;
}

}  // namespace luthier
