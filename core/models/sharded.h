#pragma once
#include <cstdint>
#include <filesystem>
#include <string>

#include "models/model.h"
#include "models/tensors.h"

namespace luthier {

/// save_model() with weights cut into files of at most `shard_bytes` each (a larger tensor has a file of its own): as
/// transformers names them, model-00001-of-00003.safetensors, with model.safetensors.index.json beside them. Where one
/// file is enough, or with 0, model.safetensors alone.
void save_model_sharded(const Model& model, const std::filesystem::path& folder, const std::string& precision,
                        std::uint64_t shard_bytes);

/// The same for tensors in a folder that is there.
void write_sharded(const std::filesystem::path& folder, const NamedTensors& tensors, const std::string& precision,
                   std::uint64_t shard_bytes);

}  // namespace luthier
