#include "nn/adamw.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/_foreach_add.h>
#include <ATen/ops/_foreach_mul.h>
#include <ATen/ops/_foreach_norm.h>
#include <ATen/ops/_fused_adamw.h>
#include <ATen/ops/linalg_vector_norm.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>

#include <map>
#include <tuple>

#include "base/error.h"
#include "nn/eight_bit.h"

namespace luthier::nn {

namespace {

/// The fused kernel walks raw memory and takes one dtype, one weight decay and one rate a call.
struct Bucket {
  std::vector<Tensor> parameters, grads, exp_avg, exp_avg_sq, steps;
};
using BucketKey = std::tuple<bool, double, at::ScalarType, c10::DeviceType, c10::DeviceIndex>;

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
    : parameters_(std::move(parameters)),
      no_decay_(std::move(no_decay)),
      rate_scales_(parameters_.size(), 1.0),
      options_(options) {
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
    moments_.push_back(start_moments(parameter));
    const bool alone = moments_.back().in_eight_bits() || is_elsewhere(i);
    const auto counts = at::TensorOptions(alone ? at::Device(at::kCPU) : parameter.device()).dtype(at::kFloat);
    steps_.push_back(at::zeros({}, counts));
  }
}

AdamW::Moments AdamW::start_moments(const Tensor& parameter) const {
  const at::Device device = options_.on_host ? at::Device(at::kCPU) : parameter.device();
  if (options_.eight_bit && parameter.numel() >= kSmallestInEightBits && parameter.scalar_type() == at::kFloat) {
    const EightBitMoments zeros = EightBitMoments::zeros(parameter.numel(), device);
    return {zeros.first, zeros.second, zeros.first_scale, zeros.second_scale};
  }
  const auto options = parameter.options().device(device).requires_grad(false);
  return {at::zeros(parameter.sizes(), options), at::zeros(parameter.sizes(), options), {}, {}};
}

bool AdamW::is_elsewhere(std::size_t i) const { return moments_[i].first.device() != parameters_[i].device(); }

/// A parameter whose moments are in 8 bits or on the host: they are brought to it and back one after the other.
void AdamW::step_alone(std::size_t i, double rate) {
  Tensor& parameter = parameters_[i];
  const Tensor grad = parameter.grad().contiguous();
  const at::Device device = parameter.device();
  Moments& kept = moments_[i];
  Moments here{kept.first.to(device), kept.second.to(device), {}, {}};
  const double weight_decay = no_decay_[i] ? 0.0 : options_.weight_decay;
  steps_[i].add_(1);
  if (kept.in_eight_bits()) {
    EightBitMoments moments{here.first, here.second, kept.first_scale.to(device), kept.second_scale.to(device)};
    step_in_eight_bits(
        parameter, grad, moments,
        {rate, options_.beta1, options_.beta2, options_.epsilon, weight_decay, steps_[i].item<double>()});
    if (is_elsewhere(i)) {
      kept.first_scale.copy_(moments.first_scale);
      kept.second_scale.copy_(moments.second_scale);
    }
  } else {
    at::_fused_adamw_({parameter}, {grad}, {here.first}, {here.second}, {}, {steps_[i].to(device)}, rate,
                      options_.beta1, options_.beta2, weight_decay, options_.epsilon, /*amsgrad=*/false,
                      /*maximize=*/false);
  }
  if (!is_elsewhere(i)) return;
  kept.first.copy_(here.first);
  kept.second.copy_(here.second);
}

void AdamW::set_rate_scales(std::vector<double> scales) {
  if (scales.size() != parameters_.size())
    fail(ErrorKind::internal, "AdamW: " + std::to_string(parameters_.size()) + " parameters but " +
                                  std::to_string(scales.size()) + " rate scales");
  rate_scales_ = std::move(scales);
}

void AdamW::step(double learning_rate) {
  at::NoGradGuard no_grad;
  std::map<BucketKey, Bucket> buckets;
  for (std::size_t i = 0; i < parameters_.size(); ++i) {
    const Tensor& parameter = parameters_[i];
    const Tensor& grad = parameter.grad();
    if (!grad.defined()) continue;
    if (moments_[i].in_eight_bits() || is_elsewhere(i)) {
      step_alone(i, learning_rate * rate_scales_[i]);
      continue;
    }
    Bucket& bucket = buckets[{static_cast<bool>(no_decay_[i]), rate_scales_[i], parameter.scalar_type(),
                              parameter.device().type(), parameter.device().index()}];
    bucket.parameters.push_back(parameter);
    bucket.grads.push_back(grad.contiguous());
    bucket.exp_avg.push_back(moments_[i].first);
    bucket.exp_avg_sq.push_back(moments_[i].second);
    bucket.steps.push_back(steps_[i]);
  }
  for (auto& [key, bucket] : buckets) {
    at::_foreach_add_(bucket.steps, 1);
    const double weight_decay = std::get<0>(key) ? 0.0 : options_.weight_decay;
    at::_fused_adamw_(bucket.parameters, bucket.grads, bucket.exp_avg, bucket.exp_avg_sq, {}, bucket.steps,
                      learning_rate * std::get<1>(key), options_.beta1, options_.beta2, weight_decay, options_.epsilon,
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
    const std::string number = std::to_string(i);
    named.emplace_back("exp_avg." + number, moments_[i].first);
    named.emplace_back("exp_avg_sq." + number, moments_[i].second);
    if (!moments_[i].in_eight_bits()) continue;
    named.emplace_back("exp_avg_scale." + number, moments_[i].first_scale);
    named.emplace_back("exp_avg_sq_scale." + number, moments_[i].second_scale);
  }
  std::vector<Tensor> counts;
  for (const Tensor& step : steps_) counts.push_back(step.to(steps_.front().device()));
  named.emplace_back("step", counts.empty() ? at::zeros({0}) : at::stack(counts));
  return named;
}

void AdamW::load_state(const std::vector<std::pair<std::string, Tensor>>& state) {
  std::map<std::string, Tensor> given(state.begin(), state.end());
  const auto take = [&](const std::string& name, const Tensor& slot) {
    const auto found = given.find(name);
    if (found == given.end()) fail(ErrorKind::bad_input, "the optimizer state lacks a tensor", name);
    if (found->second.scalar_type() != slot.scalar_type())
      fail(ErrorKind::bad_input, "the optimizer state is kept in another type", name,
           "go on with the training.optimizer that the run was started with");
    if (found->second.sizes() != slot.sizes())
      fail(ErrorKind::bad_input,
           "the optimizer state has shape " + shape_text(found->second) + " instead of " + shape_text(slot), name);
    return found->second;
  };
  at::NoGradGuard no_grad;
  for (const auto& [name, slot] : this->state()) {
    const Tensor values = take(name, slot);
    if (name != "step") Tensor(slot).copy_(values);
  }
  const Tensor counts = given.at("step");
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
