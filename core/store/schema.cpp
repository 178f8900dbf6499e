#include "store/schema.h"

#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Transaction.h>

#include "base/error.h"

namespace luthier {

namespace {
constexpr int kApplicationId = 0x4C757468;  // "Luth": tells our file from any other SQLite database

// Rows of other tables name a run by its short integer key, which keeps the metrics table small. AUTOINCREMENT: an id
// that a reader has seen is never given again, also after rows were deleted.
constexpr const char* kSteps[] = {R"sql(
CREATE TABLE runs (
  key INTEGER PRIMARY KEY AUTOINCREMENT,
  id TEXT NOT NULL UNIQUE,
  name TEXT NOT NULL,
  status TEXT NOT NULL,
  device TEXT NOT NULL,
  reason TEXT NOT NULL DEFAULT '',
  hint TEXT NOT NULL DEFAULT '',
  exit_code INTEGER NOT NULL DEFAULT -1,
  signal INTEGER NOT NULL DEFAULT 0,
  created REAL NOT NULL,
  queued REAL NOT NULL,
  started REAL NOT NULL DEFAULT 0,
  ended REAL NOT NULL DEFAULT 0,
  heartbeat REAL NOT NULL DEFAULT 0,
  step INTEGER NOT NULL DEFAULT 0,
  total_steps INTEGER NOT NULL DEFAULT 0,
  epoch REAL NOT NULL DEFAULT 0,
  summary TEXT NOT NULL DEFAULT ''
);
CREATE INDEX runs_by_status ON runs (status);
CREATE TABLE metrics (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
  step INTEGER NOT NULL,
  epoch REAL NOT NULL,
  name TEXT NOT NULL,
  value REAL,
  superseded INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX metrics_by_run ON metrics (run, id);
CREATE TABLE events (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
  time REAL NOT NULL,
  step INTEGER NOT NULL,
  kind TEXT NOT NULL,
  message TEXT NOT NULL,
  detail TEXT NOT NULL
);
CREATE INDEX events_by_run ON events (run, id);
CREATE TABLE commands (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
  time REAL NOT NULL,
  kind TEXT NOT NULL,
  detail TEXT NOT NULL,
  taken INTEGER NOT NULL DEFAULT 0
);
CREATE INDEX commands_to_take ON commands (run) WHERE taken = 0;
CREATE TABLE artefacts (
  id INTEGER PRIMARY KEY AUTOINCREMENT,
  run INTEGER NOT NULL REFERENCES runs (key) ON DELETE CASCADE,
  kind TEXT NOT NULL,
  path TEXT NOT NULL,
  proof TEXT NOT NULL,
  created REAL NOT NULL
);
CREATE INDEX artefacts_by_run ON artefacts (run, id);
)sql"};

int version_of(SQLite::Database& database) { return database.execAndGet("PRAGMA user_version").getInt(); }

void check_version(int version, std::size_t known, const std::string& where) {
  if (version < 0 || static_cast<std::size_t>(version) > known)
    fail(ErrorKind::unsupported,
         "the run database was written by a newer Luthier (schema " + std::to_string(version) + ", this one knows " +
             std::to_string(known) + ")",
         where, "use the newer Luthier, or set LUTHIER_HOME to another folder");
}
}  // namespace

std::span<const char* const> schema_steps() { return kSteps; }

void migrate(SQLite::Database& database, std::span<const char* const> steps, const std::string& where) {
  {
    // One state of the file: between two reads another process may make the tables.
    const SQLite::Transaction one_state(database);
    const int version = version_of(database);
    const int application = database.execAndGet("PRAGMA application_id").getInt();
    const bool empty = database.execAndGet("SELECT count(*) FROM sqlite_schema").getInt() == 0;
    if (application != kApplicationId && !(empty && application == 0))
      fail(ErrorKind::bad_input, "this database does not belong to Luthier", where,
           "set LUTHIER_HOME to another folder, or move the file away");
    check_version(version, steps.size(), where);
    if (static_cast<std::size_t>(version) == steps.size()) return;
  }

  SQLite::Transaction transaction(database, SQLite::TransactionBehavior::IMMEDIATE);
  const int now = version_of(database);  // another process may have migrated it while this one waited
  check_version(now, steps.size(), where);
  for (std::size_t step = static_cast<std::size_t>(now); step < steps.size(); ++step) database.exec(steps[step]);
  database.exec("PRAGMA application_id = " + std::to_string(kApplicationId));
  database.exec("PRAGMA user_version = " + std::to_string(steps.size()));
  transaction.commit();
}

}  // namespace luthier
