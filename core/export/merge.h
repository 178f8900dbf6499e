#pragma once
#include <memory>

#include "models/model.h"

namespace luthier {

/// A second model, for saving only, whose weights are those of `model` with every LoRA merged in. Nothing of `model` is
/// touched; what needs no merging shares its memory. Where an adapter sits on a tied weight, the copy is untied.
std::shared_ptr<Model> merged_copy(Model& model);

}  // namespace luthier
