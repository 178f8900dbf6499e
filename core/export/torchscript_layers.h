#pragma once
#include <string>
#include <utility>
#include <vector>

#include "models/model.h"

namespace torch::jit {
struct Module;
}
namespace c10 {
struct IValue;
}

namespace luthier {

/// What the layers with a weight give when the module's "forward" computes these inputs: linear layers, convolutions of
/// images and embeddings, by their names in the checkpoint, in the order of computing.
std::vector<std::pair<std::string, Tensor>> layer_outputs(const torch::jit::Module& module,
                                                          const std::vector<c10::IValue>& inputs);

}  // namespace luthier
