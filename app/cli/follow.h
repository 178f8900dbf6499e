#pragma once
// Following a run through the store, as `train` does: lines for what happened, a progress bar on a terminal.
#include <string>

#include "store/process.h"
#include "store/store.h"

namespace luthier {

struct FollowOptions {
  bool json = false;  ///< a JSON object a line
  bool bar = false;   ///< standard output is a terminal
  /// The supervisor, where this process started it.
  Process* supervisor = nullptr;
};

/// Prints what happens to the run until it has ended. The first Ctrl+C asks it to stop, the second one leaves it alone.
/// Returns its row at the end; a status that is not final means that the person left.
RunRow follow_run(Store& store, const std::string& id, const FollowOptions& options);

}  // namespace luthier
