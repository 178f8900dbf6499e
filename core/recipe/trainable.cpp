#include <algorithm>
#include <utility>

#include "recipe/blocks.h"
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

/// What methods with adapters train whole: the heads of label tasks (which PEFT calls "classifier" and "score"),
/// whatever was drawn anew, and what the recipe names.
bool is_trained_whole(const ModelOutline& model, const ParameterOutline& parameter,
                      const std::vector<std::string>& modules_to_save) {
  const bool labels = model.head.ends_with("classification");
  if (parameter.in_head && (labels || model.head_replaced)) return true;
  if (std::find(model.drawn.begin(), model.drawn.end(), parameter.module()) != model.drawn.end()) return true;
  if (labels && lies_in_one_that_ends_in(parameter.module(), {"classifier", "score"})) return true;
  return lies_in_one_that_ends_in(parameter.module(), modules_to_save);
}

/// "all-linear" of a network without linear layers below its head means its convolutions.
bool has_linear_layers(const ModelOutline& model) {
  return std::any_of(model.parameters.begin(), model.parameters.end(),
                     [](const ParameterOutline& one) { return one.kind == Kind::linear && !one.in_head; });
}

/// The table of a model's tokens: the embedding that its output layer may share, and the one that LoRA goes into.
bool is_token_table(const ModelOutline& model, const ParameterOutline& parameter) {
  return parameter.kind == Kind::embedding && parameter.shape.size() == 2 &&
         parameter.shape[0] == model.sizes.vocabulary;
}

/// Whether a weight is a target of a method with adapters: LoRA's rules, which IA3 shares.
bool has_adapter(const ModelOutline& model, const ParameterOutline& parameter, const LoraOptions& lora) {
  const bool convolution = parameter.kind == Kind::convolution && !parameter.in_groups;
  const bool table = is_token_table(model, parameter);
  if (parameter.kind != Kind::linear && !convolution && !table) return false;
  const bool all = !lora.targets_is_list && !lora.targets.empty() && lora.targets.front() == "all-linear";
  if (all && (table || (convolution && has_linear_layers(model)))) return false;
  if (is_trained_whole(model, parameter, lora.modules_to_save)) return false;
  if (!lora.layers.empty()) {
    const std::vector<std::int64_t> blocks = block_numbers(lora.layers, "method.layers");
    if (std::find(blocks.begin(), blocks.end(), block_of(parameter.module())) == blocks.end()) return false;
  }
  return is_lora_target(parameter.module(), parameter.is_output, lora);
}

/// Outputs and inputs of a layer; GPT-2 keeps its weights as [in, out], and a kernel is no input.
std::pair<std::int64_t, std::int64_t> sides_of(const ModelOutline& model, const ParameterOutline& parameter) {
  const bool turned = model.family == "gpt2" && !parameter.in_head && parameter.kind == Kind::linear;
  const std::int64_t first = parameter.shape[0], second = parameter.shape.size() > 1 ? parameter.shape[1] : 1;
  return turned ? std::pair(second, first) : std::pair(first, second);
}

/// IA3's targets as those of a LoRA.
LoraOptions as_lora(const ModelOutline& model, const Ia3Options& ia3) {
  const Ia3Choice choice = ia3_choice(model.model_type, ia3);
  LoraOptions lora;
  lora.targets = choice.targets;
  lora.targets_is_list = choice.is_list;
  lora.modules_to_save = ia3.modules_to_save;
  return lora;
}

std::int64_t ia3_parameters(const ModelOutline& model, const Ia3Options& ia3) {
  const LoraOptions lora = as_lora(model, ia3);
  const std::vector<std::string> feed_forward = ia3_choice(model.model_type, ia3).feed_forward;
  std::int64_t sum = 0;
  for (const ParameterOutline& parameter : model.parameters) {
    if (!has_adapter(model, parameter, lora) || parameter.kind == Kind::embedding) continue;
    const auto [out, in] = sides_of(model, parameter);
    sum += scales_input(parameter.module(), feed_forward) ? in : out;
  }
  return sum;
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
    // DoRA's magnitudes: one for each output, of a table for each channel.
    if (lora.dora) sum += parameter.kind == Kind::embedding ? parameter.shape[1] : sides_of(model, parameter).first;
  }
  return sum;
}

namespace {

/// Of all blocks that ever join.
std::int64_t layerwise_parameters(const ModelOutline& model, const LayerwiseOptions& options) {
  const std::vector<BlockOutline> blocks = block_outline(model);
  std::vector<std::string> names;
  for (const BlockOutline& block : blocks) names.push_back(block.name);
  const std::vector<std::int64_t> starts = block_starts(options, names, 1, 1);
  std::int64_t sum = 0;
  for (std::size_t i = 0; i < blocks.size(); ++i) sum += starts[i] == kNever ? 0 : blocks[i].parameters;
  return sum;
}

}  // namespace

namespace {
/// The modules that train whole beside an adapter; nullptr for methods that have none.
const std::vector<std::string>* whole_modules_of(const MethodOptions& method) {
  return std::visit(
      [](const auto& options) -> const std::vector<std::string>* {
        if constexpr (requires { options.modules_to_save; }) return &options.modules_to_save;
        return nullptr;
      },
      method);
}
}  // namespace

std::int64_t trainable_parameters(const ModelOutline& model, const MethodOptions& method) {
  if (const auto* layerwise = std::get_if<LayerwiseOptions>(&method)) return layerwise_parameters(model, *layerwise);
  const auto* full = std::get_if<FullOptions>(&method);
  const auto* lora = lora_of(method);
  const auto* ia3 = std::get_if<Ia3Options>(&method);
  const std::vector<std::string>* whole = whole_modules_of(method);
  std::int64_t sum = lora ? lora_parameters(model, *lora) : ia3 ? ia3_parameters(model, *ia3) : 0;
  for (const ParameterOutline& parameter : model.parameters) {
    if (!parameter.tied_to.empty()) continue;
    const bool embedding =
        parameter.kind == Kind::embedding || parameter.name.find(".embeddings.") != std::string::npos;
    const bool trained = full    ? full->train_embeddings || !embedding
                         : whole ? is_trained_whole(model, parameter, *whole)
                                 : parameter.in_head;
    if (trained) sum += parameter.elements();
  }
  return sum;
}

}  // namespace luthier
