#pragma once
// The model that a run learns from beside its labels.
#include <memory>

#include "engine/prepare.h"

namespace luthier {

/// Opens the recipe's teacher for the prepared student: frozen, in evaluation mode, on the CPU. bad_input where it has
/// other labels, another vocabulary or another tokenizer; unsupported where it has no head for the objective.
std::shared_ptr<Model> open_teacher(const Prepared& parts);

}  // namespace luthier
