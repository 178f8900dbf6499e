#pragma once
#include "models/model.h"
#include "models/tensors.h"

namespace luthier {

/// What the model keeps in full: its parameters, tied ones once (under the first name), then its buffers (running
/// statistics, fixed positions).
NamedTensors kept_tensors(const Model& model);

/// What a checkpoint of the model holds: these, and what weights in few bits stand for.
NamedTensors stored_tensors(const Model& model);

}  // namespace luthier
