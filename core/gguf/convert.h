#pragma once
// A Hugging Face folder as one GGUF file, which llama.cpp and what is built on it open. No tensor library: weights are
// read from the mapped files and written one after another, so that a model never lies in memory whole.
#include <filesystem>
#include <functional>
#include <map>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace luthier {

/// The number types that weights can be written in, by the names that llama.cpp's users know: fp32, fp16, bf16,
/// q8_0, q6_k, q5_1, q4_k_m, q4_0.
const std::vector<std::string>& gguf_types();

/// Whether numbers of the type are rounded by what the data needs most (GgufOptions::importance).
bool is_weighed_by_importance(const std::string& type);

struct GgufOptions {
  std::string type = "fp16";  ///< one of gguf_types(); norms, biases and what the type cannot hold stay wider
  std::string name;           ///< the model's name in the file
  /// Mean squared inputs of each linear layer by its name in the checkpoint, [in] values: large ones are kept more
  /// exactly. May be empty.
  std::map<std::string, std::vector<float>> importance;
  std::function<void(double share)> progress;  ///< may be empty; may throw
};

/// Why a model with this config.json cannot become a GGUF file, "" where it can.
std::string why_no_gguf(const Json& config);

/// How many tokens of a text llama.cpp computes as the model with this config.json does: Mistral's sliding window;
/// nullopt where it is as many as the model reads.
std::optional<std::int64_t> tokens_within_gguf(const Json& config);

/// Writes `file` from a folder with config.json, safetensors and a tokenizer. The file is not complete until this
/// returns: write it under another name first. Errors: unsupported (a family, tokenizer or rope scaling that llama.cpp
/// does not compute in the same way), bad_input (a tensor that is missing or of another shape), disk_full, io.
void convert_to_gguf(const std::filesystem::path& model, const std::filesystem::path& file, const GgufOptions& options);

/// A checksum of every tensor and of the metadata of a GGUF file by name; "metadata" for the latter. bad_input where it
/// is none.
std::map<std::string, std::string> gguf_checksums(const std::filesystem::path& file);

}  // namespace luthier
