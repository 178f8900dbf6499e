#pragma once
// What goes with what: every family with every objective and method, and why not where it does not.
#include <string>

#include "recipe/catalog.h"

namespace luthier {

/// "" where the objective can be trained on models of this family by this method, else the reason, as a clause: "reads
/// images; this objective is for text".
std::string why_not(const FamilyEntry& family, const ObjectiveEntry& objective, const MethodEntry& method);
/// The same whatever the method.
std::string why_not(const FamilyEntry& family, const ObjectiveEntry& objective);
/// What a model of the family must have besides, where `why_not` is ""; "" when nothing.
std::string condition_of(const FamilyEntry& family, const ObjectiveEntry& objective, const MethodEntry& method);

/// All of it as Markdown, a table a family: docs/support.md, `luthier-cli describe --table`.
std::string support_table();

}  // namespace luthier
