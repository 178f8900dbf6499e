#include "engine/run.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "engine/adaptation.h"
#include "engine/finish.h"
#include "engine/prepare.h"
#include "engine/reference.h"
#include "engine/samples.h"
#include "models/frozen.h"
#include "store/reserve.h"
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
  const Recipe written = read_recipe(folder / "recipe.json");
  log.event(0, "started", "started " + written.name);
  const std::optional<Recipe> task = written.adaptation ? adapt(store, id, written) : written;
  if (!task) return;
  const Recipe& recipe = *task;
  Prepared parts = prepare(recipe, store.home() / "cache", log);
  set_reference(parts, folder, log);
  const fs::path base_file = folder / "base.json";
  const Samples samples(parts);
  if (!fs::exists(base_file)) {
    set_adapters_active(*parts.model, false);  // learned tokens would change the base model from the start
    write_json(base_file, evaluate_base(parts, log));
    if (recipe.training.evaluate_base) samples.write(0, "base", log);
    set_adapters_active(*parts.model, true);
  }
  const Json base = read_json(base_file);

  Trainer trainer({parts.recipe, *parts.model, parts.attached, parts.data, parts.collate, parts.device, parts.precision,
                   folder, log, [&](std::int64_t step) { samples.write(step, "training", log); }, parts.base,
                   parts.teacher.get()});
  const TrainResult result = trainer.run();
  if (result.end == TrainEnd::stopped || result.end == TrainEnd::discarded) return record_stop(store, id, result, log);
  parts.recipe.training = trainer.recipe().training;  // as it was changed on the way
  widen_frozen(*parts.model, resolve_path(recipe.model.path, recipe.folder));
  finish(store, id, parts, base, result, log);
}

/// A full disk pauses the run wherever it is met: it goes on from its newest checkpoint.
void run_with_pauses(Store& store, const std::string& id, RunLog& log) {
  while (true) {
    std::optional<Error> full;
    try {
      take_reserve(log.folder());
      return run(store, id, log);
    } catch (const Error& error) {
      if (error.kind != ErrorKind::disk_full) throw;
      full = error;
    }
    TrainResult so_far;
    so_far.state.step = store.run(id).step;
    bool stop = false;
    wait_for_space(log, so_far.state.step, *full, [&](const CommandRow& command) {
      if (command.kind != "stop") return false;
      so_far.end = discards(command) ? TrainEnd::discarded : TrainEnd::stopped;
      return stop = true;
    });
    if (!stop) continue;
    if (so_far.end == TrainEnd::discarded) Checkpoints(log.folder()).discard();
    return record_stop(store, id, so_far, log);
  }
}

}  // namespace

void execute_run(Store& store, const std::string& id) {
  const FileLock lock = store.take_lock(id);
  RunLog log(store, id);
  store.set_status(id, RunStatus::running);
  try {
    run_with_pauses(store, id, log);
    give_back_reserve(log.folder());
  } catch (const std::exception& error) {
    give_back_reserve(log.folder());
    const auto* known = dynamic_cast<const Error*>(&error);
    const Error told =
        known ? *known : Error(ErrorKind::internal, error.what(), {}, "please report this with the run's log");
    log.event(0, "error", told.message,
              {{"kind", to_string(told.kind)}, {"message", told.message}, {"where", told.where}, {"hint", told.hint}});
    try {
      log.flush();
      store.set_status(id, RunStatus::failed, told.message + (told.where.empty() ? "" : " (" + told.where + ")"),
                       told.hint);
    } catch (const Error&) {  // what went wrong first is told on standard error, and the supervisor records the rest
    }
    throw told;
  }
}

}  // namespace luthier
