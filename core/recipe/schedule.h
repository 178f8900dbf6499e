#pragma once
// Turning "how often" and "how fast" into steps.
#include <cstdint>
#include <string>

#include "base/options.h"
#include "recipe/training_options.h"

namespace luthier {

/// How the learning rate of a run moves.
struct Schedule {
  std::string kind = "linear";         ///< as TrainingOptions::schedule
  double rate = 0;                     ///< at its top
  std::int64_t total = 0, warmup = 0;  ///< steps
  std::int64_t cycles = 3;             ///< cosine_restarts
  double power = 2;                    ///< polynomial
  double decay_share = 0.2;            ///< warmup_stable_decay
  double final_share = 0;              ///< of the rate: where it ends, or what it never falls below
  double plateau_factor = 0.5;
};
Schedule schedule_of(const TrainingOptions& training, std::int64_t steps_per_epoch, std::int64_t total_steps);

/// The learning rate of step `step`, from 0. The warm-up rises linearly from rate / warmup: step k has what
/// transformers gives step k + 1, so that no step is wasted on a rate of 0. Behind it, with p the share of the rest
/// that is done, the factor falls from 1 to final_share: linear 1 - p; cosine (1 + cos(pi p)) / 2; cosine_restarts with
/// `cycles` such falls (Loshchilov and Hutter 2017); polynomial (1 - p)^power; warmup_stable_decay stays, then a half
/// cosine in the last decay_share of all steps (Hu et al. 2024): all of them transformers' get_*_schedule.
/// inverse_sqrt: 1 / sqrt((step
/// + s) / t) with t the warm-up, 10000 without one, and s = t - warm-up. one_cycle (Smith and Topin 2018, torch's
/// OneCycleLR): a half cosine from rate / 25 up to the rate in the warm-up, another down to the end; without a
/// final_share that is rate / 25 / 10^4. plateau: rate * plateau_factor^drops. constant stays. final_share bounds
/// inverse_sqrt and plateau from below.
double rate_at(const Schedule& schedule, std::int64_t step, std::int64_t drops = 0);

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
