#pragma once
// Space that a run keeps back on its disk: given back when the disk is full, so that the run can still say so.
#include <filesystem>

namespace luthier {

/// Makes runs/<id>/reserve (2 MiB) unless it is there. Errors: disk_full, io.
void take_reserve(const std::filesystem::path& run_folder);

/// Removes it; nothing happens when it is absent.
void give_back_reserve(const std::filesystem::path& run_folder) noexcept;

}  // namespace luthier
