#pragma once
// A run's metric rows sorted by name, and its clock: how long it had trained at each step.
#include <cstdint>
#include <map>
#include <string>
#include <utility>
#include <vector>

#include "store/store.h"

namespace luthier {

/// One metric over a run; steps ascend.
struct Curve {
  std::vector<std::int64_t> steps;
  std::vector<double> epochs, values;
};

class RunCurves {
 public:
  void clear();
  /// Rows in the order of the store. A step before the last one means that the run went back to a checkpoint: what
  /// came after it is dropped.
  void add(const MetricRow& row);
  /// Without points where there is no such metric.
  const Curve& of(const std::string& name) const;
  /// The last value of "<part>.<split>.<metric>" for every metric: what "base" or "tuned" came to.
  std::map<std::string, double> results(const std::string& part) const;
  /// The split of these results; "" when there are none.
  std::string splitOf(const std::string& part) const;
  /// Changes when points were dropped.
  int generation() const { return generation_; }

 private:
  std::map<std::string, Curve> curves_;
  int generation_ = 0;
};

/// Seconds of work by step, from the times of a run's events: pauses and the time while nobody worked on it are left
/// out, and what was done past a checkpoint that the run went back to.
class RunClock {
 public:
  void clear();
  void add(const EventRow& event);
  /// Where a running run is now (seconds since 1970).
  void setNow(std::int64_t step, double time);

  /// Seconds at a step; between events in proportion, beyond now at the present speed.
  double at(double step) const;
  double elapsed() const;
  /// Of training so far; 0 while there is none.
  double secondsPerStep() const;
  /// Times at steps up to here do not change any more.
  std::int64_t settledStep() const { return knots_.empty() ? 0 : knots_.back().first; }

 private:
  void knot(std::int64_t step);
  std::vector<std::pair<std::int64_t, double>> knots_;  ///< step, seconds
  std::pair<std::int64_t, double> now_{0, 0};
  double seconds_ = 0, last_ = 0;
  bool working_ = false;
};

}  // namespace luthier
