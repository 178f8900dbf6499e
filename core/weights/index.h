#pragma once
// model.safetensors.index.json or pytorch_model.bin.index.json: which part of a model's weights lies in which file.
#include <filesystem>
#include <map>
#include <string>
#include <utility>
#include <vector>

namespace luthier {

struct ShardIndex {
  std::map<std::string, std::string> shard_of;  ///< tensor -> file name
  std::vector<std::string> files;               ///< each once, sorted; all of them exist
  std::vector<std::pair<std::string, std::string>> metadata;
};

/// Checked: every name once, plain file names (no way out of the folder), every file present. bad_input or not_found.
ShardIndex read_shard_index(const std::filesystem::path& file);

}  // namespace luthier
