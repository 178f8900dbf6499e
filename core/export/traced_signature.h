#pragma once
// What the graphs of a model read and give, with examples to record them by.
#include <functional>
#include <string>
#include <vector>

#include "models/model.h"

namespace luthier {

struct NamedExample {
  std::string name;
  Tensor tensor;
  std::vector<std::string> axes;  ///< of the dimensions that may have any size; "" or left out at the end: fixed
};

struct TracedSignature {
  std::string name;  ///< as in TracedGraph
  std::vector<NamedExample> inputs;
  /// Inputs in that order -> outputs.
  std::function<std::vector<NamedExample>(const std::vector<Tensor>& inputs)> compute;
};

/// Of every graph of this model, which must live as long as they do.
std::vector<TracedSignature> traced_signatures(Model& model);

}  // namespace luthier
