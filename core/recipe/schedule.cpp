#include "recipe/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace luthier {

double rate_at(std::int64_t step, std::int64_t total, std::int64_t warmup_steps, const std::string& schedule,
               double rate) {
  if (step < warmup_steps) return rate * static_cast<double>(step + 1) / static_cast<double>(warmup_steps);
  if (schedule == "constant") return rate;
  const double share =
      static_cast<double>(step - warmup_steps) / static_cast<double>(std::max<std::int64_t>(1, total - warmup_steps));
  if (schedule == "cosine") return rate * 0.5 * (1.0 + std::cos(std::numbers::pi * std::min(1.0, share)));
  return rate * std::max(0.0, 1.0 - share);
}

std::int64_t to_steps(const HowOften& often, std::int64_t steps_per_epoch, std::int64_t total_steps) {
  if (often.unit == "minute") return -1;
  if (often.value == 0) return 0;
  double steps = often.value;
  if (often.unit == "epoch") steps *= static_cast<double>(steps_per_epoch);
  if (often.unit == "run") steps *= static_cast<double>(total_steps);
  return std::max<std::int64_t>(1, std::llround(steps));
}

Due::Due(const HowOften& often, std::int64_t steps_per_epoch, std::int64_t total_steps)
    : steps_(to_steps(often, steps_per_epoch, total_steps)), seconds_(often.value * 60) {}

bool Due::now(std::int64_t step, double now_seconds) {
  if (steps_ >= 0) return steps_ > 0 && step % steps_ == 0;
  if (seconds_ <= 0) return false;
  if (last_seconds_ < 0) last_seconds_ = now_seconds;
  if (now_seconds - last_seconds_ < seconds_) return false;
  last_seconds_ = now_seconds;
  return true;
}

}  // namespace luthier
