#include "models/stored.h"

namespace luthier {

NamedTensors stored_tensors(const Model& model) {
  NamedTensors tensors = model.unique_parameters();
  for (const auto& buffer : model.named_buffers()) tensors.emplace_back(buffer.key(), buffer.value());
  return tensors;
}

}  // namespace luthier
