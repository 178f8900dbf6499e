#pragma once
// A run of the store with the weights that it ended with (or stopped at).
#include "engine/prepare.h"
#include "store/store.h"

namespace luthier {

/// Reads them into a model that was prepared by the run's recipe: the best evaluation's weights where the recipe keeps
/// them, else the newest checkpoint's. Returns the step whose weights these are. bad_input for a run without a
/// checkpoint.
std::int64_t load_trained_weights(const std::filesystem::path& run_folder, Prepared& parts);

struct TrainedRun {
  Prepared parts;
  std::int64_t step = 0;  ///< whose weights these are
};

/// With its data. Nothing of the run changes.
TrainedRun load_trained_run(const Store& store, const std::string& id);

}  // namespace luthier
