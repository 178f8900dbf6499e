#include "cli/engine/trained_run.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "engine/adaptation.h"
#include "train/checkpoint.h"

namespace luthier {

std::int64_t load_trained_weights(const fs::path& run_folder, Prepared& parts) {
  const Checkpoints checkpoints(run_folder);
  const NamedTensors kept = kept_tensors(*parts.model, parts.attached.trainable);
  const auto state = checkpoints.load_weights(kept);
  if (!state)
    fail(ErrorKind::bad_input, "this run has no checkpoint yet", run_folder.filename().string(),
         "let it train until its first checkpoint");
  parts.model->eval();
  const bool best = parts.recipe.training.keep_best && state->best_step >= 0 && state->best_step != state->step &&
                    checkpoints.load_best(state->best_step, kept);
  return best ? state->best_step : state->step;
}

TrainedRun load_trained_run(const Store& store, const std::string& id) {
  const fs::path folder = store.run_folder(id);
  if (!Checkpoints(folder).any())
    fail(ErrorKind::bad_input, "this run has no checkpoint yet", id, "let it train until its first checkpoint");
  const Recipe recipe = task_recipe(read_recipe(folder / "recipe.json"), folder);
  // Preparing reports to a run's log; that of this run is its history and stays as it is.
  const TemporaryFolder scratch;
  Store aside(scratch.path());
  RunLog log(aside, aside.create_run(recipe.name, "cpu", recipe_to_json(recipe)));
  TrainedRun run;
  run.parts = prepare(recipe, store.home() / "cache", log);
  run.step = load_trained_weights(folder, run.parts);
  return run;
}

}  // namespace luthier
