#pragma once
// Turning "how often" and "how fast" into steps.
#include <cstdint>
#include <string>

#include "base/options.h"

namespace luthier {

/// The learning rate of step `step` (from 0) out of `total`: warm-up rises linearly from rate / warmup_steps, then
/// linear falls to 0 at `total`, cosine falls to 0 on half a cosine, constant stays.
double rate_at(std::int64_t step, std::int64_t total, std::int64_t warmup_steps, const std::string& schedule,
               double rate);

/// Steps that a HowOften of unit step, epoch or run stands for (at least 1 unless its value is 0); -1 for minutes.
std::int64_t to_steps(const HowOften& often, std::int64_t steps_per_epoch, std::int64_t total_steps);

/// Tells when something is due that happens every so often.
class Due {
 public:
  Due(const HowOften& often, std::int64_t steps_per_epoch, std::int64_t total_steps);
  /// After `step` steps are done at time `now_seconds` (a monotonic clock).
  bool now(std::int64_t step, double now_seconds);
  void restart(double now_seconds) { last_seconds_ = now_seconds; }

 private:
  std::int64_t steps_;
  double seconds_, last_seconds_ = -1;
};

}  // namespace luthier
