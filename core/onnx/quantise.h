#pragma once
// Integer weights.
#include <string>
#include <vector>

#include "onnx/calibration.h"
#include "onnx/graph.h"

namespace luthier::onnx {

/// The same network with 8-bit weights: matrices that activations are multiplied by get one scale a column,
/// convolutions one an output channel, tables of embeddings one a row. Activations become 8 bits where they meet such a
/// weight: those that `ranges` names with the scale and zero point of their range, others with ones that are found anew
/// for each input. Fixed ones stand as QuantizeLinear and DequantizeLinear before a MatMul, which runtimes join into
/// one integer product, and as QuantizeLinear before a ConvInteger, whose result is not rounded again, and before the
/// MatMulInteger that a Gemm becomes. Weights smaller
/// than a few hundred numbers stay as they are. Needs is_weight of the initializers.
void to_int8(Graph& graph, const Ranges& ranges = {});

/// The values that to_int8 makes 8 bits of, each once: what `ranges` may name.
std::vector<std::string> activations_of_int8(const Graph& graph);

}  // namespace luthier::onnx
