#pragma once
// GGUF files in their next home: libllama, in a process without LibTorch.
#include <memory>
#include <string>
#include <vector>

#include "proof/verification.h"

namespace luthier {

/// How a folder with one GGUF file is checked: opened by libllama, texts cut by its own tokenizer, fp32 cache, on the
/// processor. Errors: not_found without a GGUF file, bad_input where libllama refuses it.
ArtefactFormat gguf_format();

/// The one GGUF file of a folder; not_found without, bad_input with several.
std::filesystem::path gguf_file_in(const std::filesystem::path& folder);

}  // namespace luthier
