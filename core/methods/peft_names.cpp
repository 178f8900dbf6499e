// What adapter_config.json says of the adapters in a model.
#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <regex>
#include <set>

#include "base/strings.h"
#include "methods/lora.h"
#include "methods/peft_config.h"

namespace luthier {

namespace {

/// The shortest ending of `name` that no other module's name has.
std::string shortest_ending(const std::string& name, const std::vector<std::string>& others) {
  for (auto dot = name.rfind('.'); dot != std::string::npos && dot > 0; dot = name.rfind('.', dot - 1)) {
    const std::string ending = name.substr(dot + 1);
    if (std::none_of(others.begin(), others.end(), [&](const auto& other) { return ends_in_any(other, {ending}); }))
      return ending;
  }
  return name;
}

template <class Value>
Value most_frequent(const std::vector<Value>& values) {
  std::map<Value, int> counts;
  for (const Value& value : values) ++counts[value];
  return std::max_element(counts.begin(), counts.end(), [](auto& x, auto& y) { return x.second < y.second; })->first;
}

/// The modules that hold parameters which train whole, each named by the largest module of which all trains.
std::vector<std::string> trained_modules(const Model& model) {
  std::vector<std::pair<std::string, bool>> parameters;
  for (const auto& [name, parameter] : model.unique_parameters())
    if (!is_adapter_parameter(name)) parameters.emplace_back(name, parameter.requires_grad());
  const auto all_train = [&](const std::string& module) {
    return std::all_of(parameters.begin(), parameters.end(),
                       [&](const auto& entry) { return entry.second || !entry.first.starts_with(module + "."); });
  };
  std::vector<std::string> modules;
  for (const auto& [name, trains] : parameters) {
    if (!trains) continue;
    std::string module = name.substr(0, name.rfind('.'));
    for (auto dot = module.rfind('.'); dot != std::string::npos && all_train(module.substr(0, dot));
         dot = module.rfind('.'))
      module.resize(dot);
    if (std::find(modules.begin(), modules.end(), module) == modules.end()) modules.push_back(module);
  }
  return modules;
}

/// Where PEFT looks for the number of a layer: the last number between dots that has a name of its own before it.
std::int64_t number_in_peft(const std::string& name) {
  static const std::regex pattern(R"(.*\.[^.]*\.(\d{1,4})\..*)");
  std::smatch found;
  return std::regex_match(name, found, pattern) ? std::stoll(found[1]) : -1;
}

bool keeps_in_out(const nn::AdaptedLayer& layer) {
  const auto* linear = dynamic_cast<const nn::Linear*>(&layer);
  return linear && linear->layout() == nn::WeightLayout::in_out;
}

std::vector<std::string> names_of(const std::vector<NamedLayer>& layers) {
  std::vector<std::string> names;
  for (const auto& [name, layer] : layers) names.push_back(name);
  return names;
}

std::vector<std::string> endings_of(const std::vector<std::string>& names, const std::vector<std::string>& others) {
  std::set<std::string> endings;
  for (const std::string& name : names) endings.insert(shortest_ending(name, others));
  return {endings.begin(), endings.end()};
}

/// Name endings that take the adapted layers alone: short ones, with the numbers of the blocks where the same layers of
/// other blocks have none. Returns the modules that they must not take.
std::vector<std::string> set_targets(const Model& model, const std::vector<std::string>& adapted, PeftConfig& config) {
  std::set<std::int64_t> blocks;
  for (const std::string& name : adapted) blocks.insert(number_in_peft(name));
  std::vector<std::string> others, in_blocks;
  for (const auto& module : model.named_modules("", /*include_self=*/false)) {
    const std::string& name = module.key();
    if (contains(adapted, name) || lies_in_any(name, config.modules_to_save)) continue;
    others.push_back(name);
    const std::int64_t number = number_in_peft(name);
    if (number < 0 || blocks.contains(number)) in_blocks.push_back(name);
  }
  config.targets = endings_of(adapted, others);
  if (config.type != "LORA" || blocks.contains(-1)) return others;
  const std::vector<std::string> short_ones = endings_of(adapted, in_blocks);
  if (short_ones == config.targets) return others;
  config.targets = short_ones;
  config.blocks.assign(blocks.begin(), blocks.end());
  return others;
}

void set_lora(const std::vector<NamedLayer>& adapted, PeftConfig& config) {
  std::vector<std::int64_t> ranks;
  std::vector<double> alphas;
  for (const auto& [name, layer] : adapted) {
    const nn::Lora& lora = *layer->lora();
    ranks.push_back(lora.a.size(0));
    alphas.push_back(lora.alpha);
    if (lora.a.size(0) > 1) config.rank_stabilised = lora.scale == lora_scale(lora.alpha, lora.a.size(0), true);
    config.dropout = lora.dropout;
    config.dora = lora.magnitude.defined();
  }
  config.rank = most_frequent(ranks);
  config.alpha = most_frequent(alphas);
  for (std::size_t i = 0; i < adapted.size(); ++i) {
    if (ranks[i] != config.rank) config.rank_pattern.emplace_back(adapted[i].first, static_cast<double>(ranks[i]));
    if (alphas[i] != config.alpha) config.alpha_pattern.emplace_back(adapted[i].first, alphas[i]);
  }
}

/// PEFT wants the names of feed-forward layers among the targets, letter by letter. `others` are not adapted.
void set_feed_forward(const std::vector<NamedLayer>& adapted, std::vector<std::string> others, PeftConfig& config) {
  std::vector<std::string> inputs, outputs;
  for (const auto& [name, layer] : adapted) (layer->channel_scale()->on_input ? inputs : outputs).push_back(name);
  config.targets = endings_of(outputs, others);
  others.insert(others.end(), outputs.begin(), outputs.end());
  config.feed_forward = endings_of(inputs, others);
  config.targets.insert(config.targets.end(), config.feed_forward.begin(), config.feed_forward.end());
}

}  // namespace

PeftConfig config_of_adapters(const Model& model, const std::vector<NamedLayer>& adapted) {
  PeftConfig config;
  for (const auto& [name, layer] : adapted) config.transposed = config.transposed || keeps_in_out(*layer);
  const bool classifier =
      model.head_kind() == Head::sequence_classification || model.head_kind() == Head::token_classification;
  if (classifier) config.modules_to_save = {"classifier", "score"};
  for (const std::string& module : trained_modules(model))
    if (!classifier || !(module.ends_with("classifier") || module.ends_with("score")))
      config.modules_to_save.push_back(module);
  const bool lora = adapted.front().second->lora().has_value();
  if (!lora) config.type = "IA3";
  if (lora) set_lora(adapted, config);
  const std::vector<std::string> others = set_targets(model, names_of(adapted), config);
  if (!lora) set_feed_forward(adapted, others, config);
  return config;
}

}  // namespace luthier
