#pragma once
// An adapter that was trained beside weights in few bits can be merged into two models: what these bits stand for, or
// the base model that they were made of. Both are measured.
#include <filesystem>
#include <memory>
#include <nlohmann/json.hpp>
#include <string>

#include "base/json.h"
#include "export/exporter.h"

namespace luthier {

struct QuantisedBase {
  /// In full precision, the adapters attached: what is to be merged instead of the live model. nullptr: the live one.
  std::shared_ptr<Model> original;
  /// {"chosen", "asked", "rows", "reason", "dequantised": {"relative_difference", "kl", "agreement"}, "original": ...}:
  /// how far each of the two is from the live model on held-out rows. null where nothing is quantised.
  Json told;
};

/// Measures both and chooses as `asked` (closer, original or dequantised) says. Without rows, or where the base model
/// is on no disk, "closer" is dequantised, with the reason. The live model is left as it was. Errors: unsupported where
/// "original" is asked for and the base model's weights are missing.
QuantisedBase choose_quantised_base(Model& live, const ExportInputs& inputs, const std::string& asked);

/// Whether this folder holds weights of its own.
bool has_weights(const std::filesystem::path& folder);

/// One or two sentences for people: which one was taken and how far both are. "" for null.
std::string merging_text(const Json& told);

}  // namespace luthier
