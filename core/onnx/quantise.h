#pragma once
// Integer weights.
#include "onnx/graph.h"

namespace luthier::onnx {

/// The same network with 8-bit weights: matrices that activations are multiplied by get one scale a column,
/// convolutions one an output channel, tables of embeddings one a row. Activations become 8 bits where they meet such a
/// weight, with a scale that is found anew for each input. Weights smaller than a few hundred numbers stay as they are.
/// Needs is_weight of the initializers.
void to_int8(Graph& graph);

}  // namespace luthier::onnx
