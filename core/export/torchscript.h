#pragma once
// Where the parts of a TorchScript export lie, and opening it.
#include <filesystem>
#include <memory>
#include <string>

#include "base/json.h"
#include "models/model.h"
#include "proof/verification.h"

namespace luthier {

constexpr const char* kTorchScriptFile = "model.pt";
constexpr const char* kTorchScriptMethods = "methods.json";  ///< inputs and outputs of the file's methods

/// "" or why this model is not written in this number type.
std::string why_no_torchscript(const Model& model, const std::string& precision);

/// Computes the exported file as its next home does: with LibTorch and the files of the folder alone.
std::unique_ptr<ArtefactRunner> open_torchscript(const std::filesystem::path& folder, const Json& reference);

}  // namespace luthier
