#pragma once
#include <string>

#include "export/exporter.h"

namespace luthier {

/// README.md of an artefact: base model, method, data, metrics of base and tuned model, how to load it.
std::string model_card(const Model& model, const ExportInputs& inputs, const ExportOptions& options);

}  // namespace luthier
