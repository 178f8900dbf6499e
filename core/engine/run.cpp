#include "engine/run.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "engine/finish.h"
#include "engine/prepare.h"
#include "engine/samples.h"
#include "train/trainer.h"

namespace luthier {

namespace {

/// The model as it was before training, on the split that will judge it.
Json evaluate_base(Prepared& parts, RunLog& log) {
  const auto [split, name] = judging_split(parts.data);
  if (!parts.recipe.training.evaluate_base || split->size() == 0) return nullptr;
  log.event(0, "stage", "evaluating the base model");
  return evaluate_split(parts, *split, name, "base", 0, log);
}

void run(Store& store, const std::string& id, RunLog& log) {
  const fs::path folder = store.run_folder(id);
  const Recipe recipe = read_recipe(folder / "recipe.json");
  log.event(0, "started", "started " + recipe.name);
  Prepared parts = prepare(recipe, store.home() / "cache", log);
  const fs::path base_file = folder / "base.json";
  const Samples samples(parts);
  if (!fs::exists(base_file)) {
    write_json(base_file, evaluate_base(parts, log));
    if (recipe.training.evaluate_base) samples.write(0, "base", log);
  }
  const Json base = read_json(base_file);

  Trainer trainer({parts.recipe, *parts.model, parts.attached, parts.data, parts.collate, parts.device, parts.precision,
                   folder, log, [&](std::int64_t step) { samples.write(step, "training", log); }});
  const TrainResult result = trainer.run();
  if (result.end == TrainEnd::stopped) {
    log.event(result.state.step, "stopped", "stopped on demand; the checkpoint is kept");
    log.flush();
    store.set_status(id, RunStatus::stopped, "stopped on demand", "continue with: luthier-cli train --resume " + id);
    return;
  }
  finish(store, id, parts, base, result, log);
}

}  // namespace

void execute_run(Store& store, const std::string& id) {
  const FileLock lock = store.take_lock(id);
  RunLog log(store, id);
  store.set_status(id, RunStatus::running);
  try {
    run(store, id, log);
  } catch (const std::exception& error) {
    const auto* known = dynamic_cast<const Error*>(&error);
    const Error told =
        known ? *known : Error(ErrorKind::internal, error.what(), {}, "please report this with the run's log");
    log.event(0, "error", told.message,
              {{"kind", to_string(told.kind)}, {"message", told.message}, {"where", told.where}, {"hint", told.hint}});
    log.flush();
    store.set_status(id, RunStatus::failed, told.message + (told.where.empty() ? "" : " (" + told.where + ")"),
                     told.hint);
    throw told;
  }
}

}  // namespace luthier
