#include "nn/adapter_site.h"

#include <ATen/ops/empty.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/zeros.h>

#include <cmath>

#include "base/error.h"
#include "nn/dropout.h"

namespace luthier::nn {

namespace {
/// A projection under the names that the library's own have.
class Projection : public torch::nn::Module {
 public:
  Projection(Tensor weight, Tensor bias) {
    register_parameter("weight", std::move(weight));
    register_parameter("bias", std::move(bias));
  }
};
class Sequence : public torch::nn::Module {};
}  // namespace

BottleneckAdapter::BottleneckAdapter(const BottleneckShape& shape, const at::Generator& generator)
    : shape_(shape), activation_(activation_named(shape.activation)) {
  const double bound = 1 / std::sqrt(static_cast<double>(shape.channels));
  down_ = at::empty({shape.inner, shape.channels}, at::kFloat).uniform_(-bound, bound, generator);
  down_bias_ = at::zeros({shape.inner}, at::kFloat);
  up_ = at::zeros({shape.channels, shape.inner}, at::kFloat);
  up_bias_ = at::zeros({shape.channels}, at::kFloat);
  register_module("adapter_down", std::make_shared<Sequence>())
      ->register_module("0", std::make_shared<Projection>(down_, down_bias_));
  register_module("adapter_up", std::make_shared<Projection>(up_, up_bias_));
  for (Tensor* parameter : {&down_, &down_bias_, &up_, &up_bias_}) parameter->requires_grad_(true);
}

Tensor BottleneckAdapter::forward(const Tensor& x) {
  const Tensor narrow = activation_(at::linear(x, down_, down_bias_));  // [..., inner]
  return nn::dropout(at::linear(narrow, up_, up_bias_), shape_.dropout, is_training());
}

void AdapterSite::set(const std::string& name, std::shared_ptr<BottleneckAdapter> adapter) {
  if (adapter_) fail(ErrorKind::internal, "there is an adapter here already");
  adapter->train(is_training());
  adapter_ = register_module(name, std::move(adapter));
}

Tensor AdapterSite::add(const Tensor& residual, const Tensor& y, double p, bool training, LayerNorm* norm) {
  if (!adapter_ || !active_) return add_dropout(residual, y, p, training);
  const Tensor out = nn::dropout(y, p, training);
  Tensor read = out;
  if (adapter_->shape().after_residual) {
    read = residual.add(out);
    if (norm) read = norm->forward(read);
  }
  return residual.add(out.add(adapter_->forward(read)));
}

}  // namespace luthier::nn
