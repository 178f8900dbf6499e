#pragma once
#include <string>

#include "export/exporter.h"

namespace luthier {

/// The model card's part on how a TorchScript file is used: code that runs in the export's folder.
std::string torchscript_loading(const Model& model, const ExportInputs& inputs);

}  // namespace luthier
