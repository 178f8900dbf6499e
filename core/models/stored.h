#pragma once
#include "models/model.h"
#include "models/tensors.h"

namespace luthier {

/// What a checkpoint of the model holds: its parameters, tied ones once (under the first name), then its buffers
/// (running statistics, fixed positions).
NamedTensors stored_tensors(const Model& model);

}  // namespace luthier
