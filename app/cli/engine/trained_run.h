#pragma once
// A run of the store with the weights that it ended with (or stopped at).
#include "engine/prepare.h"
#include "store/store.h"

namespace luthier {

struct TrainedRun {
  Prepared parts;
  std::int64_t step = 0;  ///< whose weights these are
};

/// The best evaluation's weights where the recipe keeps them, else the newest checkpoint's. Nothing of the run changes.
/// bad_input for a run without a checkpoint.
TrainedRun load_trained_run(const Store& store, const std::string& id);

}  // namespace luthier
