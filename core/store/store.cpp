// Runs: their rows, and what a person does with them.
#include "store/store.h"

#include <algorithm>
#include <chrono>
#include <ctime>
#include <nlohmann/json.hpp>
#include <random>
#include <utility>

#include "base/error.h"
#include "store/database.h"

namespace luthier {

namespace {
constexpr std::pair<RunStatus, const char*> kStatusNames[] = {
    {RunStatus::queued, "queued"},          {RunStatus::running, "running"}, {RunStatus::paused, "paused"},
    {RunStatus::success, "success"},        {RunStatus::failed, "failed"},   {RunStatus::stopped, "stopped"},
    {RunStatus::interrupted, "interrupted"}};

constexpr const char* kSelectRun =
    "SELECT id, name, status, device, reason, hint, exit_code, signal, created, started, ended, heartbeat, step, "
    "total_steps, epoch, summary FROM runs ";

RunRow run_row(SQLite::Statement& row) {
  RunRow run;
  int column = 0;
  const auto next = [&] { return row.getColumn(column++); };
  run.id = next().getString();
  run.name = next().getString();
  run.status = run_status_from(next().getString());
  run.device = next().getString();
  run.reason = next().getString();
  run.hint = next().getString();
  run.exit_code = next().getInt64();
  run.signal = next().getInt64();
  run.created = next().getDouble();
  run.started = next().getDouble();
  run.ended = next().getDouble();
  run.heartbeat = next().getDouble();
  run.step = next().getInt64();
  run.total_steps = next().getInt64();
  run.epoch = next().getDouble();
  run.summary_json = next().getString();
  return run;
}

/// Coordinated universal time, so that ids sort by time also where the clocks change in autumn.
std::string new_id() {
  static constexpr char kLetters[] = "0123456789abcdefghjkmnpqrstvwxyz";
  const std::time_t seconds = std::time(nullptr);
  std::tm parts{};
  ::gmtime_r(&seconds, &parts);
  char text[32];
  std::strftime(text, sizeof text, "%Y%m%d-%H%M%S-", &parts);
  std::string id = text;
  std::random_device random;
  for (int i = 0; i < 4; ++i) id += kLetters[random() % 32];
  return id;
}

void check_id(const std::string& id) {  // an id becomes a folder's name
  const bool good = !id.empty() && id.size() <= 64 && std::all_of(id.begin(), id.end(), [](unsigned char c) {
    return std::isalnum(c) || c == '-' || c == '_';
  });
  if (!good)
    fail(ErrorKind::bad_input, "\"" + id + "\" is not the id of a run", {},
         "luthier-cli runs lists the runs there are");
}
}  // namespace

std::string to_string(RunStatus status) {
  for (const auto& [value, name] : kStatusNames)
    if (value == status) return name;
  fail(ErrorKind::internal, "a run has no such status");
}

RunStatus run_status_from(const std::string& text) {
  for (const auto& [value, name] : kStatusNames)
    if (text == name) return value;
  fail(ErrorKind::bad_input, "\"" + text + "\" is not a run's status");
}

bool is_final(RunStatus status) {
  return status != RunStatus::queued && status != RunStatus::running && status != RunStatus::paused;
}

Store::Store(const std::filesystem::path& home) : state_(std::make_unique<State>(home)) {}
Store::Store(Store&&) noexcept = default;
Store::~Store() = default;

const std::filesystem::path& Store::home() const { return state_->home; }

bool Store::on_network_disk() const { return state_->network_disk; }

std::filesystem::path Store::run_folder(const std::string& id) const {
  check_id(id);
  return state_->home / "runs" / id;
}

std::string Store::create_run(const std::string& name, const std::string& device, const Json& recipe) {
  std::string id;
  std::error_code error;
  do {
    id = new_id();
  } while (!fs::create_directory(run_folder(id), error) && !error);
  if (error)
    fail(error == std::errc::no_space_on_device ? ErrorKind::disk_full : ErrorKind::io,
         "the run's folder cannot be made: " + error.message(), run_folder(id).string(),
         "free some space, or set LUTHIER_HOME to a folder that you may write to");
  try {
    write_json(run_folder(id) / "recipe.json", recipe);
    state_->write([&](SQLite::Database& database) {
      SQLite::Statement insert(
          database, "INSERT INTO runs (id, name, status, device, created, queued) VALUES (?, ?, 'queued', ?, ?, ?)");
      const double now = now_seconds();
      insert.bind(1, id);
      insert.bind(2, name);
      insert.bind(3, device);
      insert.bind(4, now);
      insert.bind(5, now);
      insert.exec();
    });
  } catch (...) {
    fs::remove_all(run_folder(id), error);
    throw;
  }
  return id;
}

std::optional<RunRow> Store::find_run(const std::string& id) const {
  if (id.empty()) return std::nullopt;
  return state_->read([&](SQLite::Database& database) -> std::optional<RunRow> {
    SQLite::Statement select(
        database, std::string(kSelectRun) + "WHERE substr(id, 1, length(?1)) = ?1 ORDER BY id <> ?1, id LIMIT 2");
    select.bind(1, id);
    if (!select.executeStep()) return std::nullopt;
    RunRow first = run_row(select);
    if (first.id != id && select.executeStep())
      fail(ErrorKind::bad_input, "several runs begin with \"" + id + "\"", {}, "give more of the id");
    return first;
  });
}

RunRow Store::run(const std::string& id) const {
  if (auto found = find_run(id)) return std::move(*found);
  fail(ErrorKind::not_found, "there is no run \"" + id + "\"", {}, "luthier-cli runs lists the runs there are");
}

std::vector<RunRow> Store::runs() const {
  return state_->read([](SQLite::Database& database) {
    SQLite::Statement select(database, std::string(kSelectRun) + "ORDER BY key DESC");
    std::vector<RunRow> rows;
    while (select.executeStep()) rows.push_back(run_row(select));
    return rows;
  });
}

void Store::update_run(const RunRow& row) {
  state_->write([&](SQLite::Database& database) {
    SQLite::Statement update(
        database,
        "UPDATE runs SET name = ?, status = ?, device = ?, reason = ?, hint = ?, exit_code = ?, "
        "signal = ?, created = ?, started = ?, ended = ?, heartbeat = ?, step = ?, total_steps = ?, "
        "epoch = ?, summary = ? WHERE key = ?");
    int place = 1;
    const auto set = [&](const auto& value) { update.bind(place++, value); };
    set(row.name);
    set(to_string(row.status));
    set(row.device);
    set(row.reason);
    set(row.hint);
    set(row.exit_code);
    set(row.signal);
    set(row.created);
    set(row.started);
    set(row.ended);
    set(row.heartbeat);
    set(row.step);
    set(row.total_steps);
    set(row.epoch);
    set(row.summary_json);
    set(run_key(database, row.id));
    update.exec();
  });
}

void Store::set_status(const std::string& id, RunStatus status, const std::string& reason, const std::string& hint) {
  state_->write([&](SQLite::Database& database) {
    SQLite::Statement update(database,
                             "UPDATE runs SET status = ?1, reason = ?2, hint = ?3, heartbeat = ?4, "
                             "queued = iif(?1 = 'queued', ?4, queued), "
                             "started = iif(?1 = 'running' AND started = 0, ?4, started), "
                             "ended = iif(?5, ?4, 0) WHERE key = ?6");
    update.bind(1, to_string(status));
    update.bind(2, reason);
    update.bind(3, hint);
    update.bind(4, now_seconds());
    update.bind(5, is_final(status) ? 1 : 0);
    update.bind(6, run_key(database, id));
    update.exec();
  });
}

void Store::set_progress(const std::string& id, std::int64_t step, std::int64_t total_steps, double epoch) {
  state_->write([&](SQLite::Database& database) {
    SQLite::Statement update(database,
                             "UPDATE runs SET step = ?, total_steps = ?, epoch = ?, heartbeat = ? WHERE key = ?");
    update.bind(1, step);
    update.bind(2, total_steps);
    update.bind(3, epoch);
    update.bind(4, now_seconds());
    update.bind(5, run_key(database, id));
    update.exec();
  });
}

std::uint64_t Store::delete_run(const std::string& id) {
  const RunRow row = run(id);
  const fs::path folder = run_folder(row.id);
  std::error_code error;
  std::uint64_t freed = 0;
  if (fs::exists(folder, error)) {
    // With both locks in hand nobody else can begin to work on it while its files go.
    const auto locks =
        is_final(row.status) ? wait_for_end(row.id) : std::pair(take_lock(row.id), take_supervisor_lock(row.id));
    for (auto entry = fs::recursive_directory_iterator(folder, error); !error && entry != fs::end(entry);
         entry.increment(error))
      if (entry->is_regular_file(error) && !entry->is_symlink(error)) freed += entry->file_size(error);
    fs::remove_all(folder, error);
    if (error)
      fail(ErrorKind::io, "the run's folder cannot be removed: " + error.message(), folder.string(),
           "check who owns its files, then delete the run again");
  }
  state_->write([&](SQLite::Database& database) {
    SQLite::Statement remove(database, "DELETE FROM runs WHERE key = ?");
    remove.bind(1, run_key(database, row.id));
    remove.exec();
  });
  return freed;
}

}  // namespace luthier
