// Adapters in PEFT's format: adapter_config.json and adapter_model.safetensors. Reading goes by the tensors that are
// there; the config gives their scale.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "methods/attach.h"
#include "methods/lora.h"
#include "methods/peft_config.h"
#include "models/families.h"
#include "models/tensors.h"

namespace luthier {

namespace {

constexpr const char* kPrefix = "base_model.model.";
constexpr const char* kConfigFile = "adapter_config.json";
constexpr const char* kTensorFile = "adapter_model.safetensors";
constexpr const char* kOlderTensorFile = "adapter_model.bin";

struct AdapterTensors {
  std::map<std::string, std::pair<Tensor, Tensor>> low_rank;  ///< module -> A, B
  std::map<std::string, Tensor> whole;                        ///< parameter -> values
};

std::string shape_text(const Tensor& tensor) {
  std::string text = "[";
  for (const auto size : tensor.sizes()) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

/// Removes every ".<part>" that stands between dots: the adapter's name in names taken from memory.
void drop_part(std::string& name, const std::string& part) {
  const std::string framed = "." + part + ".";
  for (auto at = name.find(framed); at != std::string::npos; at = name.find(framed)) name.erase(at, framed.size() - 1);
}

/// `rename`: from transformers' names in memory to those of checkpoints, where the family has it.
AdapterTensors sort_tensors(const NamedTensors& tensors, Rename rename, const std::string& where) {
  AdapterTensors sorted;
  for (const auto& [stored_name, tensor] : tensors) {
    const std::string place = where + ": " + stored_name;
    std::string name = stored_name;
    if (!name.starts_with(kPrefix)) fail(ErrorKind::bad_input, "this is no name of a PEFT adapter", place);
    name.erase(0, std::string(kPrefix).size());
    drop_part(name, "modules_to_save");
    drop_part(name, "default");
    if (rename) name = rename(name);
    if (!tensor.is_floating_point()) fail(ErrorKind::bad_input, "an adapter holds floating-point tensors only", place);
    const auto module_of = [&](const std::string& ending) { return name.substr(0, name.size() - ending.size()); };
    if (name.ends_with(".lora_A.weight"))
      sorted.low_rank[module_of(".lora_A.weight")].first = tensor;
    else if (name.ends_with(".lora_B.weight"))
      sorted.low_rank[module_of(".lora_B.weight")].second = tensor;
    else if (name.find("lora_") != std::string::npos)
      fail(ErrorKind::unsupported, "this kind of adapter tensor is not supported", place,
           "supported are LoRA on linear layers and modules saved whole");
    else
      sorted.whole[name] = tensor;
  }
  if (sorted.low_rank.empty() && sorted.whole.empty()) fail(ErrorKind::bad_input, "the adapter is empty", where);
  return sorted;
}

/// An output or embedding table that has grown with the adapter's tokens grows the model's.
void fit_vocabulary(Model& model, const AdapterTensors& tensors) {
  const Tensor embedding = model.input_embedding();
  for (const auto& item : model.named_parameters()) {
    const auto found = tensors.whole.find(item.key());
    if (found == tensors.whole.end() || !item.value().is_same(embedding)) continue;
    const Tensor& values = found->second;
    if (values.dim() == 2 && values.size(1) == embedding.size(1) && values.size(0) > embedding.size(0))
      model.set_vocabulary(values.size(0));
  }
}

void add_low_rank(Model& model, const AdapterTensors& tensors, const PeftConfig& config, const std::string& where) {
  const ByPattern ranks(static_cast<double>(config.rank), config.rank_pattern, where + ": rank_pattern");
  const ByPattern alphas(config.alpha, config.alpha_pattern, where + ": alpha_pattern");
  std::map<std::string, std::shared_ptr<nn::AdaptedLayer>> layers;
  for (auto& [name, layer] : adaptable_layers(model)) layers[name] = layer;
  const Rename in_memory = modules_of(model.config()).in_memory;  // targets and patterns may be spelled in either way
  for (const auto& [name, pair] : tensors.low_rank) {
    const std::string place = where + ": " + name;
    const auto found = layers.find(name);
    if (found == layers.end())
      fail(ErrorKind::bad_input, "the adapter has a LoRA for a layer that the model does not have", place,
           "use the base model that the adapter was trained on");
    const std::string other = in_memory ? in_memory(name) : name;
    if (!config.targets.empty() && !ends_in_any(name, config.targets) && !ends_in_any(other, config.targets))
      fail(ErrorKind::bad_input, "the adapter has a LoRA for a layer that its target_modules do not name", place);
    nn::AdaptedLayer& layer = *found->second;
    if (is_output_layer(model, layer))
      fail(ErrorKind::unsupported, "a LoRA on the output layer is not supported", place, "merge it with PEFT first");
    const auto& [a, b] = pair;
    if (!a.defined() || !b.defined())
      fail(ErrorKind::bad_input, std::string("the adapter lacks ") + (a.defined() ? "lora_B" : "lora_A"), place);
    const auto by_name = [&](const ByPattern& pattern, double common) {
      const double value = pattern.of(name);
      return value == common ? pattern.of(other) : value;
    };
    const auto rank = static_cast<std::int64_t>(by_name(ranks, static_cast<double>(config.rank)));
    if (a.sizes() != at::IntArrayRef(layer.lora_a_shape(rank)) ||
        b.sizes() != at::IntArrayRef(layer.lora_b_shape(rank)))
      fail(ErrorKind::bad_input,
           "the adapter's shapes " + shape_text(a) + " and " + shape_text(b) + " do not fit rank " +
               std::to_string(rank) + " and a layer whose weight is " + shape_text(layer.weight),
           place, "use the base model that the adapter was trained on");
    const double alpha = by_name(alphas, config.alpha);
    layer.add_lora(rank, lora_scale(alpha, rank, config.rank_stabilised), alpha, config.dropout,
                   at::detail::createCPUGenerator(0));
    at::NoGradGuard no_grad;
    Tensor(layer.lora()->a).copy_(a);
    Tensor(layer.lora()->b).copy_(b);
  }
}

void set_whole(Model& model, const AdapterTensors& tensors, const std::string& where) {
  at::NoGradGuard no_grad;
  auto parameters = model.named_parameters();
  for (const auto& [name, values] : tensors.whole) {
    const std::string place = where + ": " + name;
    Tensor* slot = parameters.find(name);
    if (!slot)
      fail(ErrorKind::bad_input, "the adapter saves a parameter that the model does not have", place,
           "open the model with the head that the adapter was trained with");
    if (slot->sizes() != values.sizes())
      fail(ErrorKind::bad_input,
           "the adapter's shape " + shape_text(values) + " does not fit the model's " + shape_text(*slot), place,
           "use the base model, and as many labels, as the adapter was trained with");
    slot->copy_(values);
  }
}

/// The shortest ending of `name` that no other module's name has.
std::string shortest_ending(const std::string& name, const std::vector<std::string>& others) {
  for (auto dot = name.rfind('.'); dot != std::string::npos && dot > 0; dot = name.rfind('.', dot - 1)) {
    const std::string ending = name.substr(dot + 1);
    if (std::none_of(others.begin(), others.end(), [&](const auto& other) { return ends_in_any(other, {ending}); }))
      return ending;
  }
  return name;
}

template <class Value>
Value most_frequent(const std::vector<Value>& values) {
  std::map<Value, int> counts;
  for (const Value& value : values) ++counts[value];
  return std::max_element(counts.begin(), counts.end(), [](auto& x, auto& y) { return x.second < y.second; })->first;
}

/// The modules that hold parameters which train whole, each named by the largest module of which all trains.
std::vector<std::string> trained_modules(const Model& model) {
  std::vector<std::pair<std::string, bool>> parameters;
  for (const auto& [name, parameter] : model.unique_parameters())
    if (!lies_in_any(name, {"lora_A", "lora_B"})) parameters.emplace_back(name, parameter.requires_grad());
  const auto all_train = [&](const std::string& module) {
    return std::all_of(parameters.begin(), parameters.end(),
                       [&](const auto& entry) { return entry.second || !entry.first.starts_with(module + "."); });
  };
  std::vector<std::string> modules;
  for (const auto& [name, trains] : parameters) {
    if (!trains) continue;
    std::string module = name.substr(0, name.rfind('.'));
    for (auto dot = module.rfind('.'); dot != std::string::npos && all_train(module.substr(0, dot));
         dot = module.rfind('.'))
      module.resize(dot);
    if (std::find(modules.begin(), modules.end(), module) == modules.end()) modules.push_back(module);
  }
  return modules;
}

PeftConfig config_of(const Model& model, const std::vector<NamedLayer>& adapted) {
  PeftConfig config;
  std::vector<std::int64_t> ranks;
  std::vector<double> alphas;
  for (const auto& [name, layer] : adapted) {
    const auto* linear = dynamic_cast<const nn::Linear*>(layer.get());
    config.transposed = config.transposed || (linear && linear->layout() == nn::WeightLayout::in_out);
    const nn::Lora& lora = *layer->lora();
    ranks.push_back(lora.a.size(0));
    alphas.push_back(lora.alpha);
    if (lora.a.size(0) > 1) config.rank_stabilised = lora.scale == lora_scale(lora.alpha, lora.a.size(0), true);
    config.dropout = lora.dropout;
  }
  config.rank = most_frequent(ranks);
  config.alpha = most_frequent(alphas);
  const bool classifier =
      model.head_kind() == Head::sequence_classification || model.head_kind() == Head::token_classification;
  if (classifier) config.modules_to_save = {"classifier", "score"};
  for (const std::string& module : trained_modules(model))
    if (!classifier || !(module.ends_with("classifier") || module.ends_with("score")))
      config.modules_to_save.push_back(module);

  std::vector<std::string> others;
  const auto is_adapted = [&](const std::string& name) {
    return std::any_of(adapted.begin(), adapted.end(), [&](const auto& entry) { return entry.first == name; });
  };
  for (const auto& module : model.named_modules("", /*include_self=*/false))
    if (!is_adapted(module.key()) && !lies_in_any(module.key(), config.modules_to_save)) others.push_back(module.key());
  std::set<std::string> endings;
  for (std::size_t i = 0; i < adapted.size(); ++i) {
    const std::string& name = adapted[i].first;
    endings.insert(shortest_ending(name, others));
    if (ranks[i] != config.rank) config.rank_pattern.emplace_back(name, static_cast<double>(ranks[i]));
    if (alphas[i] != config.alpha) config.alpha_pattern.emplace_back(name, alphas[i]);
  }
  config.targets.assign(endings.begin(), endings.end());
  return config;
}

}  // namespace

Attached load_adapter(Model& model, const std::filesystem::path& folder) {
  const fs::path config_file = folder / kConfigFile;
  const fs::path tensor_file = folder / (fs::exists(folder / kTensorFile) ? kTensorFile : kOlderTensorFile);
  if (!fs::exists(config_file))
    fail(ErrorKind::not_found, "this folder holds no PEFT adapter (no adapter_config.json)", folder.string(),
         "choose the folder that PEFT's save_pretrained wrote");
  if (!fs::exists(tensor_file))
    fail(ErrorKind::not_found, "the adapter's weights are missing", (folder / kTensorFile).string(),
         "save the adapter with PEFT's save_pretrained");
  // The order of pattern keys matters, and only this reading keeps it; parse_json first, for its limits and its errors.
  const std::string text = read_file(config_file, 16u << 20);
  parse_json(text, config_file.string());
  const PeftConfig config = read_peft_config(
      OrderedJson::parse(text.starts_with("\xEF\xBB\xBF") ? text.substr(3) : text), config_file.string());
  const AdapterTensors tensors =
      sort_tensors(read_tensors(tensor_file), modules_of(model.config()).rename, tensor_file.string());

  fit_vocabulary(model, tensors);
  freeze_all(model);
  set_whole(model, tensors, tensor_file.string());
  add_low_rank(model, tensors, config, tensor_file.string());
  // PEFT adds both usual names of heads to every classifier's list, so an entry may name nothing.
  std::vector<std::string> saved;
  for (const std::string& entry : config.modules_to_save)
    if (entry != "classifier" && entry != "score") saved.push_back(entry);
  train_modules(model, whole_modules(model, saved, /*new_head=*/false));
  return attached(model);
}

void save_adapter(const Model& model, const std::filesystem::path& folder, const std::string& base_model_name) {
  std::vector<NamedLayer> adapted;
  for (const auto& [name, layer] : adaptable_layers(model))
    if (layer->lora()) adapted.emplace_back(name, layer);
  if (adapted.empty())
    fail(ErrorKind::bad_input, "the model has no adapter to save", folder.string(), "train it with LoRA first");
  NamedTensors tensors;
  for (const auto& [name, parameter] : model.unique_parameters())
    if (parameter.requires_grad() || lies_in_any(name, {"lora_A", "lora_B"}))
      tensors.emplace_back(kPrefix + name, parameter);
  std::sort(tensors.begin(), tensors.end(), [](const auto& x, const auto& y) { return x.first < y.first; });
  fs::create_directories(folder);
  write_tensors(folder / kTensorFile, tensors);
  write_json(folder / kConfigFile, write_peft_config(config_of(model, adapted), model, base_model_name));
}

}  // namespace luthier
