#include "models/stored.h"

#include "nn/linear.h"

namespace luthier {

NamedTensors kept_tensors(const Model& model) {
  NamedTensors tensors = model.unique_parameters();
  for (const auto& buffer : model.named_buffers())
    if (!nn::is_quantised_buffer(buffer.key())) tensors.emplace_back(buffer.key(), buffer.value());
  return tensors;
}

NamedTensors stored_tensors(const Model& model) {
  NamedTensors tensors = kept_tensors(model);
  for (const auto& module : model.named_modules("", /*include_self=*/false))
    if (const auto* layer = module.value()->as<nn::Linear>(); layer && layer->quantised())
      tensors.emplace_back(module.key() + ".weight", layer->weight_values());
  return tensors;
}

}  // namespace luthier
