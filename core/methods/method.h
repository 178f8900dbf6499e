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
#include "recipe/recipe.h"

namespace luthier {

struct Attached {
  std::vector<std::pair<std::string, Tensor>> trainable;  ///< checkpoint names (LoRA: "<module>.lora_A.weight"), unique
  std::int64_t trainable_parameters = 0, all_parameters = 0;
  bool frozen_backbone = false;  ///< hidden states do not depend on trained parameters: features may be cached
};

/// Attaches the recipe's method to a loaded model. `new_head`: the head was drawn anew, so it trains (and, with LoRA,
/// is saved beside the adapter). Errors (bad_input): targets that match no module, named with what there is.
Attached attach_method(Model& model, const MethodOptions& method, bool new_head, std::uint64_t seed);

/// PEFT folders: adapter_config.json + adapter_model.safetensors with PEFT's exact names. load attaches the adapter
/// (and its saved modules) and leaves it trainable; save writes what PeftModel.save_pretrained writes.
Attached load_adapter(Model& model, const std::filesystem::path& folder);
void save_adapter(const Model& model, const std::filesystem::path& folder, const std::string& base_model_name);

/// Merges every LoRA into its weight; modules saved beside it stay as they are. True when there was any.
bool merge_adapters(Model& model);
/// While alive, the model computes what it computed before the method was attached (LoRA off, old head values not
/// kept).
void set_adapters_active(Model& model, bool active);

}  // namespace luthier
