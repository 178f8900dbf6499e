#include "train/joining.h"

#include <algorithm>

#include "base/error.h"

namespace luthier {

Joining::Joining(const MethodOptions& method, const Attached& attached, std::int64_t steps_per_epoch,
                 std::int64_t total_steps)
    : blocks_(attached.blocks), trainable_(attached.trainable), trains_(blocks_.size(), true) {
  const auto* layerwise = std::get_if<LayerwiseOptions>(&method);
  if (!layerwise) return;
  for (const auto& [name, tensor] : trainable_) Tensor(tensor).requires_grad_(true);
  std::vector<std::string> names;
  for (const Block& block : blocks_) names.push_back(block.name);
  starts_ = block_starts(*layerwise, names, steps_per_epoch, total_steps);
}

std::vector<std::size_t> Joining::update(const TrainState& state) {
  std::vector<std::size_t> joined;
  std::size_t waiting = 0;  // blocks that join at plateaus, seen so far
  for (std::size_t i = 0; i < starts_.size(); ++i) {
    const bool trains = starts_[i] == kAtAPlateau ? waiting++ < state.plateau_joins.size()
                                                  : starts_[i] != kNever && state.step >= starts_[i];
    if (trains == trains_[i]) continue;
    trains_[i] = trains;
    if (trains) joined.push_back(i);
    for (const std::size_t parameter : blocks_[i].parameters)
      Tensor(trainable_[parameter].second).requires_grad_(trains);
  }
  if (!starts_.empty() && std::none_of(trains_.begin(), trains_.end(), [](bool one) { return one; }))
    fail(ErrorKind::bad_input, "no block trains from the first step on", "method.starts",
         "let one of them, such as the head, start in epoch 0");
  return joined;
}

void Joining::plateau(TrainState& state) const {
  const auto waiting = static_cast<std::size_t>(std::count(starts_.begin(), starts_.end(), kAtAPlateau));
  if (state.plateau_joins.size() < waiting) state.plateau_joins.push_back(state.step);
}

}  // namespace luthier
