#pragma once
// Which layers get an adapter, with which rank and scale, and which modules train whole beside them: PEFT's rules.
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "methods/method.h"
#include "methods/name_pattern.h"
#include "methods/peft_config.h"
#include "nn/linear.h"

namespace luthier {

using NamedLayer = std::pair<std::string, std::shared_ptr<nn::AdaptedLayer>>;

/// Every layer with a slot for an adapter by its dotted name, in the order of registration.
std::vector<NamedLayer> adaptable_layers(const Model& model);

/// Rank and alpha of a layer: the first pattern that matches a whole dotted ending of its name, else the common value.
class ByPattern {
 public:
  ByPattern(double common, const std::vector<std::pair<std::string, double>>& patterns, const std::string& where);
  double of(const std::string& name) const;

 private:
  double common_;
  std::vector<std::pair<NameTest, double>> patterns_;
};

/// alpha / rank, or alpha / sqrt(rank) when rank-stabilised (Kalajdzievski 2023).
double lora_scale(double alpha, std::int64_t rank, bool rank_stabilised);

/// What a method with adapters goes into: PEFT's rules.
struct TargetRules {
  std::vector<std::string> targets;
  bool is_list = false;
  std::vector<std::int64_t> blocks;  ///< numbers of the blocks; empty: all, and what is outside of them
};

/// The layers that the rules name, without those in `whole`. bad_input, with what there is, when they match none;
/// unsupported where a named layer takes no adapter.
std::vector<NamedLayer> targeted_layers(Model& model, const TargetRules& rules, const std::vector<std::string>& whole);

/// Modules named in modules_to_save, heads of classifiers included: the dotted names of the modules that train whole.
/// bad_input for an entry of `wanted` that is in no module's name.
std::vector<std::string> whole_modules(const Model& model, const std::vector<std::string>& wanted, bool new_head);

/// True for a language model's output layer, whose losses read its weight alone: it takes no adapter.
bool is_output_layer(Model& model, const nn::AdaptedLayer& layer);

/// Names for an error or a hint: at most `most`, comma-separated.
std::string some_of(const std::vector<std::string>& names, std::size_t most = 12);

/// Why a layer cannot take a LoRA; empty when it can: an output layer's losses read its weight alone, and of the
/// embeddings only the token's table is read through its layer.
std::string why_no_lora(Model& model, const nn::AdaptedLayer& layer);

/// What adapter_config.json says of these layers' adapters, all of one type. At least one layer.
PeftConfig config_of_adapters(const Model& model, const std::vector<NamedLayer>& adapted);

/// Whether a parameter is part of an adapter: "...lora_A.weight", "...lora_magnitude_vector", "...ia3_l".
bool is_adapter_parameter(const std::string& name);

Attached attach_lora(Model& model, const LoraOptions& options, bool new_head, std::uint64_t seed);
/// LoRA beside weights that are quantised here, where loading has not done so already.
Attached attach_qlora(Model& model, const QloraOptions& options, bool new_head, std::uint64_t seed);
Attached attach_ia3(Model& model, const Ia3Options& options, bool new_head);

}  // namespace luthier
