#pragma once
// Text for people: sizes, durations, tables, and what a terminal can show.
#include <cstdint>
#include <string>
#include <vector>

namespace luthier {

bool is_terminal(int descriptor);
int terminal_width();  ///< columns of standard output, 100 where it is no terminal

std::string bytes_text(std::uint64_t bytes);       ///< "1.4 GB", decimal units
std::string duration_text(double seconds);         ///< "42 s", "3 min 20 s", "2 h 05 min"
std::string time_text(double seconds_since_1970);  ///< "2026-01-31 14:25", local; "" for 0
std::string number_text(double value);             ///< up to 4 significant digits
std::string count_text(std::int64_t count);        ///< "1,234,567"

/// `text` on one line for a terminal: control characters (a file's content may hold escape sequences) become "·", and
/// what is longer than `width` columns ends in "…". `width` 0: any length.
std::string one_line(const std::string& text, std::size_t width = 0);

/// Columns padded to their widest cell, two blanks between; the last one is not padded. The first row is the heading.
std::string table_text(const std::vector<std::vector<std::string>>& rows, int indent = 0);

/// "1 run", "2 runs".
std::string plural(std::int64_t count, const std::string& what);

}  // namespace luthier
