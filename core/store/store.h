#pragma once
// The run store: one SQLite database in $LUTHIER_HOME (luthier.db, WAL) and a folder a run beside it. It is the only
// connection between the window, the command line, the supervisor and the trainer.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/files.h"
#include "base/json.h"

namespace luthier {

/// The stage of a run that reads plain text before its task: its metrics are named "adaptation.train.loss", ...
constexpr const char* kAdaptationStage = "adaptation";

/// queued -> running -> (paused <-> running) -> success | failed | stopped | interrupted
enum class RunStatus { queued, running, paused, success, failed, stopped, interrupted };
std::string to_string(RunStatus status);
RunStatus run_status_from(const std::string& text);
/// success, failed, stopped or interrupted: nobody works on it any more.
bool is_final(RunStatus status);

struct RunRow {
  std::string id;  ///< sortable by time: "20260131-142501-k3f9"
  std::string name;
  RunStatus status = RunStatus::queued;
  std::string device;  ///< "cpu", "cuda:0": one run a device at a time
  std::string reason;  ///< why it failed, paused, stopped or was interrupted
  std::string hint;
  std::int64_t exit_code = -1, signal = 0;
  double created = 0, started = 0, ended = 0, heartbeat = 0;  ///< seconds since 1970
  std::int64_t step = 0, total_steps = 0;
  double epoch = 0;
  std::string summary_json;  ///< metrics before and after, best step, ... ("" until there are any)
};
struct MetricRow {
  std::int64_t id = 0;
  std::int64_t step = 0;
  double epoch = 0;
  std::string name;  ///< "train.loss", "validation.accuracy", "learning_rate", "grad_norm", "tokens_per_second", ...
  double value = 0;
};
struct EventRow {
  std::int64_t id = 0;
  double time = 0;
  std::int64_t step = 0;
  std::string
      kind;  ///< started checkpoint evaluation paused resumed amended non_finite finding exported finished log ...
  std::string message;
  std::string detail_json;
};
struct CommandRow {
  std::int64_t id = 0;
  std::string kind;  ///< pause resume stop checkpoint sample amend
  std::string detail_json;
};
struct ArtefactRow {
  std::int64_t id = 0;
  std::string kind;  ///< huggingface peft checkpoint report
  std::string path;
  std::string proof_json;  ///< "" until proven
  double created = 0;
};

/// A connection; its functions may be called from several threads. Every function throws Error: not_found for a run
/// that does not exist, disk_full when the database cannot grow (nothing of the call is written then), conflict when
/// another process keeps it locked for more than ten seconds, io otherwise.
class Store {
 public:
  /// Opens or makes the database below `home` and migrates it. A database of a newer Luthier is refused (unsupported).
  explicit Store(const std::filesystem::path& home);
  Store(Store&&) noexcept;
  ~Store();

  const std::filesystem::path& home() const;
  std::filesystem::path run_folder(const std::string& id) const;  ///< home/runs/<id>
  bool on_network_disk() const;  ///< then the database works without WAL: poll it less often

  /// Makes the row and the folder with recipe.json (paths in it already absolute). Status queued.
  std::string create_run(const std::string& name, const std::string& device, const Json& recipe);
  std::optional<RunRow> find_run(
      const std::string& id) const;         ///< an unambiguous beginning of an id will do, else bad_input
  RunRow run(const std::string& id) const;  ///< not_found otherwise
  std::vector<RunRow> runs() const;         ///< newest first
  void update_run(const RunRow& row);       ///< every column of an existing row
  void set_status(const std::string& id, RunStatus status, const std::string& reason = {},
                  const std::string& hint = {});
  void set_progress(const std::string& id, std::int64_t step, std::int64_t total_steps, double epoch);  ///< + heartbeat
  /// Takes the oldest queued run's turn: true when `id` may start now (no other run of its device is running or paused
  /// with a held lock, and no older one is queued for it); the row is then running. One BEGIN IMMEDIATE.
  bool try_start(const std::string& id);
  /// Puts a run that has ended (or whose process is gone) at the end of the queue again; what it did so far stays,
  /// commands that nobody took are dropped. conflict while it is queued or alive.
  void requeue(const std::string& id);
  /// The trainer's lock (runs/<id>/lock), held for as long as the value lives; conflict when another process has it.
  FileLock take_lock(const std::string& id) const;
  /// The supervisor's lock (runs/<id>/supervisor.lock): somebody waits for the run's turn or watches its trainer.
  FileLock take_supervisor_lock(const std::string& id) const;
  /// Both locks, as soon as the processes of a run that has ended are gone (within five seconds, else conflict).
  std::pair<FileLock, FileLock> wait_for_end(const std::string& id) const;
  /// True while its trainer or its supervisor lives, and for the first seconds after it was queued or started.
  bool is_alive(const std::string& id) const;
  /// Runs whose row says queued, running or paused although nobody works on them: marks them interrupted, returns their
  /// ids.
  std::vector<std::string> mark_interrupted();
  /// Removes the row, all that belongs to it and its folder; conflict while it runs. Returns the bytes freed.
  std::uint64_t delete_run(const std::string& id);

  /// One transaction: all or nothing. ids are given by the store.
  void append(const std::string& run, const std::vector<MetricRow>& metrics, const std::vector<EventRow>& events);
  /// `limit` > 0: at most so many of the oldest, so that a long run can be read in slices.
  std::vector<MetricRow> metrics(const std::string& run, std::int64_t after_id = 0, const std::string& name = {},
                                 std::int64_t limit = 0) const;
  std::vector<EventRow> events(const std::string& run, std::int64_t after_id = 0) const;
  /// Marks metric rows of steps past `step` as superseded (they are no longer returned): after a resume. `stage`: rows
  /// of that stage ("adaptation") alone; empty: rows of no stage.
  void supersede(const std::string& run, std::int64_t step, const std::string& stage = {});
  /// The same for rows of any step whose names begin so.
  void supersede(const std::string& run, const std::string& beginning);

  void send_command(const std::string& run, const std::string& kind, const Json& detail);
  std::vector<CommandRow> take_commands(const std::string& run);  ///< oldest first, each returned once
  void add_artefact(const std::string& run, const ArtefactRow& artefact);
  std::vector<ArtefactRow> artefacts(const std::string& run) const;

  /// Changes whenever another connection has written: cheap to poll.
  std::int64_t data_version() const;

 private:
  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace luthier
