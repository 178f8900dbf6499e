#pragma once
// Gradient checkpointing (Chen et al. 2016): what a part of a network computes on the way is not kept but made again in
// the backward pass.
#include <ATen/core/Tensor.h>
#include <torch/nn/module.h>

#include <functional>
#include <vector>

namespace luthier::nn {

using at::Tensor;

/// Inputs of any shape -> one output. Besides its module's parameters it may depend on nothing that needs a gradient
/// but its inputs, and it outlives the call.
using Part = std::function<Tensor(const std::vector<Tensor>& inputs)>;

/// part(inputs), made again with the same dropout in the backward pass: the same gradients, bit for bit. Plain
/// part(inputs) when `on` is false or where neither an input nor a parameter of `module` needs a gradient. Inputs may
/// be undefined.
Tensor recomputed(bool on, const torch::nn::Module& module, const Part& part, const std::vector<Tensor>& inputs);

/// Whether a part is being made again on this thread: what keeps count must not count twice.
bool is_recomputing();

}  // namespace luthier::nn
