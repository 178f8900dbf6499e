#pragma once
// What the head of a file says about itself: format, delimiter, quote, header line, types of columns.
#include <string>
#include <string_view>
#include <vector>

#include "data/delimited.h"

namespace luthier {

constexpr std::size_t kSampleRecords = 1000;  ///< from which a file is guessed

/// Delimiter and quote of delimited text, from its first records. `delimiter` and `quote` are "auto", or what the user
/// chose (one character; quote also "none"). `preferred`: the delimiter that the file's name suggests, or 0.
Dialect detect_dialect(std::string_view head, bool whole_file, const std::string& delimiter, const std::string& quote,
                       char preferred);

/// '\r' where the text has carriage returns but no line feed, else '\n'.
char detect_newline(std::string_view head);

/// True when the first record names the columns. Numbers above text, a value that comes again below, long sentences and
/// doubled values speak against it; names above numbers, usual column names and short names above long texts for it.
bool detect_header(const std::vector<std::vector<std::string>>& records);

/// "integer", "number", "boolean" or "text": the narrowest type of all values that are not empty.
std::string detect_type(const std::vector<std::string>& values);

/// True where nearly every line has the same number (at least two) of fields cut by this delimiter.
bool is_delimited_by(std::string_view head, bool whole_file, char delimiter);

/// Lines "token ... tag" with blank lines between sentences.
bool looks_like_conll(std::string_view head);

/// The first complete records of the head (at most `most`).
std::vector<std::vector<std::string>> sample_records(std::string_view head, bool whole_file, const Dialect& dialect,
                                                     std::size_t most);

}  // namespace luthier
