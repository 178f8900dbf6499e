#pragma once
// Where two models part: a few numbers of what every layer gives for one row, kept beside the proof.
#include <string>

#include "base/json.h"
#include "export/row_logits.h"

namespace luthier {

/// In the order of computing, [{"name", "largest", "values"}]: the largest magnitude of each layer's output, and a few
/// of its numbers, spread evenly. Layers that compute several times are there once, as they did first.
Json layer_prints(Model& model, const RowReading& reading, const ProofRow& row);

/// That of one layer's output, which is not empty.
Json layer_print(const std::string& name, const Tensor& y);

/// The first layer of `expected` (as layer_prints made it) whose numbers are further apart than `limit` times the
/// largest of that layer; "" where none is, or where the two models do not have the same layers up to there.
std::string first_layer_apart(const Json& expected, const Json& found, double limit);

}  // namespace luthier
