#pragma once
// The rows of one file, one after the other, for each kind of file; and the layout that was detected for it.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "data/delimited.h"
#include "data/encoding.h"
#include "data/findings.h"
#include "data/table.h"

namespace luthier {

struct MediaFolder;

/// How the rows lie in a JSON file.
enum class JsonForm {
  lines,     ///< one value a line
  array,     ///< [{...}, {...}]
  sequence,  ///< {...} {...}, each over several lines
  columns,   ///< {"text": [...], "label": [...]} or {"text": {"0": ...}, ...}
  nested,    ///< {"data": [{...}, ...], ...}
  single     ///< one object: one row
};

/// All that is needed to read the rows; found by detect_layout.
struct Layout {
  std::filesystem::path path;
  ReadOptions detected;
  std::vector<Column> columns;
  TextEncoding encoding = TextEncoding::utf8;
  bool invalid_as_latin1 =
      false;  ///< rows that are not valid UTF-8 are read as Windows-1252, else repaired with U+FFFD
  Dialect dialect;
  bool header = false;
  std::size_t short_width = 0;  ///< delimited: rows usually have so many fields although the header has more
  JsonForm json_form = JsonForm::lines;
  std::string json_key;                       ///< nested: where the rows are
  bool json_strings = false;                  ///< an array or lines of texts: one column
  std::vector<bool> bytes;                    ///< Parquet: columns of bytes not marked as text
  std::shared_ptr<const MediaFolder> folder;  ///< format folder: its files
};

/// Looks at the head of the file. Errors as Table::open.
Layout detect_layout(const std::filesystem::path& path, const ReadOptions& options, FindingLog& log);

class RowReader {
 public:
  virtual ~RowReader() = default;
  /// Fills `row` (values and null as long as columns; number is set by the caller); false at the end.
  virtual bool next(Row& row) = 0;
};

/// `log` gets what is noticed and must live as long as the reader.
std::unique_ptr<RowReader> open_rows(const Layout& layout, FindingLog& log);

// One for each kind of file.
std::unique_ptr<RowReader> open_delimited_rows(const Layout& layout, FindingLog& log);
std::unique_ptr<RowReader> open_line_rows(const Layout& layout, FindingLog& log);
std::unique_ptr<RowReader> open_conll_rows(const Layout& layout, FindingLog& log);
std::unique_ptr<RowReader> open_json_rows(const Layout& layout, FindingLog& log);
std::unique_ptr<RowReader> open_parquet_rows(const Layout& layout, FindingLog& log);

/// Fills form, columns and types of a JSON file; `head` is UTF-8.
void detect_json(Layout& layout, const std::string& head, bool whole_file, bool lines_expected, FindingLog& log);
/// Fills the columns of a Parquet file (through DuckDB).
void detect_parquet(Layout& layout);
/// SQL that gives a column of a Parquet file as the text that a row holds; of media their file's name or size.
std::string parquet_text(const Layout& layout, std::size_t column);
/// Rows by the file's own metadata.
std::int64_t count_parquet_rows(const Layout& layout);

/// Makes one value of a row valid: removes NUL characters and repairs invalid UTF-8. Each kind of damage is counted
/// once for each line.
class ValueCleaner {
 public:
  ValueCleaner(const Layout& layout, FindingLog& log) : as_latin1_(layout.invalid_as_latin1), log_(log) {}
  void clean(std::string& value, std::int64_t line);

 private:
  bool as_latin1_;
  FindingLog& log_;
  std::int64_t last_nul_line_ = 0, last_invalid_line_ = 0;
};

}  // namespace luthier
