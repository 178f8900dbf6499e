#pragma once
// A look at what every layer with a weight reads and gives, while a model computes: for the importance of weights and
// for finding the layer where two models part.
#include <ATen/core/Tensor.h>

namespace torch::nn {
class Module;
}

namespace luthier::nn {

using at::Tensor;

/// Told of every linear layer, two-dimensional convolution and embedding that computes on the thread that made it, in
/// the order of computing, for as long as it lives. One at a time on a thread.
class LayerObserver {
 public:
  LayerObserver();
  virtual ~LayerObserver();
  LayerObserver(const LayerObserver&) = delete;
  LayerObserver& operator=(const LayerObserver&) = delete;
  /// Of a linear layer x is [..., in] and y [..., out], adapters included; of an embedding x are ids.
  virtual void saw(const torch::nn::Module& layer, const Tensor& x, const Tensor& y) = 0;
};

/// The layers' side: costs a look at a thread's variable where nobody watches.
void tell_observer(const torch::nn::Module& layer, const Tensor& x, const Tensor& y);

}  // namespace luthier::nn
