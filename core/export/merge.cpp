#include "export/merge.h"

#include <c10/core/GradMode.h>

#include <cmath>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "methods/method.h"
#include "models/config.h"
#include "models/families.h"
#include "models/quantise.h"
#include "nn/linear.h"

namespace luthier {

std::shared_ptr<Model> merged_copy(Model& model) {
  check_mergeable(model);
  const c10::NoGradGuard no_grad;
  std::map<std::string, Tensor> values;
  for (const auto& parameter : model.named_parameters()) values[parameter.key()] = parameter.value().detach();
  for (const auto& buffer : model.named_buffers()) values[buffer.key()] = buffer.value();
  Json config = model.config();
  const Tensor embedding = model.input_embedding(), output = model.output_weight();
  const bool tied = embedding.defined() && output.defined() && output.is_same(embedding);
  for (const auto& entry : model.named_modules()) {
    const auto layer = std::dynamic_pointer_cast<nn::AdaptedLayer>(entry.value());
    const auto linear = std::dynamic_pointer_cast<nn::Linear>(entry.value());
    if (!layer || !(layer->has_adapter() || (linear && linear->quantised()))) continue;
    if (tied && layer->weight.is_same(embedding)) untie_output(config);
    values[entry.key() + ".weight"] = layer->merged_weight();
    if (layer->bias.defined()) values[entry.key() + ".bias"] = layer->merged_bias().detach();
  }

  const std::shared_ptr<Model> copy =
      modules_of(config).make(config, model.head_kind(), model.label_names(), /*dropout=*/-1);
  const auto fill = [&](const std::string& name, Tensor target) {
    const auto found = values.find(name);
    if (found == values.end() || found->second.sizes() != target.sizes())
      fail(ErrorKind::internal, "the merged model would lack a weight of its own", name);
    target.set_data(found->second);
  };
  // What several modules share has one name: under the others stands what the table was before it was merged.
  for (const auto& [name, parameter] : copy->unique_parameters()) fill(name, parameter);
  for (const auto& buffer : copy->named_buffers()) fill(buffer.key(), buffer.value());
  copy->eval();
  return copy;
}

double quantisation_difference(const Model& model, const std::filesystem::path& base) {
  const c10::NoGradGuard no_grad;
  if (!quantisation_of(model)) return 0;
  LoadOptions options;
  options.head = model.head_kind();
  options.labels = model.label_names();
  const std::shared_ptr<Model> original = load_model(base, options);
  const auto weights = original->named_parameters();
  double off = 0, whole = 0;
  for (const auto& entry : model.named_modules()) {
    const auto* layer = entry.value()->as<nn::Linear>();
    const Tensor* weight = layer && layer->quantised() ? weights.find(entry.key() + ".weight") : nullptr;
    if (!weight) continue;
    off += layer->weight_values().cpu().sub(*weight).square().sum(at::kDouble).item<double>();
    whole += weight->square().sum(at::kDouble).item<double>();
  }
  return whole > 0 ? std::sqrt(off / whole) : 0;
}

}  // namespace luthier
