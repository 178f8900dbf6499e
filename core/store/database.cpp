#include "store/database.h"

#include <sqlite3.h>
#include <sys/vfs.h>

#include <algorithm>
#include <array>
#include <chrono>
#include <thread>

#include "base/error.h"
#include "store/schema.h"

namespace luthier {

namespace {
constexpr int kBusyTimeoutMs = 10'000;

std::filesystem::path made(const std::filesystem::path& home) {
  std::error_code error;
  std::filesystem::create_directories(home / "runs", error);
  if (error)
    fail(error == std::errc::no_space_on_device ? ErrorKind::disk_full : ErrorKind::io,
         "the folder for runs cannot be made: " + error.message(), (home / "runs").string(),
         "set LUTHIER_HOME to a folder that you may write to");
  return home;
}

// Switching the journal needs the file for oneself for a moment, and the busy timeout does not cover it.
void set_journal(SQLite::Database& database, const std::string& mode) {
  for (int attempt = 0;; ++attempt) {
    try {
      const std::string present = database.execAndGet("PRAGMA journal_mode").getString();
      if (present == mode || database.execAndGet("PRAGMA journal_mode = " + mode).getString() == mode) return;
    } catch (const SQLite::Exception& error) {
      if (error.getErrorCode() != SQLITE_BUSY || attempt >= 200) throw;
    }
    // A disk that cannot do WAL keeps its journal without an error: both modes are safe.
    if (attempt >= 200) return;
    std::this_thread::sleep_for(std::chrono::milliseconds(25));
  }
}

[[noreturn]] void fail_sqlite(const SQLite::Exception& error, const std::filesystem::path& home) {
  const std::string where = (home / "luthier.db").string();
  const std::string reason = std::string(": ") + error.what();
  const int code = error.getErrorCode();
  if (code == SQLITE_FULL || error.getExtendedErrorCode() == SQLITE_IOERR_SHMSIZE)
    fail(ErrorKind::disk_full, "the run database cannot grow" + reason, where,
         "free some space on that disk, then try again");
  if (code == SQLITE_BUSY || code == SQLITE_LOCKED)
    fail(ErrorKind::conflict, "the run database stays locked by another process" + reason, where,
         "wait until the other program is done, or end it");
  if (code == SQLITE_NOTADB || code == SQLITE_CORRUPT)
    fail(ErrorKind::bad_input, "the run database is damaged" + reason, where,
         "move the file away to start a new one; the folders of the runs stay");
  if (code == SQLITE_READONLY || code == SQLITE_CANTOPEN || code == SQLITE_PERM)
    fail(ErrorKind::io, "the run database cannot be written" + reason, where,
         "set LUTHIER_HOME to a folder that you may write to");
  fail(ErrorKind::io, "the run database failed" + reason, where);
}
}  // namespace

double now_seconds() {
  return std::chrono::duration<double>(std::chrono::system_clock::now().time_since_epoch()).count();
}

bool is_network_disk(const std::filesystem::path& folder) {
  // Magic numbers of statfs(2): NFS, SMB, CIFS, SMB2, AFS, Coda, 9P, FUSE, Lustre, GPFS, Ceph, BeeGFS, OCFS2, GFS2.
  static constexpr std::array<std::uint32_t, 14> kNetwork = {0x6969,     0x517B,     0xFF534D42, 0xFE534D42, 0x5346414F,
                                                             0x73757245, 0x01021997, 0x65735546, 0x0BD00BD0, 0x47504653,
                                                             0x00C36400, 0x19830326, 0x7461636F, 0x01161970};
  struct statfs info{};
  if (::statfs(folder.c_str(), &info) != 0) return false;
  return std::find(kNetwork.begin(), kNetwork.end(), static_cast<std::uint32_t>(info.f_type)) != kNetwork.end();
}

Store::State::State(const std::filesystem::path& folder) try
    : home(made(folder)),
      network_disk(is_network_disk(home)),
      database((home / "luthier.db").string(), SQLite::OPEN_READWRITE | SQLite::OPEN_CREATE, kBusyTimeoutMs) {
  set_journal(database, network_disk ? "delete" : "wal");
  database.exec("PRAGMA synchronous = NORMAL");
  database.exec("PRAGMA foreign_keys = ON");
  migrate(database, schema_steps(), (home / "luthier.db").string());
} catch (const SQLite::Exception& error) {
  fail_sqlite(error, folder);
}

void Store::State::fail_with_sqlite(const SQLite::Exception& error) const { fail_sqlite(error, home); }

std::int64_t run_key(SQLite::Database& database, const std::string& id) {
  SQLite::Statement find(database, "SELECT key FROM runs WHERE id = ?");
  find.bind(1, id);
  if (!find.executeStep())
    fail(ErrorKind::not_found, "there is no run " + id, {}, "luthier-cli runs lists the runs there are");
  return find.getColumn(0).getInt64();
}

}  // namespace luthier
