#pragma once
#include <ATen/core/Tensor.h>

#include <string>

namespace luthier::nn {

/// An element-wise function [...] -> [...].
using Activation = at::Tensor (*)(const at::Tensor&);

/// By the name that config.json uses (hidden_act): gelu gelu_new gelu_pytorch_tanh gelu_fast relu silu swish tanh;
/// unsupported otherwise.
Activation activation_named(const std::string& name);

}  // namespace luthier::nn
