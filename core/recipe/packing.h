#pragma once
// What can be trained with rows packed one after another (training.batching "packed").
#include <string>

#include "recipe/catalog.h"

namespace luthier {

/// "" where it works, else the reason, as a clause.
std::string why_not_packed(const ObjectiveEntry& objective);
std::string why_not_packed(const FamilyEntry& family, const ObjectiveEntry& objective);

}  // namespace luthier
