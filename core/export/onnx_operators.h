#pragma once
// How each kind of node becomes ONNX: one function a kind.
#include <string>
#include <utility>
#include <vector>

#include "export/onnx_conversion.h"

namespace luthier {

/// Converts the node at hand and returns the name of its (first) output's value.
using OnnxOperator = std::string (*)(OnnxConversion& c);
using OnnxOperators = std::vector<std::pair<const char*, OnnxOperator>>;  ///< "aten::add" ...

const OnnxOperators& onnx_arithmetic();  ///< number by number, sums, comparisons
const OnnxOperators& onnx_shapes();      ///< what moves, cuts and joins
const OnnxOperators& onnx_layers();      ///< linear layers, convolutions, norms, attention, embeddings

}  // namespace luthier
