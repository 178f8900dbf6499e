#pragma once
#include <filesystem>
#include <memory>

#include "models/model.h"

namespace luthier {

/// A second model, for saving only, whose weights are those of `model` with every adapter merged in. Nothing of `model`
/// is touched; what needs no merging shares its memory. Where an adapter sits on a tied weight, the copy is untied.
/// Quantised weights become what their codes stand for: the model that was trained, not the one that it was made of.
std::shared_ptr<Model> merged_copy(Model& model);

/// How far quantised weights are from those in `base`, the folder that they were read from: the length of the
/// difference over the length of the original, over all of them. 0 where nothing is quantised.
double quantisation_difference(const Model& model, const std::filesystem::path& base);

}  // namespace luthier
