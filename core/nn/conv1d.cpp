#include "nn/conv1d.h"

#include <ATen/ops/_weight_norm.h>
#include <ATen/ops/conv1d.h>
#include <ATen/ops/empty.h>

#include <cmath>

namespace luthier::nn {

namespace {

/// The two tensors of a normalised weight, under the names that torch gives them.
class NormalisedWeight : public torch::nn::Module, public OwnStart {
 public:
  explicit NormalisedWeight(const Conv1dShape& shape) : shape_(shape) {
    length = register_parameter("original0", at::empty({1, 1, shape.kernel}));
    direction = register_parameter("original1", at::empty({shape.out, shape.in / shape.groups, shape.kernel}));
  }

  /// As Wav2Vec2 starts its positions: normal with 2 / sqrt(kernel * in); the lengths are those that such directions
  /// have on average.
  void start(const std::string& parameter, Tensor& value, const at::Generator& generator) const override {
    const double spread = 2 / std::sqrt(static_cast<double>(shape_.kernel * shape_.in));
    if (parameter == "original1")
      value.normal_(0, spread, generator);
    else
      value.fill_(spread * std::sqrt(static_cast<double>(shape_.out * shape_.in / shape_.groups)));
  }

  Tensor length, direction;

 private:
  Conv1dShape shape_;
};

class Parametrizations : public torch::nn::Module {
 public:
  explicit Parametrizations(std::shared_ptr<torch::nn::Module> weight) { register_module("weight", std::move(weight)); }
};

}  // namespace

std::int64_t convolved_length(std::int64_t length, const Conv1dShape& shape) {
  const std::int64_t room = length + 2 * shape.padding - shape.kernel;
  return room < 0 ? 0 : room / shape.stride + 1;
}

Conv1d::Conv1d(const Conv1dShape& shape) : shape_(shape) {
  weight = register_parameter("weight", at::empty({shape.out, shape.in / shape.groups, shape.kernel}));
  if (shape.bias) bias = register_parameter("bias", at::empty({shape.out}));
}

Tensor Conv1d::forward(const Tensor& x) {
  return at::conv1d(x, weight, bias, shape_.stride, shape_.padding, 1, shape_.groups);
}

void Conv1d::start(const std::string& parameter, Tensor& value, const at::Generator& generator) const {
  const auto fan_in = static_cast<double>(shape_.in / shape_.groups * shape_.kernel);
  if (parameter == "weight")
    value.normal_(0, shape_.start_range > 0 ? shape_.start_range : std::sqrt(2 / fan_in), generator);
  else if (shape_.start_range > 0)
    value.zero_();
  else
    value.uniform_(-1 / std::sqrt(fan_in), 1 / std::sqrt(fan_in), generator);
}

WeightNormConv1d::WeightNormConv1d(const Conv1dShape& shape) : shape_(shape) {
  bias = register_parameter("bias", at::empty({shape.out}));
  const auto weight = std::make_shared<NormalisedWeight>(shape);
  register_module("parametrizations", std::make_shared<Parametrizations>(weight));
  length = weight->length;
  direction = weight->direction;
}

Tensor WeightNormConv1d::forward(const Tensor& x) {
  const Tensor weight = at::_weight_norm(direction, length, /*dim=*/2);
  return at::conv1d(x, weight, bias, shape_.stride, shape_.padding, 1, shape_.groups);
}

}  // namespace luthier::nn
