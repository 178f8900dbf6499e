#pragma once
// L2-SP (Li et al. 2018): alpha / 2 |w - w0|^2 over the trained weights of the base model, w0 being where they started,
// is part of what is minimised. It enters as a gradient, once a step and before clipping; the logged loss is that of
// the data alone.
#include <vector>

#include "models/tensors.h"

namespace luthier {

class Anchor {
 public:
  /// `base`: w0 by the names of `trainable`; what has no w0 (a head drawn anew) is left alone. `alpha` 0: off.
  Anchor(const NamedTensors& trainable, const NamedTensors& base, double alpha);
  /// Adds alpha (w - w0) to the gradients that there are.
  void add_to_gradients() const;

 private:
  std::vector<std::pair<Tensor, Tensor>> pairs_;  ///< w, w0
  double alpha_;
};

}  // namespace luthier
