#pragma once
// The two sums by which the hub names its files.
#include <filesystem>
#include <string>

namespace luthier {

/// Of a whole file, in lower-case hexadecimal: SHA-256 (what large files are named by) or git's blob SHA-1 (the
/// others).
std::string sha256_of(const std::filesystem::path& file);
std::string git_sha1_of(const std::filesystem::path& file);

}  // namespace luthier
