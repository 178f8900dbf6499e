#include "recipe/amendment.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"

namespace luthier {

namespace {
constexpr std::string_view kSection = "training.";
}

const std::vector<std::string>& amendable_paths() {
  static const std::vector<std::string> paths = {"training.learning_rate", "training.evaluate_every",
                                                 "training.batch_size"};
  return paths;
}

std::vector<std::int64_t> amendable_batch_sizes(const TrainingOptions& training) {
  const std::int64_t rows = training.batch_size * training.gradient_accumulation;
  std::vector<std::int64_t> sizes;
  for (std::int64_t size = 1; size <= rows; ++size)
    if (rows % size == 0) sizes.push_back(size);
  return sizes;
}

Recipe amended(const Recipe& recipe, const Json& changes) {
  if (!changes.is_object())
    fail(ErrorKind::bad_input, "changes of a run are an object of paths and values", {},
         "write {\"training.learning_rate\": 1e-4}");
  Json json = recipe_to_json(recipe);
  for (const auto& [path, value] : changes.items()) {
    const auto& allowed = amendable_paths();
    if (std::find(allowed.begin(), allowed.end(), path) == allowed.end())
      fail(ErrorKind::bad_input, "this cannot be changed once a run has begun", path,
           "stop the run and start another one with it");
    json["training"][path.substr(kSection.size())] = value;
  }
  Recipe changed = recipe_from_json(json, recipe.folder, recipe.name);
  const std::int64_t rows = recipe.training.batch_size * recipe.training.gradient_accumulation;
  if (changed.training.batch_size == recipe.training.batch_size) return changed;
  if (rows % changed.training.batch_size != 0) {
    std::string sizes;
    for (const std::int64_t size : amendable_batch_sizes(recipe.training))
      sizes += (sizes.empty() ? "" : ", ") + std::to_string(size);
    fail(ErrorKind::bad_input,
         "a step keeps its " + std::to_string(rows) + " rows, which batches of " +
             std::to_string(changed.training.batch_size) + " do not divide",
         "training.batch_size", "choose one of " + sizes);
  }
  changed.training.gradient_accumulation = rows / changed.training.batch_size;
  return changed;
}

}  // namespace luthier
