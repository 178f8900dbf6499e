#include "methods/attach.h"

#include <algorithm>

#include "base/error.h"
#include "methods/bottleneck.h"
#include "methods/lora.h"
#include "methods/prompt_tuning.h"
#include "models/config.h"
#include "nn/embedding.h"
#include "nn/linear.h"

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
  for (const auto& [name, layer] : adaptable_layers(model))
    if (const auto* linear = dynamic_cast<const nn::Linear*>(layer.get()); linear && linear->quantised())
      result.all_parameters += linear->in_features() * linear->out_features();
  for (const auto& [name, parameter] : model.unique_parameters()) {
    result.all_parameters += parameter.numel();
    if (!parameter.requires_grad()) continue;
    result.trainable_parameters += parameter.numel();
    result.trainable.emplace_back(name, parameter);
    result.rate_scales.push_back(1.0);
  }
  return result;
}

Attached attach_method(Model& model, const MethodOptions& method, bool new_head, std::uint64_t seed,
                       const PromptWords& words) {
  if (const auto* full = std::get_if<FullOptions>(&method)) return attach_full(model, *full);
  if (std::holds_alternative<FeatureExtractionOptions>(method)) return attach_feature_extraction(model);
  if (const auto* layerwise = std::get_if<LayerwiseOptions>(&method)) return attach_layerwise(model, *layerwise);
  if (const auto* adapter = std::get_if<AdapterOptions>(&method))
    return attach_bottlenecks(model, *adapter, new_head, seed);
  if (const auto* prompt = std::get_if<PromptTuningOptions>(&method))
    return attach_prompt(model, *prompt, new_head, seed, words);
  if (const auto* prefix = std::get_if<PrefixTuningOptions>(&method))
    return attach_prefix(model, *prefix, new_head, seed, words);
  if (const auto* qlora = std::get_if<QloraOptions>(&method)) return attach_qlora(model, *qlora, new_head, seed);
  if (const auto* ia3 = std::get_if<Ia3Options>(&method)) return attach_ia3(model, *ia3, new_head);
  return attach_lora(model, std::get<LoraOptions>(method), new_head, seed);
}

bool is_mergeable(const Model& model) { return !has_bottlenecks(model) && !model.prompt(); }

void check_mergeable(const Model& model) {
  if (has_bottlenecks(model))
    fail(ErrorKind::unsupported, "bottleneck adapters cannot be merged into the model's weights", "export",
         "export the adapter's own folder (format peft) and keep the base model");
  if (model.prompt())
    fail(ErrorKind::unsupported, "learned tokens before the text cannot be merged into the model's weights", "export",
         "export the adapter's own folder (format peft) and keep the base model");
}

namespace {

/// An output layer that shares the table keeps its own values from here on, and its bias, which BERT's head has under
/// two names.
void untie_from(Model& model, const nn::Embedding& table, const std::vector<NamedLayer>& layers) {
  for (const auto& [name, layer] : layers) {
    auto* linear = dynamic_cast<nn::Linear*>(layer.get());
    if (!linear || !linear->weight.defined() || !linear->weight.is_same(table.weight)) continue;
    untie_output(model.mutable_config());
    linear->tie_weight(table.weight.detach());
    if (linear->bias.defined()) linear->tie_bias(linear->bias.detach().clone());
  }
}

}  // namespace

bool merge_adapters(Model& model) {
  check_mergeable(model);
  bool any = false;
  const std::vector<NamedLayer> layers = adaptable_layers(model);
  for (const auto& [name, layer] : layers) {
    if (!layer->has_adapter()) continue;
    any = true;
    if (const auto* table = dynamic_cast<const nn::Embedding*>(layer.get())) untie_from(model, *table, layers);
    layer->merge_adapter();
  }
  return any;
}

void set_adapters_active(Model& model, bool active) {
  for (const auto& [name, layer] : adaptable_layers(model)) layer->set_adapter_active(active);
  for (const auto& [name, site] : adapter_sites(model)) site->set_active(active);
  model.set_prompt_active(active);
}

}  // namespace luthier
