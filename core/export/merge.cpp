#include "export/merge.h"

#include <c10/core/GradMode.h>

#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "models/families.h"
#include "nn/adapted_layer.h"

namespace luthier {

std::shared_ptr<Model> merged_copy(Model& model) {
  const c10::NoGradGuard no_grad;
  std::map<std::string, Tensor> values;
  for (const auto& parameter : model.named_parameters()) values[parameter.key()] = parameter.value().detach();
  for (const auto& buffer : model.named_buffers()) values[buffer.key()] = buffer.value();
  Json config = model.config();
  const Tensor embedding = model.input_embedding();
  for (const auto& entry : model.named_modules()) {
    const auto layer = std::dynamic_pointer_cast<nn::AdaptedLayer>(entry.value());
    if (!layer || !layer->lora()) continue;
    if (layer->weight.unsafeGetTensorImpl() == embedding.unsafeGetTensorImpl()) config["tie_word_embeddings"] = false;
    values[entry.key() + ".weight"] = layer->weight.detach().add(layer->lora_update());
  }

  const std::shared_ptr<Model> copy =
      modules_of(config).make(config, model.head_kind(), model.label_names(), /*dropout=*/-1);
  const auto fill = [&](const std::string& name, Tensor target) {
    const auto found = values.find(name);
    if (found == values.end() || found->second.sizes() != target.sizes())
      fail(ErrorKind::internal, "the merged model would lack a weight of its own", name);
    target.set_data(found->second);
  };
  for (const auto& parameter : copy->named_parameters()) fill(parameter.key(), parameter.value());
  for (const auto& buffer : copy->named_buffers()) fill(buffer.key(), buffer.value());
  copy->eval();
  return copy;
}

}  // namespace luthier
