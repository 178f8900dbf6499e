#pragma once
// Whether a run fits: the recipe's estimate (recipe/memory.h) against what this process may use.
#include <optional>

#include "engine/prepare.h"
#include "recipe/preflight.h"

namespace luthier {

/// Samples of a recording that become one position of the model; 1 for text and images.
std::int64_t samples_a_position(const Prepared& parts);

/// Tokens of the longest text that is to be written; 0 where rows have none.
std::int64_t longest_target(const Prepared& parts);

/// What the estimate of a run needs to know, from its data alone: no model is loaded.
struct RunOutline {
  ModelOutline model;
  RowLengths lengths;  ///< of the encoded training rows: what was cut is not in it
};
/// nullopt for a model that cannot be outlined: loading it will say what is wrong with it.
std::optional<RunOutline> outline_run(const Prepared& parts);

/// For "cpu" what this process may still use, for a GPU what is free there.
std::uint64_t available_bytes(const std::string& device);

/// Refuses what recipe and model cannot be together (unsupported, with what to choose instead), then compares the
/// estimated peak of training with what this process may use, before the kernel would kill it. out_of_memory says what
/// it would need and what to change. Needs the data, not the model.
void check_memory(const Prepared& parts);

}  // namespace luthier
