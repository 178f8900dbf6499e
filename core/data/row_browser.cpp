#include "data/row_browser.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "data/duck.h"
#include "data/rows.h"

namespace luthier {

namespace {
constexpr std::uint64_t kMostCacheBytes = std::uint64_t{4} << 30;
constexpr std::size_t kFewRows = 5000;  ///< a selection of so many is kept whole: its rows may lie far apart
const std::string kNumber = "\"luthier row number\"";

std::string lower_case(std::string text) {
  for (char& c : text)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  return text;
}

/// What DuckDB says, as a sentence with the position in the query (-1: none).
std::pair<std::string, std::int64_t> explain(const std::string& message) {
  // Some messages have words before the JSON.
  const std::size_t begin = message.find("{\"exception_type\"");
  if (begin == std::string::npos) return {message.substr(0, message.find('\n')), -1};
  const Json json = Json::parse(message.substr(begin), nullptr, false);
  if (!json.is_object()) return {message, -1};
  std::string text = json.value("exception_message", message);
  const std::string type = json.value("exception_type", "");
  if (json.value("error_subtype", "") == "COLUMN_NOT_FOUND") {
    text = "there is no column '" + json.value("name", "") + "'";
    const std::string candidates = json.value("candidates", ""), first = candidates.substr(0, candidates.find(','));
    if (!first.empty() && kNumber.find(first) == std::string::npos) text += ", did you mean '" + first + "'?";
  }
  std::int64_t position = -1;
  if (const auto found = json.find("position"); found != json.end() && found->is_string())
    position = std::atoll(found->get_ref<const std::string&>().c_str());
  std::replace(text.begin(), text.end(), '\n', ' ');
  return {type == "Interrupt" ? "interrupted" : text, position};
}

bool was_interrupted(const std::string& message) {
  return message.find("INTERRUPT") != std::string::npos || message.find("\"Interrupt\"") != std::string::npos;
}

/// The column as SQL that a condition can compare: numbers as numbers.
std::string typed(const std::string& name, const std::string& type) {
  if (type == "integer") return "TRY_CAST(" + name + " AS BIGINT)";
  if (type == "number") return "TRY_CAST(" + name + " AS DOUBLE)";
  if (type == "boolean") return "TRY_CAST(" + name + " AS BOOLEAN)";
  return name;
}
}  // namespace

struct RowBrowser::State {
  DuckDatabase database{{}, "1GB"};
  duckdb_connection pages = nullptr, filters = nullptr;
  std::mutex page_lock, filter_lock;
  std::optional<ParquetSource> parquet;
  std::string texts;       ///< SELECT of the row number and c0, c1, ... as texts
  std::string conditions;  ///< the same with the columns under their own names, to be compared
  bool marked = false;
};

RowFilter read_filter(const std::string& text) {
  const std::size_t begin = text.find_first_not_of(" \t\n");
  if (begin == std::string::npos) return {};
  const std::string rest = text.substr(begin, text.find_last_not_of(" \t\n") + 1 - begin);
  if (lower_case(rest.substr(0, 5)) != "where" || (rest.size() > 5 && rest[5] != ' ' && rest[5] != '\t'))
    return {.search = rest, .where = {}, .flagged_only = false};
  const std::size_t condition = rest.find_first_not_of(" \t\n", 5);
  return {.search = {}, .where = condition == std::string::npos ? "" : rest.substr(condition), .flagged_only = false};
}

RowBrowser::RowBrowser(const fs::path& file, const ReadOptions& options, const fs::path& cache_folder,
                       const ImportProgress& progress)
    : state_(std::make_unique<State>()) {
  FindingLog ignored;
  const Layout layout = detect_layout(file, options, ignored);
  columns_ = layout.columns;
  detected_ = layout.detected;
  const auto names_it = [](const Column& column) { return lower_case(column.name) == "file_row_number"; };
  const bool in_place = detected_.format == "parquet" && std::none_of(columns_.begin(), columns_.end(), names_it);
  std::string texts, conditions, from;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::string alias = "c" + std::to_string(i), name = sql_name(columns_[i].name);
    texts += ", " + (in_place ? parquet_text(layout, i) + " AS " + alias : alias);
    conditions += ", " +
                  (!in_place         ? typed(alias, columns_[i].type)
                   : layout.bytes[i] ? parquet_text(layout, i)
                                     : name) +
                  " AS " + name;
  }
  DuckDatabase& database = state_->database;
  if (in_place) {
    state_->parquet.emplace(file);
    from = state_->parquet->sql(true);
    if (options.max_rows > 0) from += " WHERE file_row_number < " + std::to_string(options.max_rows);
    database.run("SET allowed_paths = [" + sql_text(state_->parquet->path()) + "]");
  } else {
    const fs::path folder = cache_folder.empty() ? luthier_home() / "cache" / "rows" : cache_folder;
    const fs::path imported = imported_path(file, options, folder);
    const auto import = [&] { import_rows(Table::open(file, options), file, imported, progress); };
    if (!fs::exists(imported)) import();
    const std::string attach = "ATTACH " + sql_text(imported.string()) + " AS imported (READ_ONLY)";
    try {
      database.run(attach);
    } catch (const Error&) {
      fs::remove(imported);  // damaged: only a cache
      import();
      database.run(attach);
    }
    std::error_code error;
    fs::last_write_time(imported, fs::file_time_type::clock::now(), error);
    // The time of change is the time of last use; DuckDB does not look at it.
    limit_imports(folder, kMostCacheBytes, imported);
    from = "imported.rows";
  }
  const std::string number = std::string(in_place ? "file_row_number" : "rowid") + " AS " + kNumber;
  state_->texts = "SELECT " + number + texts + " FROM " + from;
  state_->conditions = "SELECT " + number + conditions + " FROM " + from;
  database.run("SET enable_external_access = false");
  database.run("SET enable_progress_bar = false");
  state_->pages = database.connect();
  state_->filters = database.connect();
  duckdb_query(state_->filters, "SET errors_as_json = true", nullptr);
  database.run("SET lock_configuration = true");

  DuckQuery count(state_->pages, "SELECT count(*) FROM " + from);
  duckdb_data_chunk chunk = count.next();
  if (!chunk) fail(ErrorKind::bad_input, "the rows cannot be counted: " + count.error(), file.string());
  size_ = *static_cast<std::int64_t*>(duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0)));
}

RowBrowser::~RowBrowser() = default;

void RowBrowser::interrupt() { duckdb_interrupt(state_->filters); }

bool RowBrowser::set_marks(std::shared_ptr<const std::vector<RowMark>> marks) {
  const std::lock_guard lock(state_->filter_lock);
  state_->marked = false;
  marks_ = nullptr;
  state_->database.run("DROP TABLE IF EXISTS marks");
  if (!marks || static_cast<std::int64_t>(marks->size()) != size_) return false;
  state_->database.run("CREATE TABLE marks (tokens INTEGER, split UTINYINT, flags UTINYINT)");
  duckdb_appender appender = nullptr;
  bool good = duckdb_appender_create(state_->database.connection(), nullptr, "marks", &appender) == DuckDBSuccess;
  for (const auto& mark : *marks) {
    if (!good) break;
    if (mark.tokens < 0)
      duckdb_append_null(appender);
    else
      duckdb_append_int32(appender, mark.tokens);
    duckdb_append_uint8(appender, static_cast<std::uint8_t>(mark.split));
    duckdb_append_uint8(appender, mark.flags);
    good = duckdb_appender_end_row(appender) == DuckDBSuccess;
  }
  good = good && duckdb_appender_close(appender) == DuckDBSuccess;
  duckdb_appender_destroy(&appender);
  if (!good) fail(ErrorKind::out_of_memory, "there is no memory for the marks of the rows");
  marks_ = std::move(marks);
  state_->marked = true;
  return true;
}

std::string RowBrowser::condition_query(const std::string& where, std::size_t& prefix) const {
  const auto name = [&](const char* wanted) {
    const bool taken = std::any_of(columns_.begin(), columns_.end(),
                                   [&](const Column& column) { return lower_case(column.name) == wanted; });
    return sql_name(std::string(wanted) + (taken ? "_" : ""));
  };
  std::string sql = "SELECT " + kNumber + " FROM (SELECT *, " + kNumber + " + 1 AS " + name("row");
  if (state_->marked) {
    sql += ", marked.tokens AS " + name("tokens") + ", ['train', 'validation', 'test'][marked.split + 1] AS " +
           name("split");
    for (const auto& [flag, word] : {std::pair{RowMark::duplicate, "duplicate"},
                                     {RowMark::leaked, "leaked"},
                                     {RowMark::empty, "empty"},
                                     {RowMark::unusable, "unusable"},
                                     {RowMark::too_long, "too_long"},
                                     {RowMark::conflicting, "conflicting"}})
      sql += ", (marked.flags & " + std::to_string(flag) + ") <> 0 AS " + name(word);
  }
  // The row's own columns only: `*` must not bring the marks' under the names that the file may have.
  const std::string star = "SELECT *, ";
  sql.replace(sql.find(star), star.size(), "SELECT file.*, ");
  sql += " FROM (" + state_->conditions + ") file";
  if (state_->marked) sql += " POSITIONAL JOIN marks marked";
  sql += ") WHERE (\n";
  prefix = sql.size();
  return sql + where + "\n)";
}

std::optional<FilterProblem> RowBrowser::check(const std::string& where) {
  const std::lock_guard lock(state_->filter_lock);
  std::size_t prefix = 0;
  const std::string sql = condition_query(where, prefix);
  duckdb_prepared_statement statement = nullptr;
  std::optional<FilterProblem> problem;
  if (duckdb_prepare(state_->filters, sql.c_str(), &statement) != DuckDBSuccess) {
    const char* said = duckdb_prepare_error(statement);
    const auto [message, position] = explain(said ? said : "");
    const auto within = position - static_cast<std::int64_t>(prefix);
    problem = {message, within >= 0 && within <= static_cast<std::int64_t>(where.size()) ? within : -1};
  }
  duckdb_destroy_prepare(&statement);
  return problem;
}

RowSelection RowBrowser::select(const RowFilter& filter) {
  RowSelection selection;
  if (!filter.where.empty()) {
    selection.problem = check(filter.where);
    if (selection.problem) return selection;
  }
  const std::lock_guard lock(state_->filter_lock);
  const auto is_wanted = [&](std::int64_t number) {
    return !filter.flagged_only || (marks_ && (*marks_)[static_cast<std::size_t>(number)].flags != 0);
  };
  if (filter.search.empty() && filter.where.empty()) {
    for (std::int64_t i = 0; i < size_; ++i)
      if (is_wanted(i)) selection.numbers.push_back(static_cast<std::uint32_t>(i));
  } else {
    std::string sql;
    std::size_t prefix = 0;
    std::vector<std::string> parameters;
    if (!filter.where.empty()) {
      sql = condition_query(filter.where, prefix);
    } else {
      sql = "SELECT " + kNumber + " FROM (" + state_->texts + ") WHERE ";
      for (std::size_t i = 0; i < columns_.size(); ++i)
        sql += (i ? " OR contains(lower(c" : "contains(lower(c") + std::to_string(i) + "), lower($1))";
      parameters = {filter.search};
    }
    DuckQuery query(state_->filters, sql, parameters);
    while (duckdb_data_chunk chunk = query.next()) {
      const auto* numbers = static_cast<std::int64_t*>(duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0)));
      for (idx_t i = 0; i < duckdb_data_chunk_get_size(chunk); ++i)
        if (is_wanted(numbers[i])) selection.numbers.push_back(static_cast<std::uint32_t>(numbers[i]));
    }
    if (was_interrupted(query.message())) fail(ErrorKind::cancelled, "the filter was stopped");
    if (!query.message().empty()) {
      const auto [message, position] = explain(query.message());
      const auto within = position - static_cast<std::int64_t>(prefix);
      selection.numbers.clear();
      selection.problem = {message,
                           within >= 0 && within <= static_cast<std::int64_t>(filter.where.size()) ? within : -1};
      return selection;
    }
    std::sort(selection.numbers.begin(), selection.numbers.end());
  }
  // Rows of a Parquet file that lie far apart cost a whole scan: one now is better than one a page.
  if (state_->parquet && !selection.numbers.empty() && selection.numbers.size() <= kFewRows) {
    RowSelection all{selection.numbers, {}, {}};
    selection.rows = rows(0, static_cast<std::int64_t>(all.numbers.size()), &all);
  }
  return selection;
}

std::vector<BrowsedRow> RowBrowser::fetch(const std::string& condition, std::int64_t characters) {
  std::string sql = "SELECT " + kNumber;
  for (std::size_t i = 0; i < columns_.size(); ++i) {
    const std::string column = "c" + std::to_string(i);
    sql += ", " + (characters > 0 ? "left(" + column + ", " + std::to_string(characters) + ")" : column);
  }
  const std::lock_guard lock(state_->page_lock);
  DuckQuery query(state_->pages, sql + " FROM (" + state_->texts + ") WHERE " + condition);
  std::vector<BrowsedRow> rows;
  while (duckdb_data_chunk chunk = query.next()) {
    const auto* numbers = static_cast<std::int64_t*>(duckdb_vector_get_data(duckdb_data_chunk_get_vector(chunk, 0)));
    const std::size_t before = rows.size(), size = duckdb_data_chunk_get_size(chunk);
    for (std::size_t r = 0; r < size; ++r)
      rows.push_back({numbers[r], std::vector<std::string>(columns_.size()), std::vector<bool>(columns_.size())});
    for (std::size_t i = 0; i < columns_.size(); ++i) {
      const DuckTexts texts(duckdb_data_chunk_get_vector(chunk, i + 1));
      for (std::size_t r = 0; r < size; ++r) {
        rows[before + r].null[i] = texts.is_null(r);
        if (texts.is_null(r)) continue;
        texts.assign_to(rows[before + r].values[i], r);
        std::erase(rows[before + r].values[i], '\0');  // as scans do
      }
    }
  }
  if (!query.message().empty()) fail(ErrorKind::io, "the rows cannot be read: " + query.error());
  std::sort(rows.begin(), rows.end(), [](const auto& a, const auto& b) { return a.number < b.number; });
  return rows;
}

std::vector<BrowsedRow> RowBrowser::rows(std::int64_t first, std::int64_t count, const RowSelection* selection,
                                         std::int64_t characters) {
  const std::int64_t all = selection ? static_cast<std::int64_t>(selection->numbers.size()) : size_;
  first = std::clamp<std::int64_t>(first, 0, all);
  count = std::clamp<std::int64_t>(count, 0, all - first);
  if (count == 0) return {};
  if (!selection)
    return fetch(kNumber + " BETWEEN " + std::to_string(first) + " AND " + std::to_string(first + count - 1),
                 characters);
  if (!selection->rows.empty()) return {selection->rows.begin() + first, selection->rows.begin() + first + count};
  const auto* numbers = selection->numbers.data() + first;
  std::string list;
  for (std::int64_t i = 0; i < count; ++i) list += (i ? "," : "") + std::to_string(numbers[i]);
  return fetch(kNumber + " BETWEEN " + std::to_string(numbers[0]) + " AND " + std::to_string(numbers[count - 1]) +
                   " AND " + kNumber + " IN (" + list + ")",
               characters);
}

Row RowBrowser::row(std::int64_t number) {
  auto found = fetch(kNumber + " = " + std::to_string(number), 0);
  if (found.empty()) fail(ErrorKind::not_found, "there is no row " + std::to_string(number + 1));
  return {number, std::move(found[0].values), std::move(found[0].null), {}};
}

}  // namespace luthier
