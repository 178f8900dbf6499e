#include "methods/attach.h"

#include <algorithm>

#include "methods/lora.h"

namespace luthier {

void freeze_all(Model& model) {
  for (Tensor& parameter : model.parameters()) parameter.requires_grad_(false);
}

void train_modules(Model& model, const std::vector<std::string>& modules) {
  // A tied parameter counts where it first appears: an output layer tied to the embedding is not its own.
  for (auto& [name, parameter] : model.unique_parameters()) {
    const std::string& full = name;
    const bool inside = std::any_of(modules.begin(), modules.end(),
                                    [&](const std::string& module) { return full.starts_with(module + "."); });
    if (inside) Tensor(parameter).requires_grad_(true);
  }
}

Attached attached(const Model& model, bool frozen_backbone) {
  Attached result;
  result.frozen_backbone = frozen_backbone;
  for (const auto& [name, parameter] : model.unique_parameters()) {
    result.all_parameters += parameter.numel();
    if (!parameter.requires_grad()) continue;
    result.trainable_parameters += parameter.numel();
    result.trainable.emplace_back(name, parameter);
  }
  return result;
}

Attached attach_method(Model& model, const MethodOptions& method, bool new_head, std::uint64_t seed) {
  if (const auto* full = std::get_if<FullOptions>(&method)) return attach_full(model, *full);
  if (std::holds_alternative<FeatureExtractionOptions>(method)) return attach_feature_extraction(model);
  return attach_lora(model, std::get<LoraOptions>(method), new_head, seed);
}

bool merge_adapters(Model& model) {
  bool any = false;
  for (const auto& [name, layer] : adaptable_layers(model)) {
    any = any || layer->lora().has_value();
    layer->merge_lora();
  }
  return any;
}

void set_adapters_active(Model& model, bool active) {
  for (const auto& [name, layer] : adaptable_layers(model)) layer->set_lora_active(active);
}

}  // namespace luthier
