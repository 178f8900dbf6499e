#pragma once
// Frozen weights in two bytes a number, where a run computes its products in two bytes anyway.
#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "models/model.h"

namespace luthier {

/// Keeps the frozen weights of linear layers below the head in `type` (bf16, fp16). Autocast in that type makes the
/// same of them in every product, so nothing that is computed under it changes; outside, they are brought to their
/// input's type. What trains, quantised layers and the output layer stay as they are.
void narrow_frozen(Model& model, at::ScalarType type);

/// Gives the layers that were narrowed the values of the base model's folder again, in fp32 and on their device.
void widen_frozen(Model& model, const std::filesystem::path& base);

}  // namespace luthier
