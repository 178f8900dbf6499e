#include "data/row_import.h"

#include <algorithm>
#include <chrono>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/random.h"
#include "base/temporary_name.h"
#include "data/duck.h"
#include "data/folder.h"

namespace luthier {

namespace {
constexpr int kImportVersion = 2;  ///< raise when the same file leads to another table
constexpr std::int64_t kReportEvery = 4096;

/// Appends rows of texts to the table `rows`.
class RowAppender {
 public:
  explicit RowAppender(DuckDatabase& database, const std::string& where) : where_(where) {
    if (duckdb_appender_create(database.connection(), nullptr, "rows", &appender_) != DuckDBSuccess) fail_now();
  }
  ~RowAppender() { duckdb_appender_destroy(&appender_); }
  RowAppender(const RowAppender&) = delete;
  RowAppender& operator=(const RowAppender&) = delete;

  void add(const Row& row) {
    bool good = true;
    for (std::size_t i = 0; i < row.values.size(); ++i)
      good &= (row.null[i] ? duckdb_append_null(appender_)
                           : duckdb_append_varchar_length(appender_, row.values[i].data(), row.values[i].size())) ==
              DuckDBSuccess;
    if (!good || duckdb_appender_end_row(appender_) != DuckDBSuccess) fail_now();
  }
  void finish() {
    if (duckdb_appender_close(appender_) != DuckDBSuccess) fail_now();
  }

 private:
  [[noreturn]] void fail_now() {
    duckdb_error_data data = duckdb_appender_error_data(appender_);
    const char* said = duckdb_error_data_message(data);
    const std::string message = said ? said : "unknown error";
    duckdb_destroy_error_data(&data);
    const bool full = message.find("No space left") != std::string::npos;
    fail(full ? ErrorKind::disk_full : ErrorKind::io, "the rows cannot be written: " + message, where_,
         full ? "free some space on this disk" : "");
  }
  std::string where_;
  duckdb_appender appender_ = nullptr;
};

void remove_database(const fs::path& path) {
  std::error_code ignored;
  fs::remove(path, ignored);
  fs::remove(path.string() + ".wal", ignored);
}
}  // namespace

fs::path imported_path(const fs::path& file, const ReadOptions& options, const fs::path& cache_folder) {
  std::error_code error;
  const auto changed = fs::last_write_time(file, error);
  const bool is_folder = !error && fs::is_directory(file);
  const auto bytes = error ? 0 : is_folder ? folder_fingerprint(file) : fs::file_size(file, error);
  if (error)
    fail(ErrorKind::not_found, "the file cannot be looked at: " + error.message(), file.string(), "check the path");
  const Json said = {kImportVersion,
                     fs::absolute(file).string(),
                     bytes,
                     static_cast<std::int64_t>(changed.time_since_epoch().count()),
                     options.format,
                     options.encoding,
                     options.delimiter,
                     options.quote,
                     options.header,
                     options.max_rows};
  const std::string text = said.dump(-1, ' ', false, Json::error_handler_t::replace);
  return cache_folder / (hex(hash_bytes(text.data(), text.size())) + ".rows");
}

void import_rows(const Table& table, const fs::path& file, const fs::path& target, const ImportProgress& progress) {
  std::error_code error;
  fs::create_directories(target.parent_path(), error);
  if (error) fail(ErrorKind::io, "the cache folder cannot be made: " + error.message(), target.parent_path().string());
  const fs::path part = temporary_beside(target);  // one import may begin while another of the same file still ends
  remove_database(part);
  try {
    {
      DuckDatabase database(part, "512MB");
      std::string columns;
      for (std::size_t i = 0; i < table.columns().size(); ++i)
        columns += (i ? ", c" : "c") + std::to_string(i) + " VARCHAR";
      database.run("CREATE TABLE rows (" + columns + ")");
      RowAppender appender(database, target.string());
      const bool packed = file.extension() == ".gz" || table.detected().format == "parquet" || fs::is_directory(file);
      const double all = packed ? 0 : static_cast<double>(fs::file_size(file));
      double read = 0;
      table.scan([&](const Row& row) {
        appender.add(row);
        for (const auto& value : row.values) read += static_cast<double>(value.size()) + 1;
        if (progress && row.number % kReportEvery == 0)
          progress("reading rows", all > 0 ? std::min(1.0, read / all) : -1.0);
        return true;
      });
      appender.finish();
      database.run("CHECKPOINT");
    }
    fs::rename(part, target);
  } catch (...) {
    remove_database(part);
    throw;
  }
}

void limit_imports(const fs::path& cache_folder, std::uint64_t bytes, const fs::path& keep) {
  struct Entry {
    fs::path path;
    std::uint64_t bytes;
    fs::file_time_type opened;
  };
  std::vector<Entry> entries;
  std::error_code error;
  std::uint64_t all = 0;
  const auto yesterday = fs::file_time_type::clock::now() - std::chrono::hours(24);
  for (const auto& file : fs::directory_iterator(cache_folder, error)) {
    Entry entry{file.path(), file.file_size(error), file.last_write_time(error)};
    if (error || entry.path == keep) continue;
    // What a crash left half done.
    if (entry.path.extension() != ".rows") {
      if (entry.opened < yesterday) fs::remove(entry.path, error);
      continue;
    }
    all += entry.bytes;
    entries.push_back(std::move(entry));
  }
  std::sort(entries.begin(), entries.end(), [](const auto& a, const auto& b) { return a.opened < b.opened; });
  for (const auto& entry : entries) {
    if (all <= bytes) return;
    if (fs::remove(entry.path, error)) all -= entry.bytes;
  }
}

}  // namespace luthier
