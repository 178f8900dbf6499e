#pragma once
// One connection to the run database: opened for the disk it lies on, its errors turned into luthier::Error.
#include <SQLiteCpp/Database.h>
#include <SQLiteCpp/Exception.h>
#include <SQLiteCpp/Statement.h>
#include <SQLiteCpp/Transaction.h>

#include <filesystem>
#include <mutex>

#include "store/store.h"

namespace luthier {

/// Seconds since 1970.
double now_seconds();

/// True on NFS, SMB, 9P, FUSE and cluster file systems, where the shared memory that WAL needs is not shared.
bool is_network_disk(const std::filesystem::path& folder);

struct Store::State {
  explicit State(const std::filesystem::path& home);

  /// Calls `work(database)` with the connection to itself; SQLite's errors come out as Error.
  template <class Work>
  auto read(Work work) {
    const std::lock_guard guard(mutex);
    try {
      return work(database);
    } catch (const SQLite::Exception& error) {
      fail_with_sqlite(error);
    }
  }

  /// The same inside BEGIN IMMEDIATE ... COMMIT; rolled back when `work` throws. A read transaction that is upgraded
  /// later fails with SQLITE_BUSY_SNAPSHOT whatever the busy timeout, so writing always begins here.
  template <class Work>
  auto write(Work work) {
    return read([&](SQLite::Database& open) {
      SQLite::Transaction transaction(open, SQLite::TransactionBehavior::IMMEDIATE);
      if constexpr (std::is_void_v<decltype(work(open))>) {
        work(open);
        transaction.commit();
      } else {
        auto result = work(open);
        transaction.commit();
        return result;
      }
    });
  }

  [[noreturn]] void fail_with_sqlite(const SQLite::Exception& error) const;

  std::filesystem::path home;
  bool network_disk;
  std::mutex mutex;
  SQLite::Database database;
};

/// The integer key of a run, by its whole id; not_found otherwise.
std::int64_t run_key(SQLite::Database& database, const std::string& id);

}  // namespace luthier
