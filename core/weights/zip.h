#pragma once
// The directory of a zip archive, such as torch.save writes.
#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <vector>

namespace luthier {

struct ZipEntry {
  std::string name;
  std::uint64_t begin = 0, size = 0;  ///< bytes of the file
  bool compressed = false;
};

/// Every entry by the archive's central directory (zip64 too), sorted by name; `where` names the file in errors.
/// Checked: every entry lies inside the file behind a header of its own, every name comes once. bad_input for a damaged
/// or cut-off archive, unsupported for an encrypted one.
std::vector<ZipEntry> read_zip_directory(std::span<const std::byte> file, const std::string& where);

}  // namespace luthier
