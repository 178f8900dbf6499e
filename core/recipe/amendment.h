#pragma once
// What may be changed of a run that has begun.
#include <string>
#include <vector>

#include "recipe/recipe.h"

namespace luthier {

/// The paths that may change: "training.learning_rate", "training.evaluate_every", "training.batch_size".
const std::vector<std::string>& amendable_paths();

/// The recipe with `changes` ({"training.learning_rate": 1e-4, ...}), as a run goes on with from its next step. The
/// learning rate is the schedule's top: what the schedule makes of it scales. A step keeps its rows, so that the plan
/// of all steps stays what it was: another batch size cuts the same rows into other pieces, and gradient_accumulation
/// follows. bad_input names a path that may not change, a value out of range, or a batch size that does not divide the
/// rows of a step.
Recipe amended(const Recipe& recipe, const Json& changes);

/// The sizes that a batch may be changed to, ascending: what divides the rows of a step.
std::vector<std::int64_t> amendable_batch_sizes(const TrainingOptions& training);

}  // namespace luthier
