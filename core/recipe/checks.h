#pragma once
// What no single field can tell: combinations in a recipe that cannot work together.
#include <vector>

#include "recipe/recipe.h"

namespace luthier {

/// Problems of the recipe as a whole, in the order of its sections. Looks at no file.
std::vector<Problem> combination_problems(const Recipe& recipe);

}  // namespace luthier
