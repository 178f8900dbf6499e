#pragma once
// Fetching a model into the cache.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>

#include "hub/names.h"
#include "hub/settings.h"

namespace luthier {

struct HubProgress {
  std::string file;
  std::size_t file_number = 0, files = 0;    ///< the first is 1
  std::uint64_t bytes = 0, total_bytes = 0;  ///< of all files, with what was there before
};

struct HubDownload {
  std::filesystem::path folder;  ///< the snapshot: a model folder
  std::string commit;
  std::size_t files = 0;
  std::uint64_t bytes = 0, fetched_bytes = 0;
};

/// Makes the model's needed files (choice.h) present in the cache. What a stopped or cut-off download left is
/// continued; every file is compared with its checksum before it counts. `progress` (may be empty) is called often;
/// when it returns false the download stops with `cancelled` and can be continued. Offline: what is in the cache, or
/// not_found. Other errors: those of model_info and needed_files; disk_full before anything is fetched; conflict when
/// another program fetches the same file; bad_input when a file differs from its checksum.
HubDownload download_model(const HubSettings& settings, const ModelName& name,
                           const std::function<bool(const HubProgress&)>& progress = {});

}  // namespace luthier
