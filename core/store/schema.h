#pragma once
// The database's tables, version by version. PRAGMA user_version says how many steps a file has taken.
#include <span>
#include <string>

namespace SQLite {
class Database;
}

namespace luthier {

/// The steps from an empty file to the present schema. Steps are only ever added: a released one never changes.
std::span<const char* const> schema_steps();

/// Takes the steps that `database` lacks, all in one transaction. unsupported when it has taken more steps than there
/// are (a newer Luthier wrote it), bad_input when it is somebody else's database. `where` names the file.
void migrate(SQLite::Database& database, std::span<const char* const> steps, const std::string& where);

}  // namespace luthier
