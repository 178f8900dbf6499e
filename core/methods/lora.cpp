#include "methods/lora.h"

#include <ATen/CPUGeneratorImpl.h>

#include <algorithm>
#include <cctype>
#include <cmath>

#include "base/error.h"
#include "methods/attach.h"

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

bool is_all_linear(const LoraOptions& options) {
  if (options.targets_is_list || options.targets.size() != 1) return false;
  std::string text = options.targets[0];
  std::transform(text.begin(), text.end(), text.begin(), [](unsigned char c) { return std::tolower(c); });
  return text == "all-linear";
}

NameTest target_test(const LoraOptions& options) {
  if (is_all_linear(options)) return [](const std::string&) { return true; };
  if (!options.targets_is_list && options.targets.size() == 1) return full_match(options.targets[0], "method.targets");
  return [endings = options.targets](const std::string& name) { return ends_in_any(name, endings); };
}

std::vector<NamedLayer> targeted_layers(Model& model, const LoraOptions& options,
                                        const std::vector<std::string>& whole) {
  const bool all = is_all_linear(options);
  const NameTest wanted = target_test(options);
  const std::vector<std::string> heads = model.head_modules();
  const std::vector<NamedLayer> layers = adaptable_layers(model);
  const auto is_linear = [](const NamedLayer& one) { return dynamic_cast<nn::Linear*>(one.second.get()) != nullptr; };
  const bool convolutional = std::none_of(layers.begin(), layers.end(), [&](const NamedLayer& one) {
    return is_linear(one) && !lies_in_any(one.first, heads);
  });
  std::vector<NamedLayer> targets;
  std::vector<std::string> known, output_layers;
  for (const auto& [name, layer] : layers) {
    const bool linear = is_linear({name, layer});
    if (linear || layer->takes_lora()) known.push_back(name);
    // "all-linear" means what its name says; convolutions take an adapter where they are named, and in networks that
    // have nothing else below their head.
    if (!wanted(name) || lies_in_any(name, whole)) continue;
    if (all && !linear && !(convolutional && layer->takes_lora())) continue;
    if (is_output_layer(model, *layer))
      output_layers.push_back(name);
    else if (!all || !is_classifier(model) || !lies_in_any(name, heads))
      targets.emplace_back(name, layer);
  }
  if (!output_layers.empty() && !all)
    fail(ErrorKind::unsupported, "the output layer " + output_layers[0] + " takes no LoRA", "method.targets",
         "leave it out of the targets, or name it in modules_to_save to train it whole");
  if (targets.empty())
    fail(ErrorKind::bad_input, "the LoRA targets " + some_of(options.targets) + " match no layer of the model",
         "method.targets", "there are " + some_of(known) + "; \"all-linear\" takes all of them");
  return targets;
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
  return output.defined() && output.is_same(layer.weight);
}

Attached attach_lora(Model& model, const LoraOptions& options, bool new_head, std::uint64_t seed) {
  const std::vector<std::string> whole = whole_modules(model, options.modules_to_save, new_head);
  const std::vector<NamedLayer> targets = targeted_layers(model, options, whole);
  const ByPattern ranks(static_cast<double>(options.rank), options.rank_pattern, "method.rank_pattern");
  const ByPattern alphas(options.alpha, options.alpha_pattern, "method.alpha_pattern");
  freeze_all(model);
  const at::Generator generator = at::detail::createCPUGenerator(seed);
  for (const auto& [name, layer] : targets) {
    const auto rank = static_cast<std::int64_t>(ranks.of(name));
    const double alpha = alphas.of(name);
    layer->add_lora(rank, lora_scale(alpha, rank, options.rank_stabilised), alpha, options.dropout, generator);
  }
  train_modules(model, whole);
  return attached(model);
}

}  // namespace luthier
