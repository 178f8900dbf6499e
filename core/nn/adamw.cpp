#include "nn/adamw.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <ATen/ops/zeros_like.h>

#include <map>
#include <tuple>

#include "base/error.h"

namespace luthier::nn {

namespace {

/// The fused kernel walks raw memory and takes one dtype and one weight decay a call.
struct Bucket {
  std::vector<Tensor> parameters, grads, exp_avg, exp_avg_sq, steps;
};
using BucketKey = std::tuple<bool, at::ScalarType, c10::DeviceType, c10::DeviceIndex>;

std::vector<Tensor> defined_grads(const std::vector<Tensor>& parameters) {
  std::vector<Tensor> grads;
  grads.reserve(parameters.size());
  for (const Tensor& parameter : parameters)
    if (parameter.grad().defined()) grads.push_back(parameter.grad());
  return grads;
}

std::string shape_text(const Tensor& tensor) {
  std::string text = "[";
  for (const auto size : tensor.sizes()) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

}  // namespace

AdamW::AdamW(std::vector<Tensor> parameters, std::vector<bool> no_decay, AdamWOptions options)
    : parameters_(std::move(parameters)), no_decay_(std::move(no_decay)), options_(options) {
  if (no_decay_.size() != parameters_.size())
    fail(ErrorKind::internal, "AdamW: " + std::to_string(parameters_.size()) + " parameters but " +
                                  std::to_string(no_decay_.size()) + " weight decay choices");
  at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Tensor& parameter = parameters_[i];
    if (!parameter.defined() || !parameter.is_floating_point())
      fail(ErrorKind::internal, "AdamW: parameter " + std::to_string(i) + " is not a floating-point tensor");
    if (!parameter.is_contiguous())
      fail(ErrorKind::internal,
           "AdamW: parameter " + std::to_string(i) + " " + shape_text(parameter) + " is not contiguous in memory");
    exp_avg_.push_back(at::zeros_like(parameter, at::MemoryFormat::Contiguous));
    exp_avg_sq_.push_back(at::zeros_like(parameter, at::MemoryFormat::Contiguous));
    steps_.push_back(at::zeros({}, parameter.options().dtype(at::kFloat).requires_grad(false)));
  }
}

void AdamW::step(double learning_rate) {
  at::NoGradGuard no_grad;
  std::map<BucketKey, Bucket> buckets;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Tensor& parameter = parameters_[i];
    const Tensor& grad = parameter.grad();
    if (!grad.defined()) continue;
    Bucket& bucket = buckets[{static_cast<bool>(no_decay_[i]), parameter.scalar_type(), parameter.device().type(),
                              parameter.device().index()}];
    bucket.parameters.push_back(parameter);
    bucket.grads.push_back(grad.contiguous());
    bucket.exp_avg.push_back(exp_avg_[i]);
    bucket.exp_avg_sq.push_back(exp_avg_sq_[i]);
    bucket.steps.push_back(steps_[i]);
  }
  for (auto& [key, bucket] : buckets) {
    at::_foreach_add_(bucket.steps, 1);
    const double weight_decay = std::get<0>(key) ? 0.0 : options_.weight_decay;
    at::_fused_adamw_(bucket.parameters, bucket.grads, bucket.exp_avg, bucket.exp_avg_sq, {}, bucket.steps,
                      learning_rate, options_.beta1, options_.beta2, weight_decay, options_.epsilon,
                      /*amsgrad=*/false, /*maximize=*/false);
  }
}

void AdamW::zero_grad(bool set_to_none) {
  at::NoGradGuard no_grad;
  for (Tensor& parameter : parameters_) {
    Tensor& grad = parameter.mutable_grad();
    if (!grad.defined()) continue;
    if (set_to_none)
      grad.reset();
    else
      grad.zero_();
  }
}

std::vector<std::pair<std::string, Tensor>> AdamW::state() const {
  std::vector<std::pair<std::string, Tensor>> named;
  named.reserve(2 * parameters_.size() + 1);
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    named.emplace_back("exp_avg." + std::to_string(i), exp_avg_[i]);
    named.emplace_back("exp_avg_sq." + std::to_string(i), exp_avg_sq_[i]);
  }
  // One count a parameter: parameters that had no gradient in some steps lag behind.
  named.emplace_back("step", steps_.empty() ? at::zeros({0}) : at::stack(steps_));
  return named;
}

void AdamW::load_state(const std::vector<std::pair<std::string, Tensor>>& state) {
  std::map<std::string, Tensor> given(state.begin(), state.end());
  const auto take = [&](const std::string& name, const Tensor& slot) {
    const auto found = given.find(name);
    if (found == given.end()) fail(ErrorKind::bad_input, "the optimizer state lacks a tensor", name);
    if (found->second.sizes() != slot.sizes())
      fail(ErrorKind::bad_input,
           "the optimizer state has shape " + shape_text(found->second) + " instead of " + shape_text(slot), name);
    return found->second;
  };
  at::NoGradGuard no_grad;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    exp_avg_[i].copy_(take("exp_avg." + std::to_string(i), exp_avg_[i]));
    exp_avg_sq_[i].copy_(take("exp_avg_sq." + std::to_string(i), exp_avg_sq_[i]));
  }
  const Tensor counts = take("step", at::zeros({static_cast<std::int64_t>(steps_.size())}));
  for (std::size_t i = 0; i < steps_.size(); ++i) steps_[i].copy_(counts[static_cast<std::int64_t>(i)]);
}

Tensor gradient_norm(const std::vector<Tensor>& parameters) {
  at::NoGradGuard no_grad;
  std::vector<Tensor> grads = defined_grads(parameters);
  if (grads.empty())
    return at::zeros({}, parameters.empty() ? at::TensorOptions(at::kFloat)
                                            : at::TensorOptions(parameters[0].device()).dtype(at::kFloat));
  std::vector<Tensor> norms = at::_foreach_norm(grads, 2, at::kFloat);
  return at::linalg_vector_norm(at::stack(norms));
}

void clip_gradients(const std::vector<Tensor>& parameters, const Tensor& norm, double max_norm) {
  at::NoGradGuard no_grad;
  // Reading a number is free on the CPU, and a factor of 1 changes no bit.
  if (norm.is_cpu() && norm.item<double>() + 1e-6 <= max_norm) return;
  std::vector<Tensor> grads = defined_grads(parameters);
  if (grads.empty()) return;
  const Tensor factor = norm.add(1e-6).reciprocal().mul(max_norm).clamp_max(1.0);
  at::_foreach_mul_(grads, factor);
}

}  // namespace luthier::nn
