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

  /// Writes what has waited for 50 ms; flush() writes all. A full disk throws (disk_full) and keeps the buffer.
  void flush_if_due();
  void flush();

  /// Metrics of this stage past the step are taken back: a resumed run writes them again.
  void supersede(std::int64_t step);
  Store& store() { return store_; }
  const std::string& run() const { return run_; }

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
