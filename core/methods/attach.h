#pragma once
// What every method shares: freezing, and telling what trains.
#include <string>
#include <vector>

#include "methods/method.h"

namespace luthier {

void freeze_all(Model& model);

/// Makes every parameter of these modules train. A tied parameter belongs to the module where it first appears.
void train_modules(Model& model, const std::vector<std::string>& modules);

/// What trains now, and how much of the model that is.
Attached attached(const Model& model, bool frozen_backbone = false);

Attached attach_full(Model& model, const FullOptions& options);
Attached attach_feature_extraction(Model& model);
/// Blocks that ever join train; those that never do are frozen. bad_input for `starts` of unknown blocks.
Attached attach_layerwise(Model& model, const LayerwiseOptions& options);

}  // namespace luthier
