#pragma once
// Delimited text (CSV, TSV, ...): cutting it into records and fields, with recovery from broken quotes.
//
// Records are cut here and not by DuckDB's CSV reader because a person needs to know the physical line of a broken row
// and to lose no other row with it: DuckDB numbers records instead of lines, and one unclosed quote takes the rows
// after it away.
#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

#include "data/source.h"

namespace luthier {

struct Dialect {
  char delimiter = ',';
  char quote = '"';  ///< 0: none
  char newline = '\n';
  bool operator==(const Dialect&) const = default;
};

struct RecordShape {
  std::int64_t lines = 0;          ///< physical lines used
  bool unclosed = false;           ///< a quote was opened and never closed: only the first line was used
  bool stray_quote = false;        ///< a quote stood inside a quoted field without being doubled
  std::int64_t quoted = 0;         ///< fields in quotes
  std::int64_t needed_quotes = 0;  ///< of these: with a delimiter, a quote or a line end inside
};

constexpr std::size_t kNeedMore = static_cast<std::size_t>(-1);

/// Cuts the first record off `text` (RFC 4180; quotes are doubled; blanks between a closing quote and the delimiter are
/// dropped). Returns the bytes used, or kNeedMore when the record may go on past the end of `text` (never with
/// `at_end`). A blank line is a record with one empty field.
std::size_t cut_record(std::string_view text, bool at_end, const Dialect& dialect, std::vector<std::string>& fields,
                       RecordShape& shape);

/// Uses the first line only, without regard to quotes: how reading goes on after a broken record.
std::size_t skip_line(std::string_view text, char newline);

/// The records of a whole text in order.
class RecordReader {
 public:
  RecordReader(TextWindow window, Dialect dialect) : window_(std::move(window)), dialect_(dialect) {}

  enum class Outcome { record, unclosed, too_long, end };
  /// The next record that is not blank. `width` > 0: a record over several lines with another number of fields is taken
  /// for an unclosed quote, and only its first line is given up.
  Outcome next(std::vector<std::string>& fields, RecordShape& shape, std::size_t width = 0);
  std::int64_t line() const { return line_; }  ///< first line of the last record, from 1
  const TextWindow& window() const { return window_; }

 private:
  TextWindow window_;
  Dialect dialect_;
  std::int64_t line_ = 0, next_line_ = 1;
};

}  // namespace luthier
