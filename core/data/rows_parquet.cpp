// Rows of Parquet files, read by DuckDB's C API.
#include <duckdb.h>
#include <unistd.h>

#include <optional>

#include "base/error.h"
#include "base/files.h"
#include "data/rows.h"

namespace luthier {

namespace {
/// An in-memory database that never loads anything from elsewhere.
class Database {
 public:
  explicit Database(const fs::path& file) : file_(file) {
    duckdb_config config = nullptr;
    duckdb_create_config(&config);
    for (const auto& [key, value] : {std::pair{"autoinstall_known_extensions", "false"},
                                     {"autoload_known_extensions", "false"},
                                     {"threads", "2"},
                                     {"memory_limit", "2GB"},
                                     {"temp_directory", ""}})
      duckdb_set_config(config, key, value);
    char* message = nullptr;
    const bool opened = duckdb_open_ext(nullptr, &database_, config, &message) == DuckDBSuccess;
    duckdb_destroy_config(&config);
    if (!opened) {
      const std::string text = message ? message : "";
      duckdb_free(message);
      fail(ErrorKind::internal, "DuckDB does not start: " + text);
    }
    duckdb_connect(database_, &connection_);
    // Geometry needs an extension that is not there; its bytes are enough.
    duckdb_query(connection_, "SET enable_geoparquet_conversion = false", nullptr);
  }
  ~Database() {
    duckdb_disconnect(&connection_);
    duckdb_close(&database_);
  }
  Database(const Database&) = delete;
  Database& operator=(const Database&) = delete;

  duckdb_connection connection() const { return connection_; }

  /// read_parquet('...') for a FROM clause.
  std::string source() {
    // DuckDB takes * ? [ in a path as a pattern: such a file is read through a link with a plain name.
    std::string path = fs::absolute(file_).string();
    if (path.find_first_of("*?[]{}") != std::string::npos) {
      link_folder_.emplace();
      const fs::path link = link_folder_->path() / "data.parquet";
      fs::create_symlink(fs::absolute(file_), link);
      path = link.string();
    }
    std::string quoted;
    for (const char c : path) quoted += c == '\'' ? "''" : std::string(1, c);
    return "read_parquet('" + quoted + "', hive_partitioning = false)";
  }

 private:
  fs::path file_;
  std::optional<TemporaryFolder> link_folder_;
  duckdb_database database_ = nullptr;
  duckdb_connection connection_ = nullptr;
};

/// A streaming query.
class Query {
 public:
  Query(const Database& database, const std::string& sql) {
    duckdb_prepared_statement statement = nullptr;
    duckdb_pending_result pending = nullptr;
    bool good = duckdb_prepare(database.connection(), sql.c_str(), &statement) == DuckDBSuccess;
    if (!good) error_ = text_of(duckdb_prepare_error(statement));
    if (good) {
      good = duckdb_pending_prepared_streaming(statement, &pending) == DuckDBSuccess;
      if (!good) error_ = text_of(duckdb_pending_error(pending));
    }
    if (good) {
      good = duckdb_execute_pending(pending, &result_) == DuckDBSuccess;
      has_result_ = true;
      if (!good) error_ = text_of(duckdb_result_error(&result_));
    }
    duckdb_destroy_pending(&pending);
    duckdb_destroy_prepare(&statement);
  }
  ~Query() {
    if (chunk_) duckdb_destroy_data_chunk(&chunk_);
    if (has_result_) duckdb_destroy_result(&result_);
  }
  Query(const Query&) = delete;
  Query& operator=(const Query&) = delete;

  /// "" or what DuckDB says, on one line.
  const std::string& error() const { return error_; }
  duckdb_result& result() { return result_; }
  /// The next chunk; nullptr at the end or after an error.
  duckdb_data_chunk next() {
    if (chunk_) duckdb_destroy_data_chunk(&chunk_);
    chunk_ = nullptr;
    if (!error_.empty()) return nullptr;
    chunk_ = duckdb_fetch_chunk(result_);
    if (!chunk_)
      if (const char* message = duckdb_result_error(&result_); message && *message) error_ = text_of(message);
    return chunk_;
  }

 private:
  static std::string text_of(const char* message) {
    std::string text = message && *message ? message : "unknown error";
    return text.substr(0, std::min<std::size_t>(text.find('\n'), 300));
  }
  duckdb_result result_{};
  duckdb_data_chunk chunk_ = nullptr;
  bool has_result_ = false;
  std::string error_;
};

[[noreturn]] void fail_unreadable(const Layout& layout, const std::string& message) {
  fail(ErrorKind::bad_input, "the Parquet file cannot be read: " + message, layout.path.string(),
       "write it again (for example with pandas: to_parquet), or use CSV or JSON lines");
}

std::string quoted_name(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

std::string type_name(duckdb_type type) {
  switch (type) {
    case DUCKDB_TYPE_BOOLEAN:
      return "boolean";
    case DUCKDB_TYPE_TINYINT:
    case DUCKDB_TYPE_SMALLINT:
    case DUCKDB_TYPE_INTEGER:
    case DUCKDB_TYPE_BIGINT:
    case DUCKDB_TYPE_UTINYINT:
    case DUCKDB_TYPE_USMALLINT:
    case DUCKDB_TYPE_UINTEGER:
    case DUCKDB_TYPE_UBIGINT:
    case DUCKDB_TYPE_HUGEINT:
    case DUCKDB_TYPE_UHUGEINT:
      return "integer";
    case DUCKDB_TYPE_FLOAT:
    case DUCKDB_TYPE_DOUBLE:
    case DUCKDB_TYPE_DECIMAL:
      return "number";
    case DUCKDB_TYPE_VARCHAR:
    case DUCKDB_TYPE_BLOB:
    case DUCKDB_TYPE_ENUM:
      return "text";
    case DUCKDB_TYPE_LIST:
    case DUCKDB_TYPE_ARRAY:
      return "list";
    case DUCKDB_TYPE_STRUCT:
    case DUCKDB_TYPE_MAP:
      return "struct";
    default:
      return "other";
  }
}

class ParquetRows : public RowReader {
 public:
  ParquetRows(const Layout& layout, FindingLog& log)
      : layout_(layout), log_(log), cleaner_(layout, log), database_(layout.path) {
    std::string sql = "SELECT ";
    for (std::size_t i = 0; i < layout.columns.size(); ++i) {
      const Column& column = layout.columns[i];
      const std::string name = quoted_name(column.name);
      sql += i ? ", " : "";
      // Older writers do not mark texts as such: bytes that are UTF-8 are taken for text.
      if (layout.bytes[i])
        sql += "coalesce(try(decode(" + name + ")), " + name + "::VARCHAR)";
      else if (column.type == "list" || column.type == "struct")
        sql += "to_json(" + name + ")::VARCHAR";
      else
        sql += name + "::VARCHAR";
    }
    query_.emplace(database_, sql + " FROM " + database_.source());
    if (!query_->error().empty()) fail_unreadable(layout, query_->error());
  }

  bool next(Row& row) override {
    while (at_ >= size_) {
      duckdb_data_chunk chunk = query_->next();
      if (!chunk) {
        if (!query_->error().empty() && number_ == 0) fail_unreadable(layout_, query_->error());
        if (!query_->error().empty()) log_.add("truncated_file", number_, query_->error());
        return false;
      }
      at_ = 0;
      size_ = duckdb_data_chunk_get_size(chunk);
      columns_.clear();
      for (idx_t i = 0; i < duckdb_data_chunk_get_column_count(chunk); ++i) {
        duckdb_vector vector = duckdb_data_chunk_get_vector(chunk, i);
        columns_.push_back(
            {static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector)), duckdb_vector_get_validity(vector)});
      }
    }
    row.values.resize(columns_.size());
    row.null.resize(columns_.size());
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const auto& [data, validity] = columns_[i];
      row.null[i] = validity && !duckdb_validity_row_is_valid(validity, at_);
      row.values[i].clear();
      if (row.null[i]) continue;
      row.values[i].assign(duckdb_string_t_data(&data[at_]), duckdb_string_t_length(data[at_]));
      cleaner_.clean(row.values[i], number_ + 1);
    }
    ++at_;
    ++number_;
    return true;
  }

 private:
  const Layout& layout_;
  FindingLog& log_;
  ValueCleaner cleaner_;
  Database database_;
  std::optional<Query> query_;
  std::vector<std::pair<duckdb_string_t*, uint64_t*>> columns_;
  idx_t at_ = 0, size_ = 0;
  std::int64_t number_ = 0;
};
}  // namespace

void detect_parquet(Layout& layout) {
  Database database(layout.path);
  Query query(database, "SELECT * FROM " + database.source() + " LIMIT 0");
  if (!query.error().empty()) fail_unreadable(layout, query.error());
  for (idx_t i = 0; i < duckdb_column_count(&query.result()); ++i) {
    const duckdb_type type = duckdb_column_type(&query.result(), i);
    layout.columns.push_back({duckdb_column_name(&query.result(), i), type_name(type)});
    layout.bytes.push_back(type == DUCKDB_TYPE_BLOB);
  }
}

std::int64_t count_parquet_rows(const Layout& layout) {
  Database database(layout.path);
  Query query(database, "SELECT count(*) FROM " + database.source());
  duckdb_data_chunk chunk = query.next();
  if (!chunk) fail_unreadable(layout, query.error());
  return *static_cast<std::int64_t*>(duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0)));
}

std::unique_ptr<RowReader> open_parquet_rows(const Layout& layout, FindingLog& log) {
  return std::make_unique<ParquetRows>(layout, log);
}

}  // namespace luthier
