#pragma once
// What the fuzz targets share: the input as text, and as a file that is only in memory.
#include <sys/mman.h>
#include <unistd.h>

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string>
#include <string_view>

#include "base/error.h"

namespace luthier::fuzz {

/// Runs what may fail with luthier::Error; anything else that it throws ends the program, which libFuzzer reports.
template <class Read>
void survive(const Read& read) {
  try {
    read();
  } catch (const Error& error) {
    if (error.kind == ErrorKind::internal) std::abort();
  }
}

inline std::string_view text_of(const std::uint8_t* data, std::size_t size) {
  return {reinterpret_cast<const char*>(data), size};
}

/// A path to a file with these bytes; the next call gives it other ones.
inline std::string path_of(const std::uint8_t* data, std::size_t size) {
  static const int file = ::memfd_create("input", MFD_CLOEXEC);
  if (file < 0 || ::ftruncate(file, 0) != 0 || ::pwrite(file, data, size, 0) != static_cast<ssize_t>(size))
    std::abort();
  return "/proc/self/fd/" + std::to_string(file);
}

}  // namespace luthier::fuzz
