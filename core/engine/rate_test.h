#pragma once
// The learning-rate range test: a hundred or so real steps with a rate that rises until the loss runs away.
#include <functional>

#include "engine/prepare.h"
#include "recipe/rate_test.h"

namespace luthier {

struct RateTestOptions {
  double from = 1e-7, to = 1;
  std::int64_t steps = 100;
};

/// Trains `parts` (model on its device) on micro-batches of the first epoch as the recipe says, but for the rate and
/// accumulation; then weights, buffers and gradients are what they were. `between` is called between any two steps with
/// the share that is done and may throw.
RateTest find_rate(Prepared& parts, const RateTestOptions& options, const std::function<void(double share)>& between);

}  // namespace luthier
