#pragma once
// Half precision.
#include <cstdint>

#include "onnx/graph.h"

namespace luthier::onnx {

/// To the nearest, ties to even; beyond the range: infinity.
std::uint16_t to_half(float number);
float from_half(std::uint16_t bits);

/// The same network with weights and activations in fp16. Inputs and outputs keep their types. What is made of token
/// numbers alone (angles of positions, masks) and sums of squares stay in fp32, since fp16 ends at 65504. Needs
/// graph.types.
void to_fp16(Graph& graph);

}  // namespace luthier::onnx
