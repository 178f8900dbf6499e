#pragma once
// What a preference run measures its rewards against.
#include <filesystem>

#include "engine/prepare.h"

namespace luthier {

/// Gives the batches of `parts` their reference: adapters are switched off where they alone are trained; where weights
/// change, what the model says before training is computed once and kept in <run_folder>/reference.safetensors. No-op
/// where nothing is compared. The model must be as it starts; it lies on the run's device.
void set_reference(Prepared& parts, const std::filesystem::path& run_folder, RunLog& log);

/// Whether the model without its adapters is what the run starts from.
bool starts_without_adapters(const Recipe& recipe);

}  // namespace luthier
