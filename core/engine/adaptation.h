#pragma once
// The stage before the task: the model reads plain text of the field, and the task's run starts from what comes out
// (Gururangan et al. 2020).
#include <optional>

#include "recipe/recipe.h"
#include "store/store.h"
#include "train/run_log.h"

namespace luthier {

/// The stage's own recipe: full fine-tuning of the model's language head on the recipe's texts. unsupported for
/// encoder-decoders and models that read no text.
Recipe adaptation_recipe(const Recipe& recipe);

/// Runs the stage, or what is left of it, and saves its model in <run>/adapted, unless that is there already. Events
/// and metrics go under the stage's name, with its own steps. Returns the task's recipe; nullopt when a stop command
/// ended it.
std::optional<Recipe> adapt(Store& store, const std::string& id, const Recipe& recipe);

/// The recipe of a run's task, which starts from the adapted model where there is one.
Recipe task_recipe(Recipe recipe, const std::filesystem::path& run_folder);

}  // namespace luthier
