#pragma once
// A run's events and metrics on their way to the store: buffered for at most 50 ms, written in one transaction.
#include <string>
#include <vector>

#include "base/json.h"
#include "store/store.h"

namespace luthier {

class RunLog {
 public:
  /// `stage`: of a run with several, a name that its metrics begin with ("adaptation.train.loss") and its events tell.
  RunLog(Store& store, std::string run, std::string stage = {});

  void metric(std::int64_t step, double epoch, const std::string& name, double value);
  void event(std::int64_t step, const std::string& kind, const std::string& message);
  void event(std::int64_t step, const std::string& kind, const std::string& message, const Json& detail);
  void progress(std::int64_t step, std::int64_t total_steps, double epoch);

  bool due() const;  ///< something has waited for 50 ms
  /// Writes all; a full disk throws (disk_full) and keeps the buffer.
  void flush();
  /// From within work that cannot be interrupted: writes what is due, and keeps it where the disk is full.
  void flush_if_due();

  /// Metrics of this stage past the step are taken back: a resumed run writes them again.
  void supersede(std::int64_t step);
  /// The same for metrics whose names begin so, of any step.
  void supersede(const std::string& beginning);
  Store& store() { return store_; }
  const std::string& run() const { return run_; }
  std::filesystem::path folder() const { return store_.run_folder(run_); }

 private:
  Store& store_;
  std::string run_, stage_;
  std::vector<MetricRow> metrics_;
  std::vector<EventRow> events_;
  double oldest_ = 0;
  bool has_progress_ = false;
  std::int64_t step_ = 0, total_steps_ = 0;
  double epoch_ = 0;
};

/// Seconds of a clock that never goes back.
double monotonic_seconds();
/// Seconds since 1970.
double wall_seconds();

}  // namespace luthier
