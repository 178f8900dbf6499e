#pragma once
#include <string>

#include "export/exporter.h"

namespace luthier {

/// The model card's part on how ONNX files are used: code that runs in the export's folder.
std::string onnx_loading(const Model& model, const ExportInputs& inputs);

}  // namespace luthier
