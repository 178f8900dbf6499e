#pragma once
// How the rows of a project are read: the recipe of the open document in the words of the data module.
#include "data/dataset.h"
#include "recipe/recipe.h"

namespace luthier {

/// For a recipe whose paths are absolute, as Document::lenient() gives it. Recordings are taken at 16 kHz.
DatasetOptions datasetOptionsOf(const Recipe& recipe);

}  // namespace luthier
