#include "train/average.h"

#include <ATen/ops/_foreach_lerp.h>
#include <c10/core/GradMode.h>

#include <algorithm>

namespace luthier {

WeightAverage::WeightAverage(const NamedTensors& trainable, double decay) : decay_(decay) {
  if (decay <= 0) return;
  trainable_ = trainable;
  for (const auto& [name, tensor] : trainable_) others_.push_back(tensor.detach().clone());
}

void WeightAverage::update(std::int64_t steps) {
  if (!on()) return;
  const c10::NoGradGuard no_grad;
  const auto n = static_cast<double>(steps);
  const double decay = std::min(decay_, (1 + n) / (10 + n));
  std::vector<Tensor> weights;
  for (const auto& [name, tensor] : trainable_) weights.push_back(tensor.detach());
  at::_foreach_lerp_(others_, weights, 1 - decay);
}

void WeightAverage::swap() {
  in_place_ = !in_place_;
  for (std::size_t i = 0; i < others_.size(); ++i) {
    Tensor weights = trainable_[i].second;
    const Tensor before = weights.detach();  // its storage, before the tensor is given the other
    weights.set_data(others_[i]);
    others_[i] = before;
  }
}

NamedTensors WeightAverage::others() const {
  NamedTensors named;
  for (std::size_t i = 0; i < others_.size(); ++i) named.emplace_back("training." + trainable_[i].first, others_[i]);
  return named;
}

}  // namespace luthier
