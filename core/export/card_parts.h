#pragma once
// Parts of a model card that come from the recipe, the data and the base model's folder.
#include <string>

#include "export/exporter.h"

namespace luthier {

/// A user's text as a JSON string, which is a YAML string too: it cannot end the front matter.
std::string quoted(const std::string& text);
/// A user's text in a table cell or a sentence.
std::string inline_text(const std::string& text);

std::string data_text(const Json& recipe, const ExportInputs& inputs);
/// "license: ...\n" for the front matter; "" where nobody named one.
std::string licence_line(const ExportInputs& inputs, const ExportOptions& options);
std::string licence_text(const ExportInputs& inputs, const ExportOptions& options);
/// The whole recipe, with the names of its files instead of their paths; "" without one.
std::string recipe_text(const Json& recipe);

}  // namespace luthier
