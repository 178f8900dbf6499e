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

/// The whole model with its linear layers in few bits, adapters merged in before (models/few_bits.h), and its
/// tokenizer.
void write_few_bits(Model& model, const ExportInputs& inputs, const ExportOptions& options,
                    const std::filesystem::path& folder);

/// What the model computes as one TorchScript file, adapters merged in where they can be, with its config, tokenizer
/// and processors. unsupported where LibTorch does not compute the model in that number type on the processor.
void write_torchscript(Model& model, const ExportInputs& inputs, const ExportOptions& options,
                       const std::filesystem::path& folder);

/// The whole model as ONNX files: model.onnx; of causal language models with the keys and values of earlier tokens as
/// inputs and outputs; of encoder-decoders encoder_model.onnx and decoder_model.onnx. Beside them config, tokenizer and
/// processor. Adapters are merged in where they can be. With calibrate the ranges of activations are found on the
/// held-out rows (export/onnx_ranges.h). unsupported for an operation that ONNX has not.
void write_onnx(Model& model, const ExportInputs& inputs, const ExportOptions& options,
                const std::filesystem::path& folder);

/// What write_onnx writes, with bundle.json, programs in Python and JavaScript and a page that use it
/// (export/bundle.h). not_found where the programs are not installed.
void write_bundle(Model& model, const ExportInputs& inputs, const ExportOptions& options,
                  const std::filesystem::path& folder);

/// Checksums of the tensors of a folder of this format, by name.
std::map<std::string, std::string> format_checksums(const std::string& format, const std::filesystem::path& folder);
std::map<std::string, std::string> checksums_of_huggingface(const std::filesystem::path& folder);
std::map<std::string, std::string> checksums_of_peft(const std::filesystem::path& folder);
std::map<std::string, std::string> checksums_of_gguf(const std::filesystem::path& folder);
std::map<std::string, std::string> checksums_of_torchscript(const std::filesystem::path& folder);
std::map<std::string, std::string> checksums_of_onnx(const std::filesystem::path& folder);

}  // namespace luthier
