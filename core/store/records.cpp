// What a run leaves: metrics, events, commands, artefacts.
#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>

#include "store/database.h"

namespace luthier {

namespace {
double value_of(SQLite::Column column) {  // SQLite keeps NaN as NULL
  return column.isNull() ? std::numeric_limits<double>::quiet_NaN() : column.getDouble();
}
}  // namespace

void Store::append(const std::string& run, const std::vector<MetricRow>& metrics, const std::vector<EventRow>& events) {
  if (metrics.empty() && events.empty()) return;
  state_->write([&](SQLite::Database& database) {
    const std::int64_t key = run_key(database, run);
    SQLite::Statement metric(database, "INSERT INTO metrics (run, step, epoch, name, value) VALUES (?, ?, ?, ?, ?)");
    for (const MetricRow& row : metrics) {
      metric.bind(1, key);
      metric.bind(2, row.step);
      metric.bind(3, row.epoch);
      metric.bind(4, row.name);
      metric.bind(5, row.value);
      metric.exec();
      metric.reset();
    }
    SQLite::Statement event(database,
                            "INSERT INTO events (run, time, step, kind, message, detail) VALUES (?, ?, ?, ?, ?, ?)");
    for (const EventRow& row : events) {
      event.bind(1, key);
      event.bind(2, row.time > 0 ? row.time : now_seconds());
      event.bind(3, row.step);
      event.bind(4, row.kind);
      event.bind(5, row.message);
      event.bind(6, row.detail_json);
      event.exec();
      event.reset();
    }
  });
}

std::vector<MetricRow> Store::metrics(const std::string& run, std::int64_t after_id, const std::string& name,
                                      std::int64_t limit) const {
  return state_->read([&](SQLite::Database& database) {
    SQLite::Statement select(
        database, "SELECT id, step, epoch, name, value FROM metrics WHERE run = ? AND id > ? AND superseded = 0" +
                      std::string(name.empty() ? "" : " AND name = :name") + " ORDER BY id LIMIT :limit");
    select.bind(1, run_key(database, run));
    select.bind(2, after_id);
    if (!name.empty()) select.bind(":name", name);
    select.bind(":limit", limit > 0 ? limit : std::int64_t{-1});
    std::vector<MetricRow> rows;
    while (select.executeStep())
      rows.push_back({select.getColumn(0).getInt64(), select.getColumn(1).getInt64(), select.getColumn(2).getDouble(),
                      select.getColumn(3).getString(), value_of(select.getColumn(4))});
    return rows;
  });
}

std::vector<EventRow> Store::events(const std::string& run, std::int64_t after_id) const {
  return state_->read([&](SQLite::Database& database) {
    SQLite::Statement select(
        database, "SELECT id, time, step, kind, message, detail FROM events WHERE run = ? AND id > ? ORDER BY id");
    select.bind(1, run_key(database, run));
    select.bind(2, after_id);
    std::vector<EventRow> rows;
    while (select.executeStep())
      rows.push_back({select.getColumn(0).getInt64(), select.getColumn(1).getDouble(), select.getColumn(2).getInt64(),
                      select.getColumn(3).getString(), select.getColumn(4).getString(),
                      select.getColumn(5).getString()});
    return rows;
  });
}

void Store::supersede(const std::string& run, std::int64_t step, const std::string& stage) {
  state_->write([&](SQLite::Database& database) {
    // Each stage counts its own steps, and its metrics begin with its name.
    SQLite::Statement update(
        database, "UPDATE metrics SET superseded = 1 WHERE run = ? AND step > ? AND superseded = 0 AND name " +
                      std::string(stage.empty() ? "NOT " : "") + "GLOB ?");
    update.bind(1, run_key(database, run));
    update.bind(2, step);
    update.bind(3, (stage.empty() ? std::string(kAdaptationStage) : stage) + ".*");
    update.exec();
  });
}

void Store::supersede(const std::string& run, const std::string& beginning) {
  state_->write([&](SQLite::Database& database) {
    SQLite::Statement update(database,
                             "UPDATE metrics SET superseded = 1 WHERE run = ?1 AND superseded = 0 AND "
                             "substr(name, 1, length(?2)) = ?2");
    update.bind(1, run_key(database, run));
    update.bind(2, beginning);
    update.exec();
  });
}

void Store::send_command(const std::string& run, const std::string& kind, const Json& detail) {
  state_->write([&](SQLite::Database& database) {
    SQLite::Statement insert(database, "INSERT INTO commands (run, time, kind, detail) VALUES (?, ?, ?, ?)");
    insert.bind(1, run_key(database, run));
    insert.bind(2, now_seconds());
    insert.bind(3, kind);
    insert.bind(4, detail.dump());
    insert.exec();
  });
}

std::vector<CommandRow> Store::take_commands(const std::string& run) {
  const auto waiting = [&](SQLite::Database& database) {
    SQLite::Statement select(database, "SELECT id, kind, detail FROM commands WHERE run = ? AND taken = 0 ORDER BY id");
    select.bind(1, run_key(database, run));
    std::vector<CommandRow> rows;
    while (select.executeStep())
      rows.push_back(
          {select.getColumn(0).getInt64(), select.getColumn(1).getString(), select.getColumn(2).getString()});
    return rows;
  };
  // Asked between all steps and nearly always empty: look first, without taking the write lock.
  if (state_->read(waiting).empty()) return {};
  return state_->write([&](SQLite::Database& database) {
    std::vector<CommandRow> rows = waiting(database);
    SQLite::Statement update(database, "UPDATE commands SET taken = 1 WHERE run = ? AND taken = 0");
    update.bind(1, run_key(database, run));
    update.exec();
    return rows;
  });
}

void Store::add_artefact(const std::string& run, const ArtefactRow& artefact) {
  state_->write([&](SQLite::Database& database) {
    const std::int64_t key = run_key(database, run);
    // A resumed run exports again to the same place: the newer row counts.
    SQLite::Statement remove(database, "DELETE FROM artefacts WHERE run = ? AND kind = ? AND path = ?");
    remove.bind(1, key);
    remove.bind(2, artefact.kind);
    remove.bind(3, artefact.path);
    remove.exec();
    SQLite::Statement insert(database,
                             "INSERT INTO artefacts (run, kind, path, proof, created) VALUES (?, ?, ?, ?, ?)");
    insert.bind(1, key);
    insert.bind(2, artefact.kind);
    insert.bind(3, artefact.path);
    insert.bind(4, artefact.proof_json);
    insert.bind(5, artefact.created > 0 ? artefact.created : now_seconds());
    insert.exec();
  });
}

std::vector<ArtefactRow> Store::artefacts(const std::string& run) const {
  return state_->read([&](SQLite::Database& database) {
    SQLite::Statement select(database,
                             "SELECT id, kind, path, proof, created FROM artefacts WHERE run = ? ORDER BY id");
    select.bind(1, run_key(database, run));
    std::vector<ArtefactRow> rows;
    while (select.executeStep())
      rows.push_back({select.getColumn(0).getInt64(), select.getColumn(1).getString(), select.getColumn(2).getString(),
                      select.getColumn(3).getString(), select.getColumn(4).getDouble()});
    return rows;
  });
}

std::int64_t Store::data_version() const {
  return state_->read([](SQLite::Database& database) { return database.execAndGet("PRAGMA data_version").getInt64(); });
}

}  // namespace luthier
