#pragma once
// Which layers get a LoRA, with which rank and scale, and which modules train whole beside them: PEFT's rules.
#include <cstdint>
#include <memory>
#include <string>
#include <utility>
#include <vector>

#include "methods/method.h"
#include "methods/name_pattern.h"
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

/// Modules named in modules_to_save, heads of classifiers included: the dotted names of the modules that train whole.
/// bad_input for an entry of `wanted` that is in no module's name.
std::vector<std::string> whole_modules(const Model& model, const std::vector<std::string>& wanted, bool new_head);

/// True for a language model's output layer, whose losses read its weight alone: it takes no adapter.
bool is_output_layer(Model& model, const nn::AdaptedLayer& layer);

/// Names for an error or a hint: at most `most`, comma-separated.
std::string some_of(const std::vector<std::string>& names, std::size_t most = 12);

Attached attach_lora(Model& model, const LoraOptions& options, bool new_head, std::uint64_t seed);

}  // namespace luthier
