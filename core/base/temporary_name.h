#pragma once
// Names for what is written beside a file before it takes the file's place.
#include <unistd.h>

#include <atomic>
#include <cstdint>
#include <filesystem>
#include <string>

namespace luthier {

/// `path` with an ending that no other process and no other call has now: two threads may write the same file.
inline std::filesystem::path temporary_beside(const std::filesystem::path& path) {
  static std::atomic<std::uint64_t> names = 0;
  return path.string() + ".tmp" + std::to_string(::getpid()) + "-" + std::to_string(++names);
}

}  // namespace luthier
