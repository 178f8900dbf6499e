#pragma once
// Gradual unfreezing: the blocks of a layer-wise run join at their steps, or at plateaus (Howard and Ruder 2018). Which
// have joined is a function of the step and of what a checkpoint keeps.
#include <string>
#include <vector>

#include "methods/method.h"
#include "train/checkpoint.h"

namespace luthier {

class Joining {
 public:
  /// Methods without blocks train everything from the start.
  Joining(const MethodOptions& method, const Attached& attached, std::int64_t steps_per_epoch,
          std::int64_t total_steps);

  /// Freezes what has not joined after `state.step` steps and lets the rest train; the indices (into
  /// Attached::blocks) of blocks that train now and did not after the last call. bad_input when nothing would train in
  /// the first step.
  std::vector<std::size_t> update(const TrainState& state);
  /// An evaluation did not improve: the next block that waits for that joins.
  void plateau(TrainState& state) const;

 private:
  std::vector<Block> blocks_;
  NamedTensors trainable_;
  std::vector<std::int64_t> starts_;  ///< by block, as block_starts
  std::vector<bool> trains_;
};

}  // namespace luthier
