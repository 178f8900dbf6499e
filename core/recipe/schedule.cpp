#include "recipe/schedule.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace luthier {

namespace {

constexpr double kOneCycleStart = 25, kOneCycleEnd = 1e4;  // torch's div_factor and final_div_factor

/// 1 at share 0, 0 at share 1.
double half_cosine(double share) { return 0.5 * (1.0 + std::cos(std::numbers::pi * share)); }

double one_cycle(const Schedule& s, std::int64_t step) {
  const auto top = static_cast<double>(std::max<std::int64_t>(0, s.warmup - 1)), at = static_cast<double>(step);
  const double start = 1 / kOneCycleStart, end = s.final_share > 0 ? s.final_share : start / kOneCycleEnd;
  if (at < top) return 1 + (start - 1) * half_cosine(at / top);
  const double rest = static_cast<double>(s.total - 1) - top;
  return end + (1 - end) * half_cosine(rest > 0 ? std::min(1.0, (at - top) / rest) : 0);
}

/// What the rate is multiplied by behind the warm-up, from 1 down to 0; `share` of the rest is done.
double falling_factor(const Schedule& s, std::int64_t step, double share) {
  if (s.kind == "cosine") return half_cosine(share);
  if (s.kind == "cosine_restarts")
    return share >= 1 ? 0 : half_cosine(std::fmod(static_cast<double>(s.cycles) * share, 1.0));
  if (s.kind == "polynomial") return std::pow(1 - share, s.power);
  if (s.kind == "warmup_stable_decay") {
    const double falling = std::max(1.0, std::round(s.decay_share * static_cast<double>(s.total)));
    return half_cosine(std::clamp((static_cast<double>(step - s.total) + falling) / falling, 0.0, 1.0));
  }
  return 1 - share;
}

}  // namespace

Schedule schedule_of(const TrainingOptions& training, std::int64_t steps_per_epoch, std::int64_t total_steps) {
  return {training.schedule,
          training.learning_rate,
          total_steps,
          std::max<std::int64_t>(0, to_steps(training.warmup, steps_per_epoch, total_steps)),
          training.schedule_cycles,
          training.schedule_power,
          training.decay_share,
          training.final_rate_share,
          training.plateau_factor};
}

double rate_at(const Schedule& s, std::int64_t step, std::int64_t drops) {
  if (s.kind == "one_cycle") return s.rate * one_cycle(s, step);
  if (step < s.warmup) return s.rate * static_cast<double>(step + 1) / static_cast<double>(s.warmup);
  if (s.kind == "constant") return s.rate;
  if (s.kind == "plateau")
    return s.rate * std::max(s.final_share, std::pow(s.plateau_factor, static_cast<double>(drops)));
  if (s.kind == "inverse_sqrt") {
    const double scale = s.warmup > 0 ? static_cast<double>(s.warmup) : 10000.0;
    const double at = static_cast<double>(step) + scale - static_cast<double>(s.warmup);
    return s.rate * std::max(s.final_share, 1 / std::sqrt(at / scale));
  }
  const double share = std::clamp(
      static_cast<double>(step - s.warmup) / static_cast<double>(std::max<std::int64_t>(1, s.total - s.warmup)), 0.0,
      1.0);
  return s.rate * (s.final_share + (1 - s.final_share) * falling_factor(s, step, share));
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
