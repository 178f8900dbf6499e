// Whose turn it is, who is still there, and what became of those who are not.
#include <chrono>
#include <thread>

#include "base/error.h"
#include "store/database.h"

namespace luthier {

namespace {
// A run that was just queued or started gets this long until its supervisor or its trainer makes its lock file ...
constexpr double kGraceSeconds = 10;
// ... and this long between making the file and locking it.
constexpr double kLockingSeconds = 1;

struct Activity {
  RunStatus status = RunStatus::queued;
  std::string id, device;
  double queued = 0, started = 0, heartbeat = 0;
};

std::vector<Activity> unfinished(SQLite::Database& database) {
  SQLite::Statement select(database,
                           "SELECT id, status, device, queued, started, heartbeat FROM runs "
                           "WHERE status IN ('queued', 'running', 'paused') ORDER BY queued, key");
  std::vector<Activity> rows;
  while (select.executeStep())
    rows.push_back({run_status_from(select.getColumn(1).getString()), select.getColumn(0).getString(),
                    select.getColumn(2).getString(), select.getColumn(3).getDouble(), select.getColumn(4).getDouble(),
                    select.getColumn(5).getDouble()});
  return rows;
}

fs::path lock_file(const fs::path& home, const std::string& id) { return home / "runs" / id / "lock"; }
fs::path supervisor_lock_file(const fs::path& home, const std::string& id) {
  return home / "runs" / id / "supervisor.lock";
}

bool somebody_works(const fs::path& home, const Activity& run) {
  const fs::path lock = lock_file(home, run.id), supervisor = supervisor_lock_file(home, run.id);
  if (!FileLock::is_free(lock) || !FileLock::is_free(supervisor)) return true;
  const bool queued = run.status == RunStatus::queued;
  const double age = now_seconds() - (queued ? run.queued : run.started);
  // requeue and try_start remove the lock files, so that these tell whether somebody has come up since.
  return age >= 0 && age < (fs::exists(queued ? supervisor : lock) ? kLockingSeconds : kGraceSeconds);
}

// Whoever asks whether a lock is free holds it shared for an instant; so being refused once means little.
constexpr double kRefusedSeconds = 0.2;
// A run's end is told a moment before its processes are gone.
constexpr double kEndingSeconds = 5;

FileLock take(const fs::path& path, const std::string& message, double seconds = kRefusedSeconds) {
  const auto begin = std::chrono::steady_clock::now();
  while (true) {
    if (auto lock = FileLock::try_take(path)) return std::move(*lock);
    if (std::chrono::steady_clock::now() - begin > std::chrono::duration<double>(seconds))
      fail(ErrorKind::conflict, message, path.string(), "stop it first, or wait for its end: luthier-cli runs");
    std::this_thread::sleep_for(std::chrono::milliseconds(10));
  }
}

constexpr const char* kWorksMessage = "another process works on this run";
constexpr const char* kWatchesMessage = "another process watches this run";

void set_interrupted(SQLite::Database& database, const Activity& run) {
  const bool queued = run.status == RunStatus::queued;
  SQLite::Statement update(database,
                           "UPDATE runs SET status = 'interrupted', reason = ?, hint = ?, ended = ? WHERE id = ?");
  update.bind(1, queued
                     ? "the process that waited for its turn is gone"
                     : "its process is gone without a word: it was killed, ran out of memory, or the machine went off");
  update.bind(2, "luthier-cli train --resume " + run.id +
                     (queued ? " puts it into the queue again" : " continues from the last checkpoint"));
  update.bind(3, run.heartbeat > 0 ? run.heartbeat : now_seconds());
  update.bind(4, run.id);
  update.exec();
}
}  // namespace

bool Store::try_start(const std::string& id) {
  return state_->write([&](SQLite::Database& database) {
    const std::int64_t key = run_key(database, id);
    const std::vector<Activity> rows = unfinished(database);
    std::optional<std::string> device;
    for (const Activity& row : rows)
      if (row.id == id && row.status == RunStatus::queued) device = row.device;
    if (!device) return false;
    bool older = true;
    for (const Activity& row : rows) {
      if (row.id == id) {
        older = false;
      } else if (row.device == *device) {
        if (row.status == RunStatus::queued ? older : somebody_works(state_->home, row)) return false;
      }
    }
    if (!FileLock::is_free(lock_file(state_->home, id))) return false;  // its former trainer is still ending
    std::error_code ignored;
    fs::remove(lock_file(state_->home, id), ignored);
    SQLite::Statement update(database,
                             "UPDATE runs SET status = 'running', reason = '', hint = '', exit_code = -1, signal = 0, "
                             "started = ?1, heartbeat = ?1, ended = 0 WHERE key = ?2");
    update.bind(1, now_seconds());
    update.bind(2, key);
    update.exec();
    return true;
  });
}

void Store::requeue(const std::string& id) {
  if (is_final(run(id).status)) wait_for_end(id);
  state_->write([&](SQLite::Database& database) {
    const std::int64_t key = run_key(database, id);
    for (const Activity& row : unfinished(database))
      if (row.id == id && (row.status == RunStatus::queued || somebody_works(state_->home, row)))
        fail(ErrorKind::conflict, "the run is " + to_string(row.status) + " already", id,
             row.status == RunStatus::paused ? "luthier-cli runs resume " + id + " lets it go on"
                                             : "luthier-cli runs show " + id + " tells how far it is");
    std::error_code ignored;  // its age tells from now on whether a supervisor is still to come
    fs::remove(supervisor_lock_file(state_->home, id), ignored);
    SQLite::Statement update(database,
                             "UPDATE runs SET status = 'queued', reason = '', hint = '', exit_code = -1, signal = 0, "
                             "queued = ?, ended = 0 WHERE key = ?");
    update.bind(1, now_seconds());
    update.bind(2, key);
    update.exec();
    SQLite::Statement drop(database, "UPDATE commands SET taken = 1 WHERE run = ? AND taken = 0");
    drop.bind(1, key);
    drop.exec();
  });
}

FileLock Store::take_lock(const std::string& id) const { return take(run_folder(id) / "lock", kWorksMessage); }

FileLock Store::take_supervisor_lock(const std::string& id) const {
  return take(run_folder(id) / "supervisor.lock", kWatchesMessage);
}

std::pair<FileLock, FileLock> Store::wait_for_end(const std::string& id) const {
  FileLock trainer = take(run_folder(id) / "lock", kWorksMessage, kEndingSeconds);
  return {std::move(trainer), take(run_folder(id) / "supervisor.lock", kWatchesMessage, kEndingSeconds)};
}

bool Store::is_alive(const std::string& id) const {
  return state_->read([&](SQLite::Database& database) {
    run_key(database, id);
    for (const Activity& row : unfinished(database))
      if (row.id == id) return somebody_works(state_->home, row);
    return !FileLock::is_free(lock_file(state_->home, id));
  });
}

std::vector<std::string> Store::mark_interrupted() {
  const auto gone = [&](SQLite::Database& database) {
    std::vector<Activity> rows;
    for (Activity& row : unfinished(database))
      if (!somebody_works(state_->home, row)) rows.push_back(std::move(row));
    return rows;
  };
  if (state_->read(gone).empty()) return {};
  return state_->write([&](SQLite::Database& database) {
    std::vector<std::string> ids;
    for (const Activity& row : gone(database)) {
      set_interrupted(database, row);
      ids.push_back(row.id);
    }
    return ids;
  });
}

}  // namespace luthier
