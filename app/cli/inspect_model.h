#pragma once
#include <filesystem>

#include "base/json.h"

namespace luthier {

/// What a model folder, an adapter folder or a file of weights holds: the outline by config.json, the tensors on the
/// disk by type with the largest ones (all of them where there is no config.json), the adapter's settings, findings.
/// unsupported for an unknown family, not_found when there is no model; what keeps a model of a known family from being
/// trained is a finding of severity "error".
Json inspect_model(const std::filesystem::path& path);

}  // namespace luthier
