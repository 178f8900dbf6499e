#pragma once
// Several methods beside each other: the same rows and settings, one run each, compared on Runs.
#include <QStringList>
#include <map>
#include <string>
#include <vector>

#include "recipe/advice.h"
#include "recipe/recipe.h"

namespace luthier {

constexpr std::int64_t kBakeOffRows = 2000;  ///< of each file, at most
constexpr std::size_t kBakeOffMethods = 3;

/// The methods that are compared: those that the advisor puts first, can be used and fit into memory.
std::vector<std::string> bakeOffMethods(const Advice& advice);

/// The recipes to run, in this order: the first kBakeOffRows of each file, no export. `others`: options of methods that
/// were chosen before; the rest are at their defaults. Each learning rate stands to the recipe's own as the usual rates
/// of both methods do. Errors as recipe_from_json.
std::vector<Recipe> bakeOffRecipes(const Json& recipe, const std::filesystem::path& folder,
                                   const std::vector<std::string>& kinds, const std::map<std::string, Json>& others);

}  // namespace luthier
