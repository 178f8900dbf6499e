#include "jobs/run_store.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "device/device.h"
#include "jobs/job.h"
#include "recipe/draft.h"
#include "store/process.h"

namespace luthier {

namespace {
constexpr int kPollMilliseconds = 50, kPollOnNetworkMilliseconds = 1000;
constexpr std::int64_t kMetricSlice = 5000;  // rows that are read at once: a long run does not hold up the window

std::string deviceOf(const Recipe& recipe) {
  const std::string& wanted = recipe.training.device;
  if (wanted == "auto") return gpus().empty() ? "cpu" : "cuda:0";
  return wanted == "cuda" ? "cuda:0" : wanted;
}

bool sameRow(const RunRow& a, const RunRow& b) {
  return a.id == b.id && a.name == b.name && a.status == b.status && a.reason == b.reason && a.step == b.step &&
         a.total_steps == b.total_steps && a.epoch == b.epoch && a.started == b.started && a.ended == b.ended &&
         a.summary_json == b.summary_json;
}

void startSupervisor(const Store& store, const std::string& id) {
  Process::start(cliProgram().toStdString(), {"work", id}, store.run_folder(id) / "log.txt");
}
}  // namespace

RunStore::RunStore(const std::filesystem::path& home, QObject* parent) : QObject(parent), store_(home) {
  store_.mark_interrupted();
  runs_ = store_.runs();
  connect(&timer_, &QTimer::timeout, this, &RunStore::poll);
  timer_.start(store_.on_network_disk() ? kPollOnNetworkMilliseconds : kPollMilliseconds);
}

RunStore::~RunStore() = default;

const RunRow* RunStore::find(const QString& id) const {
  const std::string wanted = id.toStdString();
  for (const RunRow& run : runs_)
    if (run.id == wanted) return &run;
  return nullptr;
}

const RunRow* RunStore::active() const {
  for (const RunStatus status : {RunStatus::running, RunStatus::paused, RunStatus::queued})
    for (const RunRow& run : runs_)
      if (run.status == status) return &run;
  return nullptr;
}

QString RunStore::startRun(const Recipe& wanted) {
  Recipe recipe = wanted;
  make_paths_absolute(recipe);
  if (recipe.training.threads == 0) recipe.training.threads = threads_;
  const std::vector<Problem> missing = missing_inputs(recipe);
  if (!missing.empty()) fail_with(missing, "the recipe names files that do not exist", recipe.name);
  const std::string id = store_.create_run(recipe.name, deviceOf(recipe), recipe_to_json(recipe));
  startSupervisor(store_, id);
  version_ = -1;  // one's own writes do not move one's own version
  poll();
  return QString::fromStdString(id);
}

void RunStore::resumeInterrupted(const QString& id) {
  store_.requeue(id.toStdString());
  startSupervisor(store_, id.toStdString());
  version_ = -1;
  poll();
}

void RunStore::command(const QString& id, const std::string& kind, const Json& detail) {
  store_.send_command(id.toStdString(), kind, detail);
}

std::uint64_t RunStore::deleteRun(const QString& id) {
  const std::uint64_t freed = store_.delete_run(id.toStdString());
  version_ = -1;
  poll();
  return freed;
}

void RunStore::poll() {
  try {
    const std::int64_t now = store_.data_version();
    const bool moved = now != version_;
    version_ = now;
    // A trainer that was killed writes nothing: every few seconds the locks are looked at too.
    static constexpr double kCheckSeconds = 2;
    const double time = QDateTime::currentMSecsSinceEpoch() / 1000.0;
    if (time - checked_ > kCheckSeconds && active()) {
      checked_ = time;
      store_.mark_interrupted();
    } else if (!moved) {
      return;
    }
    std::vector<RunRow> rows = store_.runs();
    const bool changed = !std::equal(rows.begin(), rows.end(), runs_.begin(), runs_.end(), sameRow);
    runs_ = std::move(rows);
    if (changed) Q_EMIT runsChanged();
    if (moved) Q_EMIT written();
  } catch (const Error&) {
    // Locked or gone for a moment (another process migrates or deletes): the next tick asks again.
    version_ = -1;
  }
}

RunFeed::RunFeed(RunStore& runs, const QString& run, QObject* parent) : QObject(parent), runs_(runs), run_(run) {
  connect(&runs, &RunStore::written, this, &RunFeed::read);
  read();
}

void RunFeed::read() {
  try {
    const std::string id = run_.toStdString();
    std::vector<EventRow> events = runs_.store().events(id, events_.empty() ? 0 : events_.back().id);
    const bool resumed = std::any_of(events.begin(), events.end(), [](const EventRow& row) {
      return row.kind == "started" || row.kind == "resumed";
    });
    const bool anew = resumed && !metrics_.empty();
    if (anew) metrics_.clear();
    const std::vector<MetricRow> rows =
        runs_.store().metrics(id, metrics_.empty() ? 0 : metrics_.back().id, {}, kMetricSlice);
    const int firstMetric = int(metrics_.size());
    metrics_.insert(metrics_.end(), rows.begin(), rows.end());
    if (anew)
      Q_EMIT metricsReset();
    else if (!rows.empty())
      Q_EMIT metricsAdded(firstMetric);
    if (std::int64_t(rows.size()) == kMetricSlice) QTimer::singleShot(0, this, &RunFeed::read);
    const int first = int(events_.size());
    events_.insert(events_.end(), events.begin(), events.end());
    if (!events.empty()) Q_EMIT eventsAdded(first);
  } catch (const Error&) {
    // The run was deleted elsewhere: the list of runs tells.
  }
}

}  // namespace luthier
