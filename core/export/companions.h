#pragma once
// What lies beside a model's weights in a Hugging Face folder and comes from the base model: how to generate, licences.
#include <filesystem>
#include <string>

#include "export/exporter.h"

namespace luthier {

/// generation_config.json of a model that writes text: the base model's, else what its config says, with the token that
/// ends an assistant's turn among its ends where conversations have a template. Nothing for other models.
void write_generation_config(const Model& model, const ExportInputs& inputs, const std::filesystem::path& folder);

/// The licence texts and notices of the base model's folder (LICENSE, NOTICE, USE_POLICY ...).
void copy_licence_files(const std::filesystem::path& base_model, const std::filesystem::path& folder);

/// The licence that the base model's card names in its front matter; "" where it names none or there is no card.
std::string licence_of(const std::filesystem::path& base_model);

}  // namespace luthier
