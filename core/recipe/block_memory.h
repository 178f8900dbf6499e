#pragma once
// What the layers of a transformer keep for the backward pass, told from their parameters alone.
#include <cstdint>
#include <string>
#include <vector>

#include "recipe/memory.h"

namespace luthier {

/// One transformer layer: "bert.encoder.layer." and 3.
struct TransformerLayer {
  std::string stack;
  std::int64_t number = 0;
  bool decodes = false;  ///< it looks at an encoder too
  std::vector<const ParameterOutline*> linears;
  std::int64_t norms = 0;
};
/// In the order of the model; empty for convolutional networks.
std::vector<TransformerLayer> transformer_layers(const ModelOutline& model);

/// Numbers (not bytes) that are kept or passing in one step.
struct KeptNumbers {
  double kept = 0;     ///< until the backward pass has come to them
  double passing = 0;  ///< at most at once, while one layer computes its gradients
  double last = 0;     ///< what of both is still there when nearly all gradients are made
};
KeptNumbers kept_numbers(const ModelOutline& model, const MethodOptions& method, const TrainingOptions& training,
                         const BatchContent& batch);

}  // namespace luthier
