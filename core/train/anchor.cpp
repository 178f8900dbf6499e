#include "train/anchor.h"

#include <c10/core/GradMode.h>

#include <map>

namespace luthier {

Anchor::Anchor(const NamedTensors& trainable, const NamedTensors& base, double alpha) : alpha_(alpha) {
  if (alpha <= 0) return;
  const std::map<std::string, Tensor> starts(base.begin(), base.end());
  for (const auto& [name, tensor] : trainable)
    if (const auto start = starts.find(name); start != starts.end())
      pairs_.emplace_back(tensor, start->second.to(tensor.device()));
}

void Anchor::add_to_gradients() const {
  const c10::NoGradGuard no_grad;
  for (const auto& [weights, start] : pairs_)
    if (weights.grad().defined()) weights.grad().add_(weights.sub(start), alpha_);
}

}  // namespace luthier
