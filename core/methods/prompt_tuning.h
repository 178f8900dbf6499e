#pragma once
// Prompt and prefix tuning, and their folders in PEFT's format.
#include <filesystem>
#include <string>

#include "methods/method.h"

namespace luthier {

Attached attach_prompt(Model& model, const PromptTuningOptions& options, bool new_head, std::uint64_t seed,
                       const PromptWords& words);
Attached attach_prefix(Model& model, const PrefixTuningOptions& options, bool new_head, std::uint64_t seed,
                       const PromptWords& words);

/// Whether adapter_config.json is one of PROMPT_TUNING, PREFIX_TUNING or P_TUNING.
bool is_prompt_config(const Json& config);
/// adapter_config.json with adapter_model.safetensors. What a network made the virtual tokens with is not on the disk:
/// they train as they are.
Attached load_prompt(Model& model, const std::filesystem::path& folder, const Json& config);
void save_prompt(const Model& model, const std::filesystem::path& folder, const std::string& base_model_name);

}  // namespace luthier
