#include "cli/engine/trained_run.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "train/checkpoint.h"

namespace luthier {

TrainedRun load_trained_run(const Store& store, const std::string& id) {
  const fs::path folder = store.run_folder(id);
  const Checkpoints checkpoints(folder);
  if (!checkpoints.any())
    fail(ErrorKind::bad_input, "this run has no checkpoint yet", id, "let it train until its first checkpoint");
  const Recipe recipe = read_recipe(folder / "recipe.json");
  // Preparing reports to a run's log; that of this run is its history and stays as it is.
  const TemporaryFolder scratch;
  Store aside(scratch.path());
  RunLog log(aside, aside.create_run(recipe.name, "cpu", recipe_to_json(recipe)));
  TrainedRun run;
  run.parts = prepare(recipe, store.home() / "cache", log);

  std::vector<Tensor> parameters;
  for (const auto& [name, tensor] : run.parts.attached.trainable) parameters.push_back(tensor);
  nn::AdamW optimizer(parameters, std::vector<bool>(parameters.size()), {});
  const auto state = checkpoints.load_latest(run.parts.attached.trainable, optimizer, nullptr);
  if (!state) fail(ErrorKind::bad_input, "no checkpoint of this run can be read", folder.string());
  run.step = state->step;
  if (recipe.training.keep_best && state->best_step >= 0 && state->best_step != state->step &&
      checkpoints.load_best(state->best_step, run.parts.attached.trainable))
    run.step = state->best_step;
  run.parts.model->eval();
  return run;
}

}  // namespace luthier
