#pragma once
// Which modules a LoRA goes into, by PEFT's rules, so that a recipe means the same here and there.
#include <string>
#include <utility>
#include <vector>

#include "recipe/recipe.h"

namespace luthier {

/// True when a linear layer gets an adapter: "all-linear" takes all but the language-model head's projection
/// (`is_output`); a list takes names that equal an entry or end in "." + entry; any other text is a regular expression
/// that must match the whole name. What is trained whole (heads of label tasks) is not asked for. bad_input for a
/// broken expression.
bool is_lora_target(const std::string& module, bool is_output, const LoraOptions& lora);

/// Rank or alpha of one module: the first pattern that the name matches, whole or after a dot; else `otherwise`.
double value_by_pattern(const std::vector<std::pair<std::string, double>>& patterns, const std::string& module,
                        double otherwise);

}  // namespace luthier
