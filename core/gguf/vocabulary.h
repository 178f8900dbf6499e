#pragma once
// A tokenizer.json as llama.cpp's own tokenizers want it.
#include <cstdint>
#include <filesystem>

#include "gguf/writer.h"

namespace luthier::gguf {

/// Writes tokens, merges, special tokens, whether texts get a beginning and an end, and the chat template. `tokens`:
/// how many rows the model's embedding has; ids without a token are written as unused. unsupported where llama.cpp has
/// no tokenizer that cuts alike.
void write_vocabulary(Writer& writer, const std::filesystem::path& model, std::int64_t tokens);

}  // namespace luthier::gguf
