#include "nn/observed.h"

#include <torch/nn/module.h>

#include "base/error.h"

namespace luthier::nn {

namespace {
thread_local LayerObserver* watching = nullptr;
}

LayerObserver::LayerObserver() {
  if (watching) fail(ErrorKind::internal, "somebody watches the layers already");
  watching = this;
}

LayerObserver::~LayerObserver() { watching = nullptr; }

void tell_observer(const torch::nn::Module& layer, const Tensor& x, const Tensor& y) {
  if (watching) watching->saw(layer, x, y);
}

}  // namespace luthier::nn
