#include "methods/lora.h"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "base/error.h"
#include "methods/attach.h"
#include "models/quantise.h"
#include "nn/conv2d.h"
#include "nn/embedding.h"
#include "recipe/targets.h"

namespace luthier {

namespace {

/// PEFT trains and saves what classifiers call their head; it looks at the end of module names, without a dot.
const std::vector<std::string> kClassifierHeads = {"classifier", "score"};

bool is_classifier(const Model& model) {
  return classifies_rows(model.head_kind()) || model.head_kind() == Head::token_classification;
}

std::vector<std::string> module_names(const Model& model) {
  std::vector<std::string> names;
  for (const auto& module : model.named_modules("", /*include_self=*/false)) names.push_back(module.key());
  return names;
}

bool is_all_linear(const TargetRules& rules) {
  if (rules.is_list || rules.targets.size() != 1) return false;
  std::string text = rules.targets[0];
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text == "all-linear";
}

NameTest target_test(const TargetRules& rules) {
  if (is_all_linear(rules)) return [](const std::string&) { return true; };
  if (!rules.is_list && rules.targets.size() == 1) return full_match(rules.targets[0], "method.targets");
  return [endings = rules.targets](const std::string& name) { return ends_in_any(name, endings); };
}

template <class Layer>
bool is_a(const NamedLayer& one) {
  return dynamic_cast<const Layer*>(one.second.get()) != nullptr;
}

}  // namespace

std::string some_of(const std::vector<std::string>& names, std::size_t most) {
  std::string text;
  for (std::size_t i = 0; i < std::min(names.size(), most); ++i) text += (i > 0 ? ", " : "") + names[i].substr(0, 200);
  if (names.size() > most) text += " and " + std::to_string(names.size() - most) + " more";
  return text.empty() ? "none" : text;
}

std::vector<NamedLayer> adaptable_layers(const Model& model) {
  std::vector<NamedLayer> layers;
  for (const auto& module : model.named_modules("", /*include_self=*/false))
    if (auto layer = std::dynamic_pointer_cast<nn::AdaptedLayer>(module.value()))
      layers.emplace_back(module.key(), layer);
  return layers;
}

ByPattern::ByPattern(double common, const std::vector<std::pair<std::string, double>>& patterns,
                     const std::string& where)
    : common_(common) {
  for (const auto& [pattern, value] : patterns)
    patterns_.emplace_back(full_match("(?:.*\\.)?(?:" + pattern + ")", where), value);
}

double ByPattern::of(const std::string& name) const {
  for (const auto& [matches, value] : patterns_)
    if (matches(name)) return value;
  return common_;
}

double lora_scale(double alpha, std::int64_t rank, bool rank_stabilised) {
  const auto size = static_cast<double>(rank);
  return alpha / (rank_stabilised ? std::sqrt(size) : size);
}

std::vector<std::string> whole_modules(const Model& model, const std::vector<std::string>& wanted, bool new_head) {
  const std::vector<std::string> names = module_names(model);
  std::vector<std::string> whole;
  const auto add = [&](const std::string& name) {
    if (std::find(whole.begin(), whole.end(), name) == whole.end()) whole.push_back(name);
  };
  for (const std::string& entry : wanted) {
    bool found = false;
    for (const std::string& name : names)
      if (!entry.empty() && name.ends_with(entry)) {
        add(name);
        found = true;
      }
    if (!found)
      fail(ErrorKind::bad_input, "there is no module named \"" + entry + "\" to train whole", "method.modules_to_save",
           "give the end of a module's name, such as " + some_of(model.head_modules()));
  }
  if (is_classifier(model))
    for (const std::string& name : names)
      if (std::any_of(kClassifierHeads.begin(), kClassifierHeads.end(),
                      [&](const std::string& head) { return name.ends_with(head); }))
        add(name);
  if (is_classifier(model) || new_head)
    for (const std::string& name : model.head_modules()) add(name);
  return whole;
}

bool is_output_layer(Model& model, const nn::AdaptedLayer& layer) {
  const Tensor output = model.output_weight();
  return output.defined() && output.is_same(layer.weight) && !dynamic_cast<const nn::Embedding*>(&layer);
}

std::string why_no_lora(Model& model, const nn::AdaptedLayer& layer) {
  if (is_output_layer(model, layer)) return "the output layer takes no adapter";
  if (dynamic_cast<const nn::Embedding*>(&layer) && !layer.weight.is_same(model.input_embedding()))
    return "of the embeddings, only the table of tokens takes a LoRA";
  return layer.takes_lora() ? "" : "a convolution in groups takes no LoRA";
}

bool is_adapter_parameter(const std::string& name) {
  return lies_in_any(name,
                     {"lora_A", "lora_B", "lora_magnitude_vector", "lora_embedding_A", "lora_embedding_B", "ia3_l"});
}

std::vector<NamedLayer> targeted_layers(Model& model, const TargetRules& rules, const std::vector<std::string>& whole) {
  const bool all = is_all_linear(rules);
  const NameTest wanted = target_test(rules);
  const std::vector<std::string> heads = model.head_modules();
  const std::vector<NamedLayer> layers = adaptable_layers(model);
  const bool convolutional = std::none_of(layers.begin(), layers.end(), [&](const NamedLayer& one) {
    return is_a<nn::Linear>(one) && !lies_in_any(one.first, heads);
  });
  const auto in_blocks = [&](const std::string& name) {
    return rules.blocks.empty() ||
           std::find(rules.blocks.begin(), rules.blocks.end(), block_of(name)) != rules.blocks.end();
  };
  std::vector<NamedLayer> targets;
  std::vector<std::string> known;
  for (const NamedLayer& one : layers) {
    const auto& [name, layer] = one;
    const bool linear = is_a<nn::Linear>(one), takes = layer->takes_lora();
    if (takes && !is_a<nn::Embedding>(one)) known.push_back(name);
    // "all-linear" means what its name says; convolutions take an adapter where they are named, and in networks that
    // have nothing else below their head.
    if (!wanted(name) || lies_in_any(name, whole) || !in_blocks(name)) continue;
    if (all && !linear && !(convolutional && is_a<nn::Conv2d>(one) && takes)) continue;
    if (all && (is_output_layer(model, *layer) || (is_classifier(model) && lies_in_any(name, heads)))) continue;
    if (const std::string why = why_no_lora(model, *layer); !why.empty() && takes)
      fail(ErrorKind::unsupported, why + ": " + name, "method.targets",
           "leave it out of the targets, or name it in modules_to_save to train it whole");
    targets.push_back(one);
  }
  if (targets.empty())
    fail(ErrorKind::bad_input,
         "the targets " + some_of(rules.targets) + " match no layer of the model" +
             (rules.blocks.empty() ? "" : " in these blocks"),
         "method.targets", "there are " + some_of(known) + "; \"all-linear\" takes all of them");
  return targets;
}

Attached attach_lora(Model& model, const LoraOptions& options, bool new_head, std::uint64_t seed) {
  const std::vector<std::string> whole = whole_modules(model, options.modules_to_save, new_head);
  const std::vector<NamedLayer> targets = targeted_layers(
      model, {options.targets, options.targets_is_list, block_numbers(options.layers, "method.layers")}, whole);
  const ByPattern ranks(static_cast<double>(options.rank), options.rank_pattern, "method.rank_pattern");
  const ByPattern alphas(options.alpha, options.alpha_pattern, "method.alpha_pattern");
  freeze_all(model);
  const at::Generator generator = at::detail::createCPUGenerator(seed);
  for (const auto& [name, layer] : targets) {
    const auto rank = static_cast<std::int64_t>(ranks.of(name));
    const double alpha = alphas.of(name);
    layer->add_lora(rank, lora_scale(alpha, rank, options.rank_stabilised), alpha, options.dropout, generator,
                    options.dora);
  }
  train_modules(model, whole);
  Attached result = attached(model);
  for (std::size_t i = 0; i < result.trainable.size(); ++i)
    if (lies_in_any(result.trainable[i].first, {"lora_B", "lora_embedding_B"}))
      result.rate_scales[i] = options.rate_ratio;
  return result;
}

Attached attach_qlora(Model& model, const QloraOptions& options, bool new_head, std::uint64_t seed) {
  const std::vector<std::string> whole = whole_modules(model, options.modules_to_save, new_head);
  quantise_layers(model, {{nn::quantised_type(options.type), options.block, options.double_quantisation}, whole});
  return attach_lora(model, options, new_head, seed);
}

}  // namespace luthier
