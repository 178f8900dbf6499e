#include "recipe/trainable.h"

#include <algorithm>
#include <utility>

#include "recipe/blocks.h"
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

LayerSize layer_size(const ModelOutline& model, const ParameterOutline& weight) {
  if (weight.shape.size() < 2) return {weight.elements(), weight.elements()};
  const auto [out, in] = sides_of(model, weight);
  return {weight.kind == Kind::convolution ? weight.elements() / out : in, out};
}

std::int64_t key_channels(const ModelOutline& model) {
  for (const ParameterOutline& one : model.parameters)
    if (one.name.ends_with(".k_proj.weight") || one.name.ends_with(".SelfAttention.k.weight")) return one.shape[0];
  return model.sizes.channels;
}

std::int64_t bottleneck(const ModelOutline& model, const AdapterOptions& options) {
  return std::max<std::int64_t>(1, model.sizes.channels / options.reduction);
}

std::vector<Ia3Layer> ia3_layers(const ModelOutline& model, const Ia3Options& options) {
  const LoraOptions lora = as_lora(model, options);
  const std::vector<std::string> feed_forward = ia3_choice(model.model_type, options).feed_forward;
  std::vector<Ia3Layer> layers;
  for (const ParameterOutline& one : model.parameters)
    if (one.kind != Kind::embedding && has_adapter(model, one, lora))
      layers.push_back({&one, scales_input(one.module(), feed_forward)});
  return layers;
}

std::int64_t added_parameters(const ModelOutline& model, const MethodOptions& method) {
  const ModelSizes& s = model.sizes;
  if (const auto* lora = lora_of(method)) return lora_parameters(model, *lora);
  if (const auto* adapter = std::get_if<AdapterOptions>(&method)) {
    const std::int64_t inner = bottleneck(model, *adapter), sites = adapter->placement == "houlsby" ? 2 : 1;
    // Of Whisper's labelling models the encoder alone is there.
    const bool half = model.head == "audio_classification" && model.family == "whisper";
    return (half ? s.layers / 2 : s.layers) * sites * (2 * s.channels * inner + inner + s.channels);
  }
  if (const auto* ia3 = std::get_if<Ia3Options>(&method)) {
    std::int64_t sum = 0;
    for (const Ia3Layer& layer : ia3_layers(model, *ia3)) {
      const auto [out, in] = sides_of(model, *layer.weight);
      sum += layer.feed_forward ? in : out;
    }
    return sum;
  }
  if (const auto* prompt = std::get_if<PromptTuningOptions>(&method)) return prompt->virtual_tokens * s.channels;
  if (const auto* prefix = std::get_if<PrefixTuningOptions>(&method)) {
    // An encoder-decoder's prefix is its decoder's, as many layers as the encoder has (PEFT).
    const std::int64_t layers = model.head == "seq2seq_lm" ? s.layers / 2 : s.layers;
    const std::int64_t channels = key_channels(model), all = layers * 2 * channels;
    if (!prefix->projection) return prefix->virtual_tokens * all;
    const std::int64_t inner = prefix->projection_size;
    return prefix->virtual_tokens * channels + inner * (channels + 1) + all * (inner + 1);
  }
  return 0;
}

namespace {

/// Whether a parameter trains under a method that treats all blocks alike.
bool trains(const ModelOutline& model, const MethodOptions& method, const ParameterOutline& parameter) {
  if (const auto* full = std::get_if<FullOptions>(&method))
    return full->train_embeddings ||
           (parameter.kind != Kind::embedding && parameter.name.find(".embeddings.") == std::string::npos);
  if (std::holds_alternative<FeatureExtractionOptions>(method)) return parameter.in_head;
  // Every other method leaves the model frozen but for what it trains whole.
  return std::visit(
      [&](const auto& options) {
        if constexpr (requires { options.modules_to_save; })
          return is_trained_whole(model, parameter, options.modules_to_save);
        else
          return false;
      },
      method);
}

/// Of all blocks that ever join.
std::vector<bool> joining_parameters(const ModelOutline& model, const LayerwiseOptions& options) {
  std::vector<std::pair<std::string, bool>> parameters;
  std::vector<std::size_t> places;
  for (std::size_t i = 0; i < model.parameters.size(); ++i) {
    const ParameterOutline& one = model.parameters[i];
    if (!one.tied_to.empty()) continue;
    parameters.emplace_back(one.name, one.in_head);
    places.push_back(i);
  }
  const std::vector<Block> blocks = layer_blocks(parameters);
  std::vector<std::string> names;
  for (const Block& block : blocks) names.push_back(block.name);
  const std::vector<std::int64_t> starts = block_starts(options, names, 1, 1);
  std::vector<bool> joining(model.parameters.size());
  for (std::size_t i = 0; i < blocks.size(); ++i)
    for (const std::size_t parameter : blocks[i].parameters) joining[places[parameter]] = starts[i] != kNever;
  return joining;
}

}  // namespace

std::vector<bool> trained_parameters(const ModelOutline& model, const MethodOptions& method) {
  if (const auto* layerwise = std::get_if<LayerwiseOptions>(&method)) return joining_parameters(model, *layerwise);
  std::vector<bool> trained;
  for (const ParameterOutline& one : model.parameters) trained.push_back(trains(model, method, one));
  return trained;
}

std::int64_t trainable_parameters(const ModelOutline& model, const MethodOptions& method) {
  std::int64_t sum = added_parameters(model, method);
  const std::vector<bool> trained = trained_parameters(model, method);
  for (std::size_t i = 0; i < trained.size(); ++i)
    if (trained[i] && model.parameters[i].tied_to.empty()) sum += model.parameters[i].elements();
  return sum;
}

}  // namespace luthier
