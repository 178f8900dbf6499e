#pragma once
// Random access to the rows of a data file of any size, and filters over them. Parquet is read where it lies; every
// other file is imported once into the cache folder.
#include <atomic>
#include <filesystem>
#include <memory>
#include <mutex>
#include <optional>
#include <string>
#include <vector>

#include "data/profile.h"
#include "data/row_import.h"
#include "data/table.h"

namespace luthier {

/// Which rows are wanted; all conditions together.
struct RowFilter {
  std::string search;         ///< occurs in any column, in any case; empty: all rows
  std::string where;          ///< a condition in SQL over columns and marks; empty: all rows
  bool flagged_only = false;  ///< rows that something is the matter with

  bool is_empty() const { return search.empty() && where.empty() && !flagged_only; }
};
/// "where tokens > 30" is a condition, anything else is searched for.
RowFilter read_filter(const std::string& text);

struct FilterProblem {
  std::string message;
  std::int64_t position = -1;  ///< byte of RowFilter::where that it is about; -1: not known
};

/// One row as a table shows it.
struct BrowsedRow {
  std::int64_t number = 0;  ///< from 0
  std::vector<std::string> values;
  std::vector<bool> null;
};

/// The rows that a filter left, in file order.
struct RowSelection {
  std::vector<std::uint32_t> numbers;
  std::vector<BrowsedRow> rows;          ///< all of them, shortened, where there are few
  std::optional<FilterProblem> problem;  ///< the condition is wrong: nothing was selected
};

/// Thread-safe; a row is fetched while a filter runs. The destructor may take seconds after an interrupted filter.
class RowBrowser {
 public:
  /// Imports the file unless that was done before. `cache_folder` empty: below luthier_home(). Errors: those of
  /// Table::open, io, disk_full, cancelled.
  RowBrowser(const std::filesystem::path& file, const ReadOptions& options,
             const std::filesystem::path& cache_folder = {}, const ImportProgress& progress = {});
  ~RowBrowser();

  const std::vector<Column>& columns() const { return columns_; }
  const ReadOptions& detected() const { return detected_; }
  std::int64_t size() const { return size_; }

  /// Makes tokens, splits and flags known to filters: row, tokens, split, duplicate, leaked, empty, unusable, too_long
  /// and conflicting (with "_" at the end where the file has a column of that name). False when they are of another
  /// number of rows.
  bool set_marks(std::shared_ptr<const std::vector<RowMark>> marks);

  /// Cancelled by interrupt(): Error(cancelled).
  RowSelection select(const RowFilter& filter);
  /// The condition alone, without running it.
  std::optional<FilterProblem> check(const std::string& where);
  /// Ends the select() that runs now.
  void interrupt();

  /// Rows `first` to `first + count` of the file, or of the selection; texts are cut after `characters`. Fewer at the
  /// end.
  std::vector<BrowsedRow> rows(std::int64_t first, std::int64_t count, const RowSelection* selection = nullptr,
                               std::int64_t characters = 600);
  /// One whole row, as Table::scan gives it.
  Row row(std::int64_t number);

 private:
  struct State;
  std::string marked_source() const;
  std::string condition_query(const std::string& where, std::size_t& prefix) const;
  std::vector<BrowsedRow> fetch(const std::string& condition, std::int64_t characters);

  std::vector<Column> columns_;
  ReadOptions detected_;
  std::int64_t size_ = 0;
  std::shared_ptr<const std::vector<RowMark>> marks_;
  std::unique_ptr<State> state_;
};

}  // namespace luthier
