#pragma once
// A method decides what is trained. attach() changes the model in place and leaves exactly the trainable parameters
// with requires_grad.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "models/model.h"
#include "recipe/blocks.h"
#include "recipe/recipe.h"

namespace luthier {

struct Attached {
  std::vector<std::pair<std::string, Tensor>> trainable;  ///< checkpoint names (LoRA: "<module>.lora_A.weight"), unique
  std::vector<double> rate_scales;  ///< of each trainable: it learns so many times as fast as the recipe's rate
  std::int64_t trainable_parameters = 0, all_parameters = 0;
  std::vector<Block> blocks;     ///< layer-wise, from the head down: indices into `trainable`; empty for other methods
  bool frozen_backbone = false;  ///< hidden states do not depend on trained parameters: features may be cached
};

/// What prompts that start from words need to know of the tokenizer, which the torch modules do not have.
struct PromptWords {
  std::vector<std::int64_t> text;     ///< the ids of the method's init_text
  std::vector<std::int64_t> special;  ///< ids that are no ordinary tokens; empty: those that config.json names
  std::int64_t tokens = 0;            ///< ids from here on are no tokens; 0: as many as the model has rows
};

/// Attaches the recipe's method to a loaded model. `new_head`: the head was drawn anew, so it trains (and, with LoRA,
/// is saved beside the adapter). Errors (bad_input): targets that match no module, named with what there is.
Attached attach_method(Model& model, const MethodOptions& method, bool new_head, std::uint64_t seed,
                       const PromptWords& words = {});

/// PEFT folders: adapter_config.json + adapter_model.safetensors with PEFT's exact names. load attaches the adapter
/// (and its saved modules) and leaves it trainable; save writes what PeftModel.save_pretrained writes.
Attached load_adapter(Model& model, const std::filesystem::path& folder);
void save_adapter(const Model& model, const std::filesystem::path& folder, const std::string& base_model_name);

/// False for what no weight can take in: bottleneck adapters, which bend between their projections, and prompts.
bool is_mergeable(const Model& model);
/// unsupported, with the way out, where it is not.
void check_mergeable(const Model& model);
/// Merges every adapter into its weight, which is made whole in full precision where it was quantised; modules saved
/// beside it stay as they are. True when there was any. Fails as check_mergeable does.
bool merge_adapters(Model& model);
/// Inactive: the model computes what it computed before the method was attached (adapters off, old head values not
/// kept).
void set_adapters_active(Model& model, bool active);

}  // namespace luthier
