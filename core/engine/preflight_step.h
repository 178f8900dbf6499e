#pragma once
// The dry step: a real forward pass, backward pass and optimizer step, measured. Changes weights in memory alone.
#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "engine/preflight_data.h"

namespace luthier {

/// What the dry step found.
struct DryStep {
  double micro_seconds = 0;          ///< forward and backward of a typical micro-batch
  double optimizer_seconds = 0;      ///< norm, clipping and the optimizer's step
  double longest_step_seconds = 0;   ///< all of a step on the longest rows, once
  double seconds_per_evaluated = 0;  ///< evaluation, a padded token (a sample of a recording, an image)
  MemoryParts memory;                ///< at the peak of the longest step, above the idle process

  double first_loss = 0;     ///< mean over rows or tokens, in evaluation mode, before any step
  bool has_adapter = false;  ///< a fresh LoRA was there to compare
  double adapter_difference = 0, largest_logit = 0;
  std::int64_t tensors = 0;     ///< that train
  std::optional<bool> resumes;  ///< a step after a saved and loaded checkpoint gives the same bits; nullopt: not tried
  std::vector<std::string> without_gradient, not_finite, frozen_with_gradient;
};

/// `parts` with its model on the device; `idle_anonymous_bytes`: of the process before data and model came in (CPU).
/// `between` is called between any two computations and may throw.
DryStep take_dry_step(Prepared& parts, const BatchPlan& plan, std::uint64_t idle_anonymous_bytes,
                      const std::function<void(double share)>& between);

}  // namespace luthier
