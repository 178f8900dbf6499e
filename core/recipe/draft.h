#pragma once
// A recipe that is still being written, and the files that a finished one names.
#include <filesystem>
#include <vector>

#include "recipe/recipe.h"

namespace luthier {

/// What can be read of `json`; defaults stand for the rest and every problem is added to `problems`.
Recipe read_draft(const Json& json, const std::filesystem::path& folder, std::vector<Problem>& problems);

/// Every path of the recipe from the root on, so that it means the same from anywhere.
void make_paths_absolute(Recipe& recipe);

/// A problem for each file or folder that a recipe with absolute paths names and that does not exist.
std::vector<Problem> missing_inputs(const Recipe& recipe);

}  // namespace luthier
