#include "data/duck.h"

#include "base/error.h"

namespace luthier {

DuckDatabase::DuckDatabase(const std::filesystem::path& file, const char* memory_limit) {
  duckdb_config config = nullptr;
  duckdb_create_config(&config);
  for (const auto& [key, value] : {std::pair{"autoinstall_known_extensions", "false"},
                                   {"autoload_known_extensions", "false"},
                                   {"threads", "2"},
                                   {"memory_limit", memory_limit},
                                   {"temp_directory", ""}})
    duckdb_set_config(config, key, value);
  char* message = nullptr;
  const bool opened =
      duckdb_open_ext(file.empty() ? nullptr : file.c_str(), &database_, config, &message) == DuckDBSuccess;
  duckdb_destroy_config(&config);
  if (!opened) {
    const std::string text = message ? message : "";
    duckdb_free(message);
    if (!file.empty()) fail(ErrorKind::io, "the file cannot be opened: " + text, file.string());
    fail(ErrorKind::internal, "DuckDB does not start: " + text);
  }
  duckdb_connect(database_, &connection_);
  // Geometry needs an extension that is not there; its bytes are enough.
  duckdb_query(connection_, "SET enable_geoparquet_conversion = false", nullptr);
}

DuckDatabase::~DuckDatabase() {
  for (auto& other : others_) duckdb_disconnect(&other);
  duckdb_disconnect(&connection_);
  duckdb_close(&database_);
}

duckdb_connection DuckDatabase::connect() {
  duckdb_connection connection = nullptr;
  if (duckdb_connect(database_, &connection) != DuckDBSuccess) fail(ErrorKind::internal, "DuckDB does not connect");
  others_.push_back(connection);
  return connection;
}

void DuckDatabase::run(const std::string& sql) {
  duckdb_result result{};
  const bool good = duckdb_query(connection_, sql.c_str(), &result) == DuckDBSuccess;
  const std::string message = good ? "" : duckdb_result_error(&result);
  duckdb_destroy_result(&result);
  if (good) return;
  const bool full = message.find("No space left") != std::string::npos;
  fail(full ? ErrorKind::disk_full : ErrorKind::io, message, {}, full ? "free some space and try again" : "");
}

DuckQuery::DuckQuery(duckdb_connection connection, const std::string& sql, const std::vector<std::string>& parameters) {
  const auto text_of = [](const char* message) { return std::string(message && *message ? message : "unknown error"); };
  duckdb_prepared_statement statement = nullptr;
  duckdb_pending_result pending = nullptr;
  bool good = duckdb_prepare(connection, sql.c_str(), &statement) == DuckDBSuccess;
  if (!good) message_ = text_of(duckdb_prepare_error(statement));
  for (std::size_t i = 0; good && i < parameters.size(); ++i)
    duckdb_bind_varchar_length(statement, i + 1, parameters[i].data(), parameters[i].size());
  if (good) {
    good = duckdb_pending_prepared_streaming(statement, &pending) == DuckDBSuccess;
    if (!good) message_ = text_of(duckdb_pending_error(pending));
  }
  if (good) {
    good = duckdb_execute_pending(pending, &result_) == DuckDBSuccess;
    has_result_ = true;
    if (!good) message_ = text_of(duckdb_result_error(&result_));
  }
  duckdb_destroy_pending(&pending);
  duckdb_destroy_prepare(&statement);
}

DuckQuery::~DuckQuery() {
  if (chunk_) duckdb_destroy_data_chunk(&chunk_);
  if (has_result_) duckdb_destroy_result(&result_);
}

std::string DuckQuery::error() const { return message_.substr(0, std::min<std::size_t>(message_.find('\n'), 300)); }

duckdb_data_chunk DuckQuery::next() {
  if (chunk_) duckdb_destroy_data_chunk(&chunk_);
  chunk_ = nullptr;
  if (!message_.empty()) return nullptr;
  chunk_ = duckdb_fetch_chunk(result_);
  if (!chunk_)
    if (const char* message = duckdb_result_error(&result_); message && *message) message_ = message;
  return chunk_;
}

DuckTexts::DuckTexts(duckdb_vector vector)
    : data_(static_cast<duckdb_string_t*>(duckdb_vector_get_data(vector))),
      validity_(duckdb_vector_get_validity(vector)) {}

void DuckTexts::assign_to(std::string& text, idx_t row) const {
  text.assign(duckdb_string_t_data(&data_[row]), duckdb_string_t_length(data_[row]));
}

std::string sql_text(const std::string& text) {
  std::string quoted = "'";
  for (const char c : text) quoted += c == '\'' ? "''" : std::string(1, c);
  return quoted + "'";
}

std::string sql_name(const std::string& name) {
  std::string quoted = "\"";
  for (const char c : name) quoted += c == '"' ? "\"\"" : std::string(1, c);
  return quoted + "\"";
}

ParquetSource::ParquetSource(const std::filesystem::path& file) : path_(fs::absolute(file).string()) {
  // DuckDB takes * ? [ in a path as a pattern: such a file is read through a link with a plain name.
  if (path_.find_first_of("*?[]{}") == std::string::npos) return;
  link_folder_.emplace();
  const fs::path link = link_folder_->path() / "data.parquet";
  fs::create_symlink(fs::absolute(file), link);
  path_ = link.string();
}

std::string ParquetSource::sql(bool numbered) const {
  return "read_parquet(" + sql_text(path_) + ", hive_partitioning = false" +
         (numbered ? ", file_row_number = true" : "") + ")";
}

}  // namespace luthier
