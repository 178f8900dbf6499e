#pragma once
// A data file as a table that any row can be read from at once: imported into a DuckDB file in the cache folder.
#include <filesystem>
#include <functional>

#include "data/table.h"

namespace luthier {

/// The stage and its share from 0 to 1, negative where it is not known; may throw Error(cancelled).
using ImportProgress = std::function<void(const std::string& stage, double share)>;

/// Where the rows of this file, read in this way, lie once they are imported. Another content has another name.
std::filesystem::path imported_path(const std::filesystem::path& file, const ReadOptions& options,
                                    const std::filesystem::path& cache_folder);

/// Reads every row of `table` (opened from `file`) into `target`: a table `rows` with the columns c0, c1, ... as texts
/// in file order. Memory stays bounded; a cancelled or failed import leaves nothing behind. Errors: io, disk_full,
/// cancelled, and those of Table::scan.
void import_rows(const Table& table, const std::filesystem::path& file, const std::filesystem::path& target,
                 const ImportProgress& progress);

/// Removes the imports that were not opened for longest until the others take at most `bytes`; `keep` always stays.
void limit_imports(const std::filesystem::path& cache_folder, std::uint64_t bytes, const std::filesystem::path& keep);

}  // namespace luthier
