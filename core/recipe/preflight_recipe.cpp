#include <algorithm>

#include "recipe/advice.h"
#include "recipe/catalog.h"
#include "recipe/preflight.h"

namespace luthier {

namespace {

const FamilyEntry* family_of(const ModelOutline& model) {
  for (const FamilyEntry& family : families())
    if (family.kind == model.family) return &family;
  return nullptr;
}

std::optional<PreflightCheck> method_check(const Recipe& recipe, const ModelOutline& model) {
  const std::string kind = kind_of(recipe.method);
  const Refusal refusal = method_obstacle(kind, recipe, &model);
  if (refusal.reason.empty()) return std::nullopt;
  PreflightCheck check{"method",
                       "device",
                       "Method",
                       "error",
                       method_entry(kind).label,
                       method_entry(kind).label + " cannot be used: " + refusal.reason + "."};
  if (!refusal.instead.empty())
    check.fixes.push_back(
        {"Use " + method_entry(refusal.instead).label, {"method={\"kind\":\"" + refusal.instead + "\"}"}});
  return check;
}

/// Families whose activations exceed what fp16 holds (65,504), so that training ends in infinities.
std::optional<PreflightCheck> unsafe_precision_check(const Recipe& recipe, const ModelOutline& model) {
  const bool unsafe = model.family == "t5" || model.family == "wav2vec2";
  const FamilyEntry* family = family_of(model);
  if (recipe.training.precision != "fp16" || !unsafe || !family) return std::nullopt;
  return PreflightCheck{"precision",
                        "device",
                        "Precision",
                        "error",
                        "fp16",
                        family->label + " models overflow in fp16: their activations exceed 65,504.",
                        {{"bf16, which reaches as far as fp32", {"training.precision=bf16"}},
                         {"fp32: exact, and twice the activations", {"training.precision=fp32"}}}};
}

struct Virtual {
  std::int64_t tokens = 0;
  bool random = false;
};

Virtual virtual_of(const MethodOptions& method) {
  if (const auto* prompt = std::get_if<PromptTuningOptions>(&method))
    return {prompt->virtual_tokens, prompt->init == "random"};
  if (const auto* prefix = std::get_if<PrefixTuningOptions>(&method))
    return {prefix->virtual_tokens, prefix->init == "random"};
  return {};
}

std::optional<PreflightCheck> positions_check(const Recipe& recipe, const ModelOutline& model) {
  const std::int64_t tokens = virtual_of(recipe.method).tokens, positions = model.sizes.positions;
  const std::int64_t limit = recipe.data.max_tokens;
  // RoBERTa's first positions stand for padding.
  const std::int64_t usable = positions - (model.family == "roberta" ? 2 : 0);
  if (tokens == 0 || positions <= 0 || tokens + limit <= usable) return std::nullopt;
  PreflightCheck check{"virtual_tokens",
                       "data",
                       "Virtual tokens",
                       "error",
                       grouped(tokens),
                       grouped(tokens) + " virtual tokens and rows of " + grouped(limit) + " are more than the " +
                           grouped(usable) + " positions that the model has."};
  if (usable - tokens >= 4)
    check.fixes.push_back({"Cut rows at " + grouped(usable - tokens) + " tokens",
                           {"data.max_tokens=" + std::to_string(usable - tokens)}});
  if (usable - limit >= 1)
    check.fixes.push_back(
        {grouped(usable - limit) + " virtual tokens", {"method.virtual_tokens=" + std::to_string(usable - limit)}});
  return check;
}

std::optional<PreflightCheck> start_check(const Recipe& recipe) {
  if (!virtual_of(recipe.method).random) return std::nullopt;
  return PreflightCheck{"prompt_start",
                        "numerics",
                        "Start of the prompt",
                        "warning",
                        "random",
                        "Virtual tokens that start from random numbers often learn nothing: in PEFT's comparison "
                        "(GSM8K) they reached 0.06, from words 0.34.",
                        {{"Start from ordinary tokens", {"method.init=vocabulary"}}}};
}

}  // namespace

std::vector<PreflightCheck> recipe_checks(const Recipe& recipe, const ModelOutline& model) {
  std::vector<PreflightCheck> checks;
  const auto add = [&](const std::optional<PreflightCheck>& found) {
    if (found) checks.push_back(*found);
  };
  add(unsafe_precision_check(recipe, model));
  if (!recipe.model.adapter.empty()) return checks;  // the adapter's own method counts
  add(method_check(recipe, model));
  add(positions_check(recipe, model));
  add(start_check(recipe));
  return checks;
}

}  // namespace luthier
