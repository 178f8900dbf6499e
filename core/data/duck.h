#pragma once
// DuckDB's C API as values that free themselves: a database in memory that loads nothing from elsewhere, and streaming
// queries on a connection of it.
#include <duckdb.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

#include "base/files.h"

namespace luthier {

/// In memory, or a file of its own.
class DuckDatabase {
 public:
  /// `file` empty: in memory. Errors: internal, or io where the file cannot be opened.
  explicit DuckDatabase(const std::filesystem::path& file = {}, const char* memory_limit = "2GB");
  ~DuckDatabase();
  DuckDatabase(const DuckDatabase&) = delete;
  DuckDatabase& operator=(const DuckDatabase&) = delete;

  duckdb_connection connection() const { return connection_; }
  /// One more connection, closed with the database: a connection runs one query at a time.
  duckdb_connection connect();
  /// Runs a statement without a result to look at; io with DuckDB's words otherwise.
  void run(const std::string& sql);

 private:
  duckdb_database database_ = nullptr;
  duckdb_connection connection_ = nullptr;
  std::vector<duckdb_connection> others_;
};

/// A streaming query; texts in `parameters` stand for $1, $2, ...
class DuckQuery {
 public:
  DuckQuery(duckdb_connection connection, const std::string& sql, const std::vector<std::string>& parameters = {});
  ~DuckQuery();
  DuckQuery(const DuckQuery&) = delete;
  DuckQuery& operator=(const DuckQuery&) = delete;

  /// "" or what DuckDB says, on one line.
  std::string error() const;
  /// What DuckDB says, whole.
  const std::string& message() const { return message_; }
  duckdb_result& result() { return result_; }
  /// The next chunk; nullptr at the end or after an error. Valid until the next call.
  duckdb_data_chunk next();

 private:
  duckdb_result result_{};
  duckdb_data_chunk chunk_ = nullptr;
  bool has_result_ = false;
  std::string message_;
};

/// A column of the current chunk as texts.
struct DuckTexts {
  explicit DuckTexts(duckdb_vector vector);
  bool is_null(idx_t row) const { return validity_ && !duckdb_validity_row_is_valid(validity_, row); }
  void assign_to(std::string& text, idx_t row) const;

 private:
  duckdb_string_t* data_;
  uint64_t* validity_;
};

/// 'text' and "name" as SQL writes them.
std::string sql_text(const std::string& text);
std::string sql_name(const std::string& name);

/// A Parquet file in a FROM clause.
class ParquetSource {
 public:
  explicit ParquetSource(const std::filesystem::path& file);
  /// read_parquet('...'), with the column file_row_number where `numbered`.
  std::string sql(bool numbered = false) const;
  /// The path that DuckDB opens.
  const std::string& path() const { return path_; }

 private:
  std::optional<TemporaryFolder> link_folder_;
  std::string path_;
};

}  // namespace luthier
