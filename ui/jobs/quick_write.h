#pragma once
#include <filesystem>
#include <string>

namespace luthier {

/// Replaces a file by another content without waiting for the disk: every program sees the new content at once, and a
/// thread of the pool has the disk keep it. (Two waits for a busy disk are longer than a window may be silent.) Errors
/// as write_atomically throws them.
void quickWrite(const std::filesystem::path& file, const std::string& content);

}  // namespace luthier
