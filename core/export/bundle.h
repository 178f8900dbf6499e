#pragma once
// The bundle: ONNX files with small programs and a page that use them without Luthier (resources/bundle).
#include <filesystem>
#include <string>

#include "export/exporter.h"

namespace luthier {

/// Where the bundle's programs lie: $LUTHIER_BUNDLE, resources/bundle of a checkout around this program, or
/// share/luthier/bundle of an installation. not_found otherwise.
std::filesystem::path bundle_folder();

/// "" or which component of the tokenizer the bundle's programs do not have. `tokenizer_json`: the file's text.
std::string why_no_bundle(const std::string& tokenizer_json);

/// The part of the model card that says how a bundle is used.
std::string bundle_loading(const Model& model, const ExportInputs& inputs);

}  // namespace luthier
