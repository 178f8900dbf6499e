#pragma once
// What a method makes of a model: which parameters train, which it adds. trainable_parameters and the LoRA's own
// figures are in outline.h.
#include <cstdint>
#include <string>
#include <vector>

#include "recipe/outline.h"
#include "recipe/recipe.h"

namespace luthier {

/// A linear layer's inputs and outputs, whichever way round its weight is stored; of convolutions the inputs count the
/// kernel.
struct LayerSize {
  std::int64_t in = 0, out = 0;
};
LayerSize layer_size(const ModelOutline& model, const ParameterOutline& weight);

/// Parameters that exist only because of the method: LoRA's factors, bottlenecks, IA3's factors, virtual tokens.
std::int64_t added_parameters(const ModelOutline& model, const MethodOptions& method);

/// Of each of the model's own parameters whether it trains at any time of the run.
std::vector<bool> trained_parameters(const ModelOutline& model, const MethodOptions& method);

/// Layers that IA3 scales (their output, or their input where `feed_forward`), by their weight's outline.
struct Ia3Layer {
  const ParameterOutline* weight = nullptr;
  bool feed_forward = false;
};
std::vector<Ia3Layer> ia3_layers(const ModelOutline& model, const Ia3Options& options);

/// Channels of an adapter's bottleneck.
std::int64_t bottleneck(const ModelOutline& model, const AdapterOptions& options);

/// Channels of one layer's keys (and of its values): less than the model's with grouped queries.
std::int64_t key_channels(const ModelOutline& model);

}  // namespace luthier
