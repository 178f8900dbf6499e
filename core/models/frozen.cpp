#include "models/frozen.h"

#include <map>

#include "base/error.h"
#include "models/quantise.h"

namespace luthier {

void narrow_frozen(Model& model, at::ScalarType type) {
  for (const auto& [name, layer] : linear_layers_below_head(model, {}))
    if (!layer->quantised() && !layer->weight.requires_grad()) layer->weight.set_data(layer->weight.to(type));
}

void widen_frozen(Model& model, const std::filesystem::path& base) {
  std::map<std::string, std::shared_ptr<nn::Linear>> narrowed;
  for (const auto& [name, layer] : linear_layers_below_head(model, {}))
    if (!layer->quantised() && layer->weight.scalar_type() != at::kFloat) narrowed.emplace(name + ".weight", layer);
  if (narrowed.empty()) return;
  LoadOptions options;
  options.head = model.head_kind();
  options.labels = model.label_names();
  for (const auto& [name, values] : load_model(base, options)->unique_parameters()) {
    const auto found = narrowed.find(name);
    if (found == narrowed.end()) continue;
    nn::Linear& layer = *found->second;
    layer.weight.set_data(values.detach().to(layer.weight.device()));
    narrowed.erase(found);
  }
  if (!narrowed.empty())
    fail(ErrorKind::internal, "a frozen weight is not in the base model any more", narrowed.begin()->first);
}

}  // namespace luthier
