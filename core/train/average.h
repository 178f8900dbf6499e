#pragma once
// A moving average of the trained weights (Polyak and Juditsky 1992), which is evaluated and kept in place of the last
// ones.
#include <vector>

#include "models/tensors.h"

namespace luthier {

class WeightAverage {
 public:
  /// Starts at the weights as they are. `decay` 0: there is no average and nothing below does anything.
  WeightAverage(const NamedTensors& trainable, double decay);

  bool on() const { return !others_.empty(); }
  /// After `steps` optimizer steps: average = d average + (1 - d) weights with d = min(decay, (1 + steps) / (10 +
  /// steps)), so that a short run's average is not held at its start.
  void update(std::int64_t steps);
  /// Exchanges the model's weights and the average.
  void swap();
  bool in_place() const { return in_place_; }  ///< whether the model holds the average now
  /// What of the two is not in the model, as "training.<name>": the weights that go on training, while swapped.
  NamedTensors others() const;

 private:
  NamedTensors trainable_;
  std::vector<Tensor> others_;
  double decay_;
  bool in_place_ = false;
};

/// While alive, the model holds the average. One inside another changes nothing.
class AverageInPlace {
 public:
  explicit AverageInPlace(WeightAverage& average) : average_(average), swaps_(!average.in_place()) {
    if (swaps_) average_.swap();
  }
  ~AverageInPlace() {
    if (swaps_) average_.swap();
  }
  AverageInPlace(const AverageInPlace&) = delete;
  AverageInPlace& operator=(const AverageInPlace&) = delete;

 private:
  WeightAverage& average_;
  bool swaps_;
};

}  // namespace luthier
