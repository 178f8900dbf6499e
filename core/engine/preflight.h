#pragma once
// Before Start: reads the data, estimates, and takes one real step on the longest rows. Nothing is written but the
// token cache, which the run will use too.
#include <filesystem>
#include <functional>
#include <optional>
#include <string>

#include "recipe/preflight.h"

namespace luthier {

struct PreflightOptions {
  std::filesystem::path cache_folder;                  ///< for encoded tokens
  std::filesystem::path disk_folder;                   ///< where the run will write
  std::optional<std::int64_t> memory_available_bytes;  ///< instead of what the device says (tests)
  /// Share of the named stage; may be empty. Throw Error(cancelled) to stop: it is asked between any two steps.
  std::function<void(const std::string& stage, double share)> progress;
};

/// What is wrong with data or model becomes a check of severity error; not_found (a file that is not there), cancelled
/// and io errors are thrown. The dry step is left out where the estimate exceeds the memory.
PreflightReport run_preflight(const Recipe& recipe, const PreflightOptions& options);

}  // namespace luthier
