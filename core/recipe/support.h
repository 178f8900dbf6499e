#pragma once
// What goes with what: family x objective x method, with a reason where it does not. The generated docs/support.md is
// this table; recipes are held to it before anything is loaded.
#include <string>
#include <vector>

#include "recipe/catalog.h"

namespace luthier {

/// Why something cannot be, in a sentence's second half ("has no keys ..."), and which method to take instead.
struct Refusal {
  std::string reason;   ///< empty: it can be
  std::string instead;  ///< a method's kind; empty where none is meant
};

/// Why the objective cannot be trained on the family; empty when it can.
std::string why_not(const FamilyEntry& family, const ObjectiveEntry& objective);

/// Why the method cannot be used for the objective on the family, the objective's own reason first.
Refusal refusal_of(const FamilyEntry& family, const ObjectiveEntry& objective, const MethodEntry& method);

/// Why this combination cannot be trained; empty when it can.
std::string why_not(const FamilyEntry& family, const ObjectiveEntry& objective, const MethodEntry& method);

/// What a model must have for a combination that can be trained; empty when any will do.
std::string condition_of(const FamilyEntry& family, const ObjectiveEntry& objective, const MethodEntry& method);

/// Every reason that refusal_of gives for a method alone, for translation.
std::vector<std::string> method_reasons();

/// The whole of docs/support.md.
std::string support_table();

}  // namespace luthier
