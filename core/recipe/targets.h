#pragma once
// Which modules a LoRA goes into, by PEFT's rules, so that a recipe means the same here and there.
#include <string>
#include <utility>
#include <vector>

#include "recipe/recipe.h"

namespace luthier {

/// What the rules need to know of a model's linear layer.
struct LinearModule {
  std::string name;            ///< "bert.encoder.layer.0.attention.self.query"
  bool is_output = false;      ///< the language-model head's projection
  bool is_label_head = false;  ///< inside "classifier" or "score", which are trained whole
};

/// True when the layer gets an adapter: "all-linear" takes all but output layer and label head; a list takes names that
/// equal an entry or end in "." + entry; any other text is a regular expression that must match the whole name.
/// Label heads are never adapted: they are trained whole. bad_input for a broken expression.
bool is_lora_target(const LinearModule& module, const LoraOptions& lora);

/// Rank or alpha of one module: the first pattern that the name matches, whole or after a dot; else `otherwise`.
double value_by_pattern(const std::vector<std::pair<std::string, double>>& patterns, const std::string& module,
                        double otherwise);

}  // namespace luthier
