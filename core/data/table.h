#pragma once
// A data file of any supported kind as a table of texts: what it is, its first rows, its columns, all rows in order.
// DuckDB reads CSV, TSV, JSON, JSON lines, Parquet; encodings are transcoded here first; the source is never changed.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "base/json.h"

namespace luthier {

/// Something about data or recipe worth telling a person.
struct Finding {
  std::string id;                   ///< "broken_rows", "mixed_encoding", "duplicate_rows", "one_class", ...
  std::string severity;             ///< note, warning or error (error: training cannot start)
  std::string message;              ///< one sentence with the number
  std::vector<std::int64_t> lines;  ///< the first affected lines or rows, counted from 1; at most 100
  std::int64_t count = 0;
  std::string hint;
};
Json finding_to_json(const Finding& finding);

/// How to read a file; "auto" where the file decides.
struct ReadOptions {
  std::string format = "auto", encoding = "auto", delimiter = "auto", quote = "auto", header = "auto";
  std::int64_t max_rows = 0;
};

struct Column {
  std::string name;
  std::string type;  ///< text integer number boolean list struct media (images or recordings inside the file) other
};

/// One row: a text for each column (lists and structs as JSON); `null[i]` where the file has no value.
struct Row {
  std::int64_t number = 0;  ///< row number from 0 in the table
  std::vector<std::string> values;
  std::vector<bool> null;
  std::vector<std::string>
      media;  ///< by column: the encoded file of a media column; empty when there is no such column
};

class Table {
 public:
  /// Detects what "auto" leaves open. Only the head of the file is read here; a folder of images or recordings is
  /// listed (data/folder.h). Errors: not_found, bad_input (empty,
  /// binary, or not readable as the chosen format), with a hint.
  static Table open(const std::filesystem::path& path, const ReadOptions& options = {});
  Table(Table&&) noexcept;
  Table& operator=(Table&&) noexcept;
  ~Table();

  /// Where the paths in its rows start: the folder itself, or the one that the file lies in.
  std::filesystem::path folder() const;
  const ReadOptions& detected() const;  ///< every "auto" replaced by what was found
  const std::vector<Column>& columns() const;
  /// Index of a column by name (case as written; header-less columns are column0, column1, ...); not_found names the
  /// columns there are.
  std::size_t column(const std::string& name) const;

  std::vector<Row> head(std::int64_t rows) const;
  /// All rows in file order; `visit` returns false to stop. Broken rows are skipped and become findings.
  void scan(const std::function<bool(const Row&)>& visit) const;
  std::int64_t count() const;  ///< readable rows (may scan the file once)
  /// What was noticed so far: broken rows with line numbers, encoding, empty columns; complete after a scan.
  const std::vector<Finding>& findings() const;

 private:
  struct State;
  explicit Table(std::unique_ptr<State> state);
  std::unique_ptr<State> state_;
};

/// Format, encoding, dialect, columns with types, row count, first rows, findings: `luthier-cli inspect data`.
Json inspect_data(const std::filesystem::path& path, const ReadOptions& options = {});

}  // namespace luthier
