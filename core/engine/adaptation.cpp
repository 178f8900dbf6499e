#include "engine/adaptation.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "engine/finish.h"
#include "engine/prepare.h"
#include "models/tensors.h"
#include "recipe/catalog.h"
#include "train/trainer.h"

namespace luthier {

namespace {

constexpr const char* kAdapted = "adapted";  ///< the folder of the model that comes out
constexpr double kValidationShare = 0.05;    ///< of the texts: shows whether the model still learns from them

/// Fills in the causal or masked language objective, whichever the model's family has a head for.
ObjectiveOptions language_objective(const Recipe& recipe) {
  const fs::path folder = resolve_path(recipe.model.path, recipe.folder);
  const Json config = read_json(fs::is_directory(folder) ? folder / "config.json" : folder);
  const std::string model_type = config.value("model_type", "");
  const FamilyEntry& family = family_of_model_type(model_type);
  const auto has = [&](const char* head) {
    return std::find(family.heads.begin(), family.heads.end(), head) != family.heads.end();
  };
  if (has("causal_lm")) return CausalLmOptions{};
  if (has("masked_lm")) return MaskedLmOptions{};
  fail(ErrorKind::unsupported, family.label + " models cannot be adapted to plain text", "adaptation",
       "leave the section out, or choose an encoder such as BERT or a decoder such as Llama");
}

/// What the language head has no place for (an encoder's pooler) is written beside it as the base had it: the task may
/// have.
void keep_unused(const std::vector<std::string>& unused, const fs::path& base, const fs::path& file) {
  if (unused.empty()) return;
  NamedTensors tensors = read_tensors(file);
  for (const auto& entry : fs::directory_iterator(base)) {
    if (entry.path().extension() != ".safetensors") continue;
    for (auto& [name, tensor] : read_tensors(entry.path()))
      if (std::find(unused.begin(), unused.end(), name) != unused.end()) tensors.emplace_back(name, tensor);
  }
  write_tensors(file, tensors);
}

/// Everything or nothing: a folder of that name is a whole model.
void save_adapted(const Prepared& parts, const fs::path& base, const fs::path& folder) {
  TemporaryFolder building(folder.parent_path(), ".adapted-");
  save_model(*parts.model, building.path());
  if (fs::is_directory(base)) keep_unused(parts.loaded.unused, base, building.path() / "model.safetensors");
  parts.tokenizer->save(building.path());
  if (fs::exists(base / "generation_config.json"))
    fs::copy_file(base / "generation_config.json", building.path() / "generation_config.json");
  fs::rename(building.path(), folder);
  building.keep();
  sync_folder(folder.parent_path());
}

}  // namespace

Recipe adaptation_recipe(const Recipe& recipe) {
  const AdaptationOptions& options = *recipe.adaptation;
  Recipe stage = recipe;
  stage.adaptation.reset();
  stage.exports.clear();
  stage.objective = language_objective(recipe);
  stage.data = {};
  stage.data.train = options.train;
  stage.data.roles = options.roles;
  stage.data.max_tokens = options.max_tokens;
  stage.data.validation_share = kValidationShare;
  stage.method = FullOptions{};
  TrainingOptions training;
  training.epochs = options.epochs;
  training.max_steps = options.max_steps;
  training.batch_size = options.batch_size;
  training.learning_rate = options.learning_rate;
  training.precision = recipe.training.precision;
  training.device = recipe.training.device;
  training.threads = recipe.training.threads;
  training.recompute = recipe.training.recompute;
  training.checkpoint_every = recipe.training.checkpoint_every;
  training.log_every = recipe.training.log_every;
  training.keep_best = false;
  training.evaluate_base = false;
  stage.training = training;
  return stage;
}

Recipe task_recipe(Recipe recipe, const fs::path& run_folder) {
  if (!recipe.adaptation || !fs::exists(run_folder / kAdapted)) return recipe;
  recipe.model.path = fs::absolute(run_folder / kAdapted).string();
  recipe.model.tokenizer.clear();
  recipe.model.add_tokens.clear();
  recipe.model.from_config = false;
  return recipe;
}

std::optional<Recipe> adapt(Store& store, const std::string& id, const Recipe& recipe) {
  const fs::path run = store.run_folder(id), adapted = run / kAdapted, folder = run / kAdaptationStage;
  if (!fs::exists(adapted)) {
    const Recipe stage = adaptation_recipe(recipe);
    RunLog log(store, id, kAdaptationStage);
    fs::create_directories(folder);
    log.event(0, "stage", "reading plain text before the task");
    Prepared parts;
    try {
      parts = prepare(stage, store.home() / "cache", log);
    } catch (const Error& error) {  // the stage's own option
      if (error.where.rfind("data.", 0) == 0)
        fail(error.kind, error.message, "adaptation." + error.where.substr(5), error.hint);
      throw;
    }
    Trainer trainer({parts.recipe, *parts.model, parts.attached, parts.data, parts.collate, parts.device,
                     parts.precision, folder, log});
    const TrainResult result = trainer.run();
    if (result.end == TrainEnd::stopped || result.end == TrainEnd::discarded) {
      record_stop(store, id, result, log);
      return std::nullopt;
    }
    parts.model->to(c10::Device("cpu"));
    save_adapted(parts, resolve_path(recipe.model.path, recipe.folder), adapted);
    log.event(result.state.step, "adapted", "the task starts from " + adapted.string(),
              {{"path", adapted.string()}, {"steps", result.state.step}});
    log.flush();
  }
  std::error_code ignored;
  fs::remove_all(folder, ignored);  // its checkpoints have served
  return task_recipe(recipe, run);
}

}  // namespace luthier
