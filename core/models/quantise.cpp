#include "models/quantise.h"

#include <algorithm>

#include "base/error.h"

namespace luthier {

namespace {
/// True when `name`, or a module that it lies in, ends with one of these: PEFT reads modules_to_save so.
bool lies_in_one_that_ends_in(const std::string& name, const std::vector<std::string>& endings) {
  for (std::size_t end = 0; end != std::string::npos;) {
    end = name.find('.', end + 1);
    const std::string outer = name.substr(0, end);
    if (std::any_of(endings.begin(), endings.end(),
                    [&](const std::string& ending) { return !ending.empty() && outer.ends_with(ending); }))
      return true;
  }
  return false;
}
}  // namespace

std::vector<std::pair<std::string, std::shared_ptr<nn::Linear>>> linear_layers_below_head(
    Model& model, const std::vector<std::string>& keep) {
  const Tensor output = model.output_weight(), embedding = model.input_embedding();
  const std::vector<std::string> heads = model.head_modules();
  const auto in_head = [&](const std::string& name) {
    return std::any_of(heads.begin(), heads.end(),
                       [&](const std::string& head) { return name == head || name.starts_with(head + "."); });
  };
  std::vector<std::pair<std::string, std::shared_ptr<nn::Linear>>> layers;
  for (const auto& module : model.named_modules("", /*include_self=*/false)) {
    const auto layer = std::dynamic_pointer_cast<nn::Linear>(module.value());
    if (!layer || in_head(module.key()) || lies_in_one_that_ends_in(module.key(), keep)) continue;
    const auto is = [&](const Tensor& other) { return other.defined() && layer->weight.is_same(other); };
    if (!is(output) && !is(embedding)) layers.emplace_back(module.key(), layer);
  }
  return layers;
}

std::vector<std::pair<std::string, std::shared_ptr<nn::Linear>>> layers_to_quantise(
    Model& model, const std::vector<std::string>& keep) {
  auto layers = linear_layers_below_head(model, keep);
  if (layers.empty())
    fail(ErrorKind::unsupported,
         "a " + model.family() + " has no linear layers below its head that could be kept in few bits", "method.kind",
         "choose lora, which goes into its convolutions, or full");
  return layers;
}

void quantise_layers(Model& model, const Quantisation& quantisation) {
  for (const auto& [name, layer] : layers_to_quantise(model, quantisation.keep))
    if (!layer->quantised() && !layer->has_adapter()) layer->quantise(layer->weight, quantisation.options);
}

std::optional<nn::QuantiseOptions> quantisation_of(const Model& model) {
  for (const auto& module : model.modules(/*include_self=*/false))
    if (const auto* layer = module->as<nn::Linear>(); layer && layer->quantised()) return layer->quantised()->options();
  return std::nullopt;
}

}  // namespace luthier
