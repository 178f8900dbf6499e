#include "methods/attach.h"
#include "methods/name_pattern.h"

namespace luthier {

namespace {
/// Modules that hold a row a token or position, beside the model's own input embedding.
const std::vector<std::string> kTables = {"embeddings", "embed_tokens", "embed_positions", "wpe",
                                          "relative_attention_bias"};
}  // namespace

Attached attach_full(Model& model, const FullOptions& options) {
  const Tensor embedding = model.input_embedding();
  for (auto& [name, parameter] : model.unique_parameters()) {
    const bool is_embedding = parameter.is_same(embedding) || lies_in_any(name, kTables);
    Tensor(parameter).requires_grad_(options.train_embeddings || !is_embedding);
  }
  return attached(model);
}

}  // namespace luthier
