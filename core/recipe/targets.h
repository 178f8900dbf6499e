#pragma once
// Which modules a LoRA goes into, by PEFT's rules, so that a recipe means the same here and there.
#include <cstdint>
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

/// The numbers that "0-3, 7" lists, ascending, each once; none for an empty text. bad_input, naming `where`, for
/// another text.
std::vector<std::int64_t> block_numbers(const std::string& text, const std::string& where);
/// The number of the block that a module lies in, the first one in its dotted name; -1 outside of the blocks.
std::int64_t block_of(const std::string& module);

/// What IA3 scales of a model_type: name endings, and those of them whose input is scaled. PEFT's choice where it has
/// one, and alike for the other families; convolutional networks have all their convolutions scaled ("all-linear").
struct Ia3Choice {
  std::vector<std::string> targets, feed_forward;
  bool is_list = true;
};
Ia3Choice ia3_choice(const std::string& model_type);
/// The recipe's targets and feed_forward, with "auto" and empty ones filled in.
Ia3Choice ia3_choice(const std::string& model_type, const Ia3Options& options);
/// Whether IA3 scales a targeted layer's input instead of its output.
bool scales_input(const std::string& module, const std::vector<std::string>& feed_forward);

}  // namespace luthier
