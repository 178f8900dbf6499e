#pragma once
// What stands over a trainer: waits for the run's turn, starts the trainer in a process of its own, and records how it
// ended, so that a trainer that dies leaves an interrupted run and never a successful one.
#include <atomic>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

#include "store/store.h"

namespace luthier {

struct SupervisorOptions {
  std::filesystem::path trainer;           ///< the program to start ...
  std::vector<std::string> trainer_words;  ///< ... and its arguments
  double poll_seconds = 0.2;               ///< while it waits for its turn
  /// Counts the processes that the kernel has killed for want of memory: tells one signal 9 from another. May be empty.
  std::function<std::uint64_t()> out_of_memory_kills;
  /// Set from a signal handler: ask the run to stop (it keeps its checkpoint). May be null.
  const std::atomic<bool>* stop_asked = nullptr;
};

/// Works on a queued run to its end and returns the status that it ended with. Errors: not_found; conflict when the run
/// is not queued or somebody else watches it. Everything that goes wrong later is recorded in the run instead.
RunStatus supervise(Store& store, const std::string& run, const SupervisorOptions& options);

/// The last lines of a run's log (runs/<id>/log.txt), at most `lines`; "" when there is none.
std::string log_tail(const Store& store, const std::string& run, int lines = 20);

}  // namespace luthier
