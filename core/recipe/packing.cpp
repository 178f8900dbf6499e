#include "recipe/packing.h"

namespace luthier {

std::string why_not_packed(const ObjectiveEntry& objective) {
  for (const char* kind : {"causal_lm", "masked_lm", "tagging"})
    if (objective.kind == kind) return {};
  return "only causal_lm, masked_lm and tagging are judged token by token: the objective \"" + objective.kind +
         "\" needs its rows one by one";
}

std::string why_not_packed(const FamilyEntry& family, const ObjectiveEntry& objective) {
  if (const std::string reason = why_not_packed(objective); !reason.empty()) return reason;
  for (const char* kind : {"llama", "gpt2", "bert", "roberta", "distilbert"})
    if (family.kind == kind) return {};
  return family.label + " models take their rows one by one";
}

}  // namespace luthier
