#include "cli/engine/served_models.h"

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "cli/engine/trained_run.h"
#include "engine/adaptation.h"
#include "export/artefact.h"
#include "train/checkpoint.h"

namespace luthier {

namespace {

std::unique_ptr<ServedModel> served(const std::string& id, std::shared_ptr<Model> model,
                                    std::shared_ptr<const Tokenizer> tokenizer, const fs::path& folder,
                                    std::int64_t max_tokens, const std::string& device) {
  model->eval();
  model->to(c10::Device(device));
  std::vector<std::int64_t> ends;
  if (model->head_kind() == Head::causal_lm || model->head_kind() == Head::seq2seq_lm)
    ends = end_tokens(*model, folder, *tokenizer);
  return std::make_unique<ServedModel>(
      ServedModel::Parts{id, std::move(model), std::move(tokenizer), device, max_tokens, std::move(ends)});
}

std::unique_ptr<ServedModel> served(const std::string& id, Artefact artefact, const std::string& device) {
  return served(id, std::move(artefact.model), std::move(artefact.tokenizer), artefact.base, artefact.max_tokens,
                device);
}

/// What training found in its data.
struct Found {
  std::vector<std::string> labels;
  bool conversations = false;
};

Found found_by_run(const Store& store, const std::string& id, const Recipe& recipe) {
  Found found{recipe.data.labels};
  for (const EventRow& event : store.events(id)) {
    if (event.kind != "model") continue;
    const Json detail = parse_json(event.detail_json, id);
    if (detail.contains("labels")) found.labels = detail.at("labels").get<std::vector<std::string>>();
    found.conversations = detail.value("conversations", false);
  }
  return found;
}

/// The model as training starts from it, without data.
Prepared untrained(const Recipe& recipe, const Found& found) {
  Prepared parts;
  parts.recipe = recipe;
  const std::string& tokenizer = recipe.model.tokenizer.empty() ? recipe.model.path : recipe.model.tokenizer;
  parts.tokenizer = std::make_unique<Tokenizer>(Tokenizer::open(resolve_path(tokenizer, recipe.folder)));
  parts.added_tokens = parts.tokenizer->add_tokens(recipe.model.add_tokens);
  if (found.conversations) set_chat_template(*parts.tokenizer, recipe);
  parts.data.label_names = found.labels;
  prepare_model(parts);
  return parts;
}

std::unique_ptr<ServedModel> served(const std::string& id, Prepared parts, const std::string& device) {
  return served(id, std::move(parts.model), std::move(parts.tokenizer),
                resolve_path(parts.recipe.model.path, parts.recipe.folder), parts.recipe.data.max_tokens, device);
}

/// The newest export of a run that opens by itself; empty when there is none.
fs::path exported_folder(const Store& store, const std::string& id) {
  fs::path found;
  for (const ArtefactRow& artefact : store.artefacts(id))
    if ((artefact.kind == "huggingface" || artefact.kind == "peft") && fs::is_directory(artefact.path))
      found = artefact.path;
  return found;
}

}  // namespace

ServedModels models_of_folder(const fs::path& folder, const fs::path& adapter, bool base, const std::string& device) {
  ServedModels models;
  Artefact artefact = open_artefact(folder, adapter);
  if (base && artefact.adapter.empty())
    fail(ErrorKind::bad_input, "this folder does not say which model it was made from", folder.string(),
         "leave --base out, name a run, or name the base's folder and --adapter");
  const fs::path base_folder = artefact.base;
  LoadOptions load;
  load.head = artefact.model->head_kind();
  load.labels = artefact.model->label_names();
  const std::int64_t max_tokens = artefact.max_tokens, vocabulary = artefact.model->vocabulary();
  models.push_back(served("tuned", std::move(artefact), device));
  if (!base) return models;
  const std::shared_ptr<Model> untouched = load_model(base_folder, load);
  untouched->set_vocabulary(vocabulary);
  const fs::path& tokens = adapter.empty() ? folder : adapter;
  const bool own = fs::exists(tokens / "tokenizer.json") || fs::exists(tokens / "vocab.txt");
  models.push_back(served("base", untouched, std::make_shared<Tokenizer>(Tokenizer::open(own ? tokens : base_folder)),
                          base_folder, max_tokens, device));
  return models;
}

ServedModels models_of_run(const Store& store, const std::string& id, bool base, const std::string& device) {
  const fs::path folder = store.run_folder(id);
  const Recipe recipe = task_recipe(read_recipe(folder / "recipe.json"), folder);
  const Found found = found_by_run(store, id, recipe);
  const fs::path exported = store.run(id).status == RunStatus::success ? exported_folder(store, id) : fs::path();
  ServedModels models;
  if (!exported.empty()) {
    models.push_back(served("tuned", open_artefact(exported), device));
  } else {
    if (!Checkpoints(folder).any())
      fail(ErrorKind::bad_input, "this run has no checkpoint yet", id, "let it train until its first checkpoint");
    Prepared parts = untrained(recipe, found);
    load_trained_weights(folder, parts);
    models.push_back(served("tuned", std::move(parts), device));
  }
  if (base) models.push_back(served("base", untrained(recipe, found), device));
  return models;
}

}  // namespace luthier
