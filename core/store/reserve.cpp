#include "store/reserve.h"

#include <string>

#include "base/files.h"

namespace luthier {

namespace {
constexpr std::size_t kReserveBytes = 2u << 20;  // a write-ahead log's events, status and last metrics fit in it

fs::path reserve_file(const fs::path& run_folder) { return run_folder / "reserve"; }
}  // namespace

void take_reserve(const fs::path& run_folder) {
  std::error_code absent;
  if (fs::file_size(reserve_file(run_folder), absent) == kReserveBytes && !absent) return;
  write_atomically(reserve_file(run_folder), std::string(kReserveBytes, '\0'));
}

void give_back_reserve(const fs::path& run_folder) noexcept {
  std::error_code ignored;
  fs::remove(reserve_file(run_folder), ignored);
}

}  // namespace luthier
