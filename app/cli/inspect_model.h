#pragma once
#include <filesystem>

#include "base/json.h"

namespace luthier {

/// What a model folder (or a weights file) holds: family and heads by its config, parameters by type and by module, the
/// largest tensors, adapter, tokenizer, labels, findings. Damaged weights and configs are errors; what keeps a sound
/// model from being used here is a finding of severity "error".
Json inspect_model(const std::filesystem::path& path);

}  // namespace luthier
