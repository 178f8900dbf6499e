#pragma once
// How much rows of each label count in training.
#include <string>
#include <vector>

#include "data/dataset.h"
#include "recipe/recipe.h"

namespace luthier {

/// By label id; empty where all count alike. classification: balanced is rows / (labels * rows of the label), as
/// scikit-learn has it; given: as the recipe's table says, 1 for the others. multi_label: (rows without) / (rows with).
/// Labels without rows count 1. bad_input for a name that is no label.
std::vector<float> label_weights_of(const ObjectiveOptions& objective, const EncodedSplit& train,
                                    const std::vector<std::string>& labels);

}  // namespace luthier
