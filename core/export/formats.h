#pragma once
// One function a format: everything of the artefact but its notes, card and proof, into an empty folder.
#include <filesystem>
#include <map>
#include <string>

#include "export/exporter.h"

namespace luthier {

/// The whole model as transformers writes it, adapters merged in, and its tokenizer; without `merge` the base model as
/// it is and the adapter in the folder "adapter".
void write_huggingface(Model& model, const ExportInputs& inputs, const ExportOptions& options,
                       const std::filesystem::path& folder);
/// The adapter as PEFT writes it, and the tokenizer. unsupported where the model has none, or its base is on no disk.
void write_peft(Model& model, const ExportInputs& inputs, const ExportOptions& options,
                const std::filesystem::path& folder);

/// The whole model as one GGUF file, adapters merged in, with its tokenizer and chat template. unsupported for what
/// llama.cpp does not compute.
void write_gguf(Model& model, const ExportInputs& inputs, const ExportOptions& options,
                const std::filesystem::path& folder);

std::map<std::string, std::string> checksums_of_huggingface(const std::filesystem::path& folder);
std::map<std::string, std::string> checksums_of_peft(const std::filesystem::path& folder);
std::map<std::string, std::string> checksums_of_gguf(const std::filesystem::path& folder);

}  // namespace luthier
