#pragma once
#include <string>

#include "recipe/catalog.h"
#include "recipe/outline.h"

namespace luthier {

/// Bytes of the weights that an export writes, of a model that was trained with this method.
double exported_bytes(const ExporterEntry& format, const std::string& precision, const ModelOutline& model,
                      const MethodOptions& method);

}  // namespace luthier
