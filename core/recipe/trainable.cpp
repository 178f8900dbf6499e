#include <algorithm>

#include "recipe/outline.h"
#include "recipe/targets.h"

namespace luthier {

namespace {

using Kind = ParameterOutline::Kind;

/// True when the module, or one that it lies in, has a name that ends in one of these: so PEFT reads modules_to_save.
bool lies_in_one_that_ends_in(const std::string& module, const std::vector<std::string>& endings) {
  for (std::size_t end = 0; end != std::string::npos;) {
    end = module.find('.', end + 1);
    const std::string outer = module.substr(0, end);
    const auto is_end = [&](const std::string& ending) { return !ending.empty() && outer.ends_with(ending); };
    if (std::any_of(endings.begin(), endings.end(), is_end)) return true;
  }
  return false;
}

/// What LoRA trains whole: the heads of label tasks (which PEFT calls "classifier" and "score"), whatever was drawn
/// anew, and what the recipe names.
bool is_trained_whole(const ModelOutline& model, const ParameterOutline& parameter, const LoraOptions& lora) {
  const bool labels = model.head.ends_with("classification");
  if (parameter.in_head && (labels || model.head_replaced)) return true;
  if (std::find(model.drawn.begin(), model.drawn.end(), parameter.module()) != model.drawn.end()) return true;
  if (labels && lies_in_one_that_ends_in(parameter.module(), {"classifier", "score"})) return true;
  return lies_in_one_that_ends_in(parameter.module(), lora.modules_to_save);
}

/// "all-linear" of a network without linear layers below its head means its convolutions.
bool has_linear_layers(const ModelOutline& model) {
  return std::any_of(model.parameters.begin(), model.parameters.end(),
                     [](const ParameterOutline& one) { return one.kind == Kind::linear && !one.in_head; });
}

bool has_adapter(const ModelOutline& model, const ParameterOutline& parameter, const LoraOptions& lora) {
  const bool convolution = parameter.kind == Kind::convolution && !parameter.in_groups;
  if (parameter.kind != Kind::linear && !convolution) return false;
  const bool all = !lora.targets_is_list && !lora.targets.empty() && lora.targets.front() == "all-linear";
  if (convolution && all && has_linear_layers(model)) return false;
  if (is_trained_whole(model, parameter, lora)) return false;
  return is_lora_target(parameter.module(), parameter.is_output, lora);
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
    const std::int64_t inputs = parameter.elements() / parameter.shape[0];  // of a convolution: times its kernel
    sum += static_cast<std::int64_t>(rank) * (parameter.shape[0] + inputs);
  }
  return sum;
}

std::int64_t trainable_parameters(const ModelOutline& model, const MethodOptions& method) {
  const auto* full = std::get_if<FullOptions>(&method);
  const auto* lora = std::get_if<LoraOptions>(&method);
  std::int64_t sum = lora ? lora_parameters(model, *lora) : 0;
  for (const ParameterOutline& parameter : model.parameters) {
    if (!parameter.tied_to.empty()) continue;
    const bool embedding =
        parameter.kind == Kind::embedding || parameter.name.find(".embeddings.") != std::string::npos;
    const bool trained = full   ? full->train_embeddings || !embedding
                         : lora ? is_trained_whole(model, parameter, *lora)
                                : parameter.in_head;
    if (trained) sum += parameter.elements();
  }
  return sum;
}

}  // namespace luthier
