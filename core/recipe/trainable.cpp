#include <algorithm>

#include "recipe/outline.h"
#include "recipe/targets.h"

namespace luthier {

namespace {

using Kind = ParameterOutline::Kind;

/// PEFT trains "classifier" and "score" whole beside the adapters of label tasks.
bool in_label_head(const ModelOutline& model, const std::string& name) {
  const bool labels = model.head == "sequence_classification" || model.head == "token_classification";
  return labels && (name.starts_with("classifier.") || name.starts_with("score."));
}

bool is_saved_module(const std::string& module, const std::vector<std::string>& saved) {
  return std::any_of(saved.begin(), saved.end(), [&](const std::string& one) {
    return module == one || module.ends_with("." + one) || module.find("." + one + ".") != std::string::npos ||
           module.starts_with(one + ".");
  });
}

bool has_adapter(const ModelOutline& model, const ParameterOutline& parameter, const LoraOptions& lora) {
  if (parameter.kind != Kind::linear) return false;
  const std::string module = parameter.module();
  if (is_saved_module(module, lora.modules_to_save)) return false;
  return is_lora_target({module, parameter.is_output, in_label_head(model, parameter.name)}, lora);
}

}  // namespace

std::vector<std::string> lora_layers(const ModelOutline& model, const LoraOptions& lora) {
  std::vector<std::string> layers;
  for (const ParameterOutline& parameter : model.parameters)
    if (has_adapter(model, parameter, lora)) layers.push_back(parameter.module());
  return layers;
}

std::int64_t lora_parameters(const ModelOutline& model, const LoraOptions& lora) {
  std::int64_t sum = 0;
  for (const ParameterOutline& parameter : model.parameters) {
    if (!has_adapter(model, parameter, lora)) continue;
    const double rank = value_by_pattern(lora.rank_pattern, parameter.module(), static_cast<double>(lora.rank));
    sum += static_cast<std::int64_t>(rank) * (parameter.shape[0] + parameter.shape[1]);
  }
  return sum;
}

std::int64_t trainable_parameters(const ModelOutline& model, const MethodOptions& method) {
  const auto* full = std::get_if<FullOptions>(&method);
  const auto* lora = std::get_if<LoraOptions>(&method);
  std::int64_t sum = lora ? lora_parameters(model, *lora) : 0;
  for (const ParameterOutline& parameter : model.parameters) {
    if (!parameter.tied_to.empty()) continue;
    const bool trained =
        full   ? full->train_embeddings || parameter.kind != Kind::embedding
        : lora ? in_label_head(model, parameter.name) || is_saved_module(parameter.module(), lora->modules_to_save)
               : parameter.in_head;
    if (trained) sum += parameter.elements();
  }
  return sum;
}

}  // namespace luthier
