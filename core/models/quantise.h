#pragma once
// Which of a model's weights are kept in few bits: the linear layers below its head.
#include <memory>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "models/model.h"
#include "nn/linear.h"

namespace luthier {

/// Linear layers by their dotted names: below the head, and no output layer. A layer whose name ends with one of keep's
/// entries, or lies in a module whose name does, is left out. Empty for convolutional networks.
std::vector<std::pair<std::string, std::shared_ptr<nn::Linear>>> linear_layers_below_head(
    Model& model, const std::vector<std::string>& keep);

/// These are quantised. unsupported, with what to choose instead, when there is none.
std::vector<std::pair<std::string, std::shared_ptr<nn::Linear>>> layers_to_quantise(
    Model& model, const std::vector<std::string>& keep);

/// Quantises what is not yet. A layer that has an adapter stays as it is.
void quantise_layers(Model& model, const Quantisation& quantisation);

/// How a model's weights are kept in few bits; nullopt where none are.
std::optional<nn::QuantiseOptions> quantisation_of(const Model& model);

}  // namespace luthier
