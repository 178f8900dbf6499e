#include "nn/recompute.h"

#include <ATen/Context.h>
#include <ATen/core/Generator.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/zeros.h>
#include <torch/csrc/autograd/autograd.h>
#include <torch/csrc/autograd/custom_function.h>
#include <torch/custom_class.h>

#include <algorithm>
#include <mutex>

namespace luthier::nn {

namespace {

using torch::autograd::AutogradContext;
using torch::autograd::tensor_list;

thread_local bool recomputing = false;

/// The states of the generators that dropout draws from: the CPU's and the device's own.
class RandomStates {
 public:
  explicit RandomStates(at::Device device) {
    generators_.push_back(at::globalContext().defaultGenerator(at::Device(at::kCPU)));
    if (!device.is_cpu()) generators_.push_back(at::globalContext().defaultGenerator(device));
    for (at::Generator& generator : generators_) {
      const std::lock_guard<std::mutex> lock(generator.mutex());
      states_.push_back(generator.get_state());
    }
  }
  void restore() {
    for (std::size_t i = 0; i < generators_.size(); ++i) {
      const std::lock_guard<std::mutex> lock(generators_[i].mutex());
      generators_[i].set_state(states_[i]);
    }
  }

 private:
  std::vector<at::Generator> generators_;
  std::vector<Tensor> states_;
};

/// While alive, the generators stand where they stood at the first computation.
class SecondTime {
 public:
  explicit SecondTime(RandomStates then, at::Device device) : now_(device), was_recomputing_(recomputing) {
    then.restore();
    recomputing = true;
  }
  ~SecondTime() {
    recomputing = was_recomputing_;
    now_.restore();
  }
  SecondTime(const SecondTime&) = delete;
  SecondTime& operator=(const SecondTime&) = delete;

 private:
  RandomStates now_;
  bool was_recomputing_;
  at::AutoGradMode grad_{true};
};

/// What the backward pass needs; autograd keeps the inputs themselves.
struct Held : torch::CustomClassHolder {
  Held(Part the_part, std::vector<bool> is_given, at::Device where)
      : part(std::move(the_part)), given(std::move(is_given)), device(where), random(where) {}

  Tensor compute(at::TensorList inputs) const {
    std::vector<Tensor> all;
    std::size_t next = 0;
    for (const bool there : given) all.push_back(there ? inputs[next++] : Tensor());
    return part(all);
  }

  Part part;
  std::vector<bool> given;  ///< which inputs are defined
  at::Device device;
  RandomStates random;
};

struct Recompute : torch::autograd::Function<Recompute> {
  /// `anchor` needs a gradient, so that the part has a place in the graph where its parameters alone train.
  static Tensor forward(AutogradContext* context, const c10::intrusive_ptr<Held>& held, at::TensorList inputs,
                        const Tensor& /*anchor*/) {
    context->saved_data["held"] = c10::IValue::make_capsule(held);
    context->save_for_backward(inputs.vec());
    return held->compute(inputs);
  }

  static tensor_list backward(AutogradContext* context, tensor_list grads) {
    const auto held = c10::static_intrusive_pointer_cast<Held>(context->saved_data["held"].toCapsule());
    std::vector<Tensor> inputs;
    for (const Tensor& saved : context->get_saved_variables())
      inputs.push_back(saved.detach().requires_grad_(saved.requires_grad()));
    Tensor out;
    {
      const SecondTime again(held->random, held->device);
      out = held->compute(inputs);
    }
    torch::autograd::backward({out}, {grads[0]});
    tensor_list result = {Tensor()};
    for (const Tensor& input : inputs) result.push_back(input.grad());
    result.push_back(Tensor());
    return result;
  }
};

}  // namespace

bool is_recomputing() { return recomputing; }

Tensor recomputed(bool on, const torch::nn::Module& module, const Part& part, const std::vector<Tensor>& inputs) {
  const auto needs = [](const Tensor& tensor) { return tensor.defined() && tensor.requires_grad(); };
  if (!on || !at::GradMode::is_enabled()) return part(inputs);
  const auto parameters = module.parameters();
  if (std::none_of(inputs.begin(), inputs.end(), needs) && std::none_of(parameters.begin(), parameters.end(), needs))
    return part(inputs);
  std::vector<Tensor> given;
  std::vector<bool> is_given;
  for (const Tensor& input : inputs) {
    is_given.push_back(input.defined());
    if (input.defined()) given.push_back(input);
  }
  const auto held = c10::make_intrusive<Held>(part, is_given, inputs.front().device());
  const Tensor anchor = at::zeros({}, at::TensorOptions(at::kFloat)).requires_grad_(true);
  return Recompute::apply(held, at::TensorList(given), anchor);
}

}  // namespace luthier::nn
