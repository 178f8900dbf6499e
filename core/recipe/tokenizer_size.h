#pragma once
#include <cstdint>
#include <filesystem>

namespace luthier {

/// Highest token id + 1 of a folder's tokenizer.json, or the lines of its vocab.txt; 0 when it has neither. bad_input
/// for a broken file.
std::int64_t tokenizer_size(const std::filesystem::path& folder);

}  // namespace luthier
