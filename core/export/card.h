#pragma once
#include <string>

#include "export/exporter.h"

namespace luthier {

/// README.md of an artefact: base model, method, data, metrics of base and tuned model, licence, recipe, how to load
/// it. `merging`: a sentence about the base model that an adapter beside few bits was merged into; may be empty.
std::string model_card(const Model& model, const ExportInputs& inputs, const ExportOptions& options,
                       const std::string& merging = {});

}  // namespace luthier
