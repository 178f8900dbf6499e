#pragma once
// One function a format: everything of the artefact but its notes, card and proof, into an empty folder.
#include <filesystem>

#include "export/exporter.h"

namespace luthier {

/// The whole model as transformers writes it, adapters merged in, and its tokenizer.
void write_huggingface(Model& model, const ExportInputs& inputs, const ExportOptions& options,
                       const std::filesystem::path& folder);
/// The adapter as PEFT writes it, and the tokenizer. unsupported where the model has none, or its base is on no disk.
void write_peft(Model& model, const ExportInputs& inputs, const ExportOptions& options,
                const std::filesystem::path& folder);

}  // namespace luthier
