#include "methods/attach.h"
#include "methods/name_pattern.h"

namespace luthier {

Attached attach_full(Model& model, const FullOptions& options) {
  const Tensor embedding = model.input_embedding();
  for (auto& [name, parameter] : model.unique_parameters()) {
    const bool is_embedding = parameter.is_same(embedding) || lies_in_any(name, {"embeddings", "embed_tokens"});
    Tensor(parameter).requires_grad_(options.train_embeddings || !is_embedding);
  }
  return attached(model);
}

}  // namespace luthier
