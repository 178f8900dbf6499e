#include "nn/activation.h"

#include <ATen/ops/gelu.h>
#include <ATen/ops/relu.h>
#include <ATen/ops/silu.h>
#include <ATen/ops/tanh.h>

#include <utility>

#include "base/error.h"

namespace luthier::nn {

namespace {
at::Tensor gelu(const at::Tensor& x) { return at::gelu(x); }
at::Tensor gelu_tanh(const at::Tensor& x) { return at::gelu(x, "tanh"); }
at::Tensor relu(const at::Tensor& x) { return at::relu(x); }
at::Tensor silu(const at::Tensor& x) { return at::silu(x); }
at::Tensor tanh(const at::Tensor& x) { return at::tanh(x); }

constexpr std::pair<const char*, Activation> kActivations[] = {
    {"gelu", gelu}, {"gelu_python", gelu}, {"gelu_new", gelu_tanh}, {"gelu_pytorch_tanh", gelu_tanh},
    {"relu", relu}, {"silu", silu},        {"swish", silu},         {"gelu_fast", gelu_tanh},
    {"tanh", tanh}};
}  // namespace

Activation activation_named(const std::string& name) {
  std::string known;
  for (const auto& [key, function] : kActivations) {
    if (name == key) return function;
    known += (known.empty() ? "" : ", ") + std::string(key);
  }
  fail(ErrorKind::unsupported, "the activation \"" + name + "\" is not known", "config.json: hidden_act",
       "known are " + known);
}

}  // namespace luthier::nn
