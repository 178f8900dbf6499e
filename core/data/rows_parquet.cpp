// Rows of Parquet files, read by DuckDB's C API.
#include <optional>

#include "base/error.h"
#include "data/duck.h"
#include "data/media_file.h"
#include "data/rows.h"

namespace luthier {

namespace {
[[noreturn]] void fail_unreadable(const Layout& layout, const std::string& message) {
  fail(ErrorKind::bad_input, "the Parquet file cannot be read: " + message, layout.path.string(),
       "write it again (for example with pandas: to_parquet), or use CSV or JSON lines");
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

/// The encoded files of a media column: bytes, or the field of that name.
std::string media_bytes(const Layout& layout, std::size_t column) {
  const std::string name = sql_name(layout.columns[column].name);
  return layout.bytes[column] ? name : name + ".bytes";
}

/// A struct with bytes and path, as Hugging Face's datasets write images and recordings.
bool is_media_struct(duckdb_result& result, idx_t column) {
  duckdb_logical_type type = duckdb_column_logical_type(&result, column);
  bool bytes = false, path = false;
  if (duckdb_get_type_id(type) == DUCKDB_TYPE_STRUCT)
    for (idx_t i = 0; i < duckdb_struct_type_child_count(type); ++i) {
      char* name = duckdb_struct_type_child_name(type, i);
      duckdb_logical_type child = duckdb_struct_type_child_type(type, i);
      bytes |= std::string_view(name) == "bytes" && duckdb_get_type_id(child) == DUCKDB_TYPE_BLOB;
      path |= std::string_view(name) == "path" && duckdb_get_type_id(child) == DUCKDB_TYPE_VARCHAR;
      duckdb_destroy_logical_type(&child);
      duckdb_free(name);
    }
  duckdb_destroy_logical_type(&type);
  return bytes && path;
}

class ParquetRows : public RowReader {
 public:
  ParquetRows(const Layout& layout, FindingLog& log)
      : layout_(layout), log_(log), cleaner_(layout, log), source_(layout.path) {
    std::string sql = "SELECT ";
    for (std::size_t i = 0; i < layout.columns.size(); ++i) sql += (i ? ", " : "") + parquet_text(layout, i);
    for (std::size_t i = 0; i < layout.columns.size(); ++i)
      if (layout.columns[i].type == "media") {
        media_.push_back(i);
        sql += ", " + media_bytes(layout, i);
      }
    query_.emplace(database_.connection(), sql + " FROM " + source_.sql());
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
      for (idx_t i = 0; i < duckdb_data_chunk_get_column_count(chunk); ++i)
        columns_.emplace_back(duckdb_data_chunk_get_vector(chunk, i));
    }
    const std::size_t width = layout_.columns.size();
    row.values.resize(width);
    row.null.resize(width);
    row.media.resize(media_.empty() ? 0 : width);
    for (std::size_t i = 0; i < media_.size(); ++i) {
      const DuckTexts& bytes = columns_[width + i];
      row.media[media_[i]].clear();
      if (!bytes.is_null(at_)) bytes.assign_to(row.media[media_[i]], at_);
    }
    for (std::size_t i = 0; i < width; ++i) {
      row.null[i] = columns_[i].is_null(at_);
      row.values[i].clear();
      if (row.null[i]) continue;
      columns_[i].assign_to(row.values[i], at_);
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
  ParquetSource source_;
  DuckDatabase database_;
  std::optional<DuckQuery> query_;
  std::vector<DuckTexts> columns_;  ///< those of the layout, then the bytes of the media columns
  std::vector<std::size_t> media_;
  idx_t at_ = 0, size_ = 0;
  std::int64_t number_ = 0;
};
}  // namespace

std::string parquet_text(const Layout& layout, std::size_t column) {
  const std::string name = sql_name(layout.columns[column].name);
  const std::string& type = layout.columns[column].type;
  if (type == "media") {
    const std::string size = "format('{:d} bytes', octet_length(" + media_bytes(layout, column) + "))";
    return layout.bytes[column] ? size : "coalesce(" + name + ".path, " + size + ")";
  }
  // Older writers do not mark texts as such: bytes that are UTF-8 are taken for text.
  if (layout.bytes[column]) return "coalesce(try(decode(" + name + ")), " + name + "::VARCHAR)";
  if (type == "list" || type == "struct") return "to_json(" + name + ")::VARCHAR";
  return name + "::VARCHAR";
}

void detect_parquet(Layout& layout) {
  const ParquetSource source(layout.path);
  DuckDatabase database;
  DuckQuery query(database.connection(), "SELECT * FROM " + source.sql() + " LIMIT 0");
  if (!query.error().empty()) fail_unreadable(layout, query.error());
  for (idx_t i = 0; i < duckdb_column_count(&query.result()); ++i) {
    const duckdb_type type = duckdb_column_type(&query.result(), i);
    layout.columns.push_back({duckdb_column_name(&query.result(), i), type_name(type)});
    layout.bytes.push_back(type == DUCKDB_TYPE_BLOB);
    if (is_media_struct(query.result(), i)) layout.columns.back().type = "media";
  }
  // Bytes that begin as an image or a recording does.
  for (std::size_t i = 0; i < layout.columns.size(); ++i) {
    if (!layout.bytes[i]) continue;
    const std::string name = sql_name(layout.columns[i].name);
    DuckQuery first(database.connect(),
                    "SELECT " + name + " FROM " + source.sql() + " WHERE " + name + " IS NOT NULL LIMIT 1");
    duckdb_data_chunk chunk = first.next();
    if (!chunk || duckdb_data_chunk_get_size(chunk) == 0) continue;
    std::string head;
    DuckTexts(duckdb_data_chunk_get_vector(chunk, 0)).assign_to(head, 0);
    if (!media_kind_of_bytes(head).empty()) layout.columns[i].type = "media";
  }
}

std::int64_t count_parquet_rows(const Layout& layout) {
  const ParquetSource source(layout.path);
  DuckDatabase database;
  DuckQuery query(database.connection(), "SELECT count(*) FROM " + source.sql());
  duckdb_data_chunk chunk = query.next();
  if (!chunk) fail_unreadable(layout, query.error());
  return *static_cast<std::int64_t*>(duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0)));
}

std::unique_ptr<RowReader> open_parquet_rows(const Layout& layout, FindingLog& log) {
  return std::make_unique<ParquetRows>(layout, log);
}

}  // namespace luthier
