// Adapters in PEFT's format: adapter_config.json and adapter_model.safetensors. Reading goes by the tensors that are
// there; the config gives their scale.
#include <ATen/CPUGeneratorImpl.h>
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "methods/attach.h"
#include "methods/bottleneck.h"
#include "methods/lora.h"
#include "methods/peft_config.h"
#include "methods/prompt_tuning.h"
#include "models/families.h"
#include "models/tensors.h"
#include "recipe/targets.h"

namespace luthier {

namespace {

constexpr const char* kPrefix = "base_model.model.";

struct LowRank {
  Tensor a, b, magnitude;  ///< the last of DoRA alone
};

struct AdapterTensors {
  std::map<std::string, LowRank> low_rank;       ///< by module
  std::map<std::string, Tensor> channel_scales;  ///< IA3's, by module
  std::map<std::string, Tensor> whole;           ///< parameter -> values
};

constexpr std::pair<const char*, Tensor LowRank::*> kLowRankEndings[] = {
    {".lora_A.weight", &LowRank::a},
    {".lora_B.weight", &LowRank::b},
    {".lora_embedding_A", &LowRank::a},
    {".lora_embedding_B", &LowRank::b},
    {".lora_magnitude_vector", &LowRank::magnitude},
    {".lora_magnitude_vector.weight", &LowRank::magnitude}};

/// Removes every ".<part>" that stands between dots: the adapter's name in names taken from memory.
void drop_part(std::string& name, const std::string& part) {
  const std::string framed = "." + part + ".";
  for (auto at = name.find(framed); at != std::string::npos; at = name.find(framed)) name.erase(at, framed.size() - 1);
}

bool take_adapter_tensor(const std::string& name, const Tensor& tensor, AdapterTensors& sorted) {
  for (const auto& [ending, part] : kLowRankEndings)
    if (name.ends_with(ending)) {
      sorted.low_rank[name.substr(0, name.size() - std::string(ending).size())].*part = tensor;
      return true;
    }
  if (!name.ends_with(".ia3_l")) return false;
  sorted.channel_scales[name.substr(0, name.rfind('.'))] = tensor;
  return true;
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
    drop_part(name, "base_layer");  // a token table beside its LoRA
    if (name.ends_with(".default")) name.resize(name.size() - std::string(".default").size());
    if (rename) name = rename(name);
    if (!tensor.is_floating_point()) fail(ErrorKind::bad_input, "an adapter holds floating-point tensors only", place);
    if (!take_adapter_tensor(name, tensor, sorted)) {
      if (name.find("lora_") != std::string::npos)
        fail(ErrorKind::unsupported, "this kind of adapter tensor is not supported", place,
             "supported are LoRA, DoRA and IA3, and modules saved whole");
      sorted.whole[name] = tensor;
    }
  }
  if (sorted.low_rank.empty() && sorted.channel_scales.empty() && sorted.whole.empty())
    fail(ErrorKind::bad_input, "the adapter is empty", where);
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

/// Finds the layers that an adapter's tensors are for.
class Layers {
 public:
  Layers(Model& model, const PeftConfig& config, const std::string& where)
      : config_(config), where_(where), in_memory_(modules_of(model.config()).in_memory) {
    for (auto& [name, layer] : adaptable_layers(model)) by_name_[name] = layer;
  }

  nn::AdaptedLayer& find(const std::string& name) const {
    const auto found = by_name_.find(name);
    if (found == by_name_.end())
      fail(ErrorKind::bad_input, "the adapter is for a layer that the model does not have", place(name),
           "use the base model that the adapter was trained on");
    const std::string other = in_memory(name);
    if (!config_.targets.empty() && !ends_in_any(name, config_.targets) && !ends_in_any(other, config_.targets))
      fail(ErrorKind::bad_input, "the adapter is for a layer that its target_modules do not name", place(name));
    return *found->second;
  }

  std::string place(const std::string& name) const { return where_ + ": " + name; }
  /// Targets and patterns may be spelled as on the disk or as in transformers' memory.
  std::string in_memory(const std::string& name) const { return in_memory_ ? in_memory_(name) : name; }

 private:
  const PeftConfig& config_;
  std::string where_;
  Rename in_memory_;
  std::map<std::string, std::shared_ptr<nn::AdaptedLayer>> by_name_;
};

void copy_into(const Tensor& target, const Tensor& values) {
  at::NoGradGuard no_grad;
  Tensor(target).copy_(values);
}

void add_low_rank(Model& model, const AdapterTensors& tensors, const PeftConfig& config, const std::string& where) {
  const ByPattern ranks(static_cast<double>(config.rank), config.rank_pattern, where + ": rank_pattern");
  const ByPattern alphas(config.alpha, config.alpha_pattern, where + ": alpha_pattern");
  const Layers layers(model, config, where);
  for (const auto& [name, low_rank] : tensors.low_rank) {
    const std::string place = layers.place(name), other = layers.in_memory(name);
    nn::AdaptedLayer& layer = layers.find(name);
    if (const std::string why = why_no_lora(model, layer); !why.empty())
      fail(ErrorKind::unsupported, why, place, "merge it with PEFT first");
    const auto& [a, b, magnitude] = low_rank;
    if (!a.defined() || !b.defined())
      fail(ErrorKind::bad_input, std::string("the adapter lacks ") + (a.defined() ? "lora_B" : "lora_A"), place);
    if (config.dora != magnitude.defined())
      fail(ErrorKind::bad_input,
           std::string("the adapter ") + (config.dora ? "lacks lora_magnitude_vector, which use_dora asks for"
                                                      : "has a lora_magnitude_vector, but not use_dora"),
           place, "get the adapter again from where it came");
    const auto by_name = [&](const ByPattern& pattern, double common) {
      const double value = pattern.of(name);
      return value == common ? pattern.of(other) : value;
    };
    const auto rank = static_cast<std::int64_t>(by_name(ranks, static_cast<double>(config.rank)));
    if (a.sizes() != at::IntArrayRef(layer.lora_a_shape(rank)) ||
        b.sizes() != at::IntArrayRef(layer.lora_b_shape(rank)))
      fail(ErrorKind::bad_input,
           "the adapter's shapes " + shape_text(a) + " and " + shape_text(b) + " do not fit rank " +
               std::to_string(rank) + " and a layer whose weight is " + shape_text(layer.weight_values()),
           place, "use the base model that the adapter was trained on");
    const double alpha = by_name(alphas, config.alpha);
    layer.add_lora(rank, lora_scale(alpha, rank, config.rank_stabilised), alpha, config.dropout,
                   at::detail::createCPUGenerator(0), config.dora);
    const nn::Lora& lora = *layer.lora();
    if (config.dora && magnitude.numel() != lora.magnitude.numel())
      fail(ErrorKind::bad_input, "the adapter's magnitudes " + shape_text(magnitude) + " do not fit the layer", place);
    copy_into(lora.a, a);
    copy_into(lora.b, b);
    if (config.dora) copy_into(lora.magnitude, magnitude.view(lora.magnitude.sizes()));
  }
}

void add_channel_scales(Model& model, const AdapterTensors& tensors, const PeftConfig& config,
                        const std::string& where) {
  const Layers layers(model, config, where);
  const NameTest expression = config.feed_forward_expression.empty()
                                  ? NameTest([](const std::string&) { return false; })
                                  : full_match(config.feed_forward_expression, where + ": feedforward_modules");
  const auto on_input = [&](const std::string& name) {
    return scales_input(name, config.feed_forward) || expression(name);
  };
  for (const auto& [name, factor] : tensors.channel_scales) {
    nn::AdaptedLayer& layer = layers.find(name);
    if (is_output_layer(model, layer))
      fail(ErrorKind::unsupported, "the output layer takes no adapter", layers.place(name), "merge it with PEFT first");
    layer.add_channel_scale(on_input(name) || on_input(layers.in_memory(name)));
    const Tensor& own = layer.channel_scale()->factor;
    if (factor.sizes() != own.sizes())
      fail(ErrorKind::bad_input,
           "the adapter's shape " + shape_text(factor) + " does not fit the layer, which takes " + shape_text(own),
           layers.place(name), "use the base model that the adapter was trained on");
    copy_into(own, factor);
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

}  // namespace

Attached load_adapter(Model& model, const std::filesystem::path& folder) {
  const fs::path config_file = folder / kPeftConfigFile;
  const fs::path tensor_file = folder / (fs::exists(folder / kPeftTensorFile) ? kPeftTensorFile : kOlderPeftTensorFile);
  if (!fs::exists(config_file))
    fail(ErrorKind::not_found, "this folder holds no PEFT adapter (no adapter_config.json)", folder.string(),
         "choose the folder that PEFT's save_pretrained wrote");
  const Json plain = read_json(config_file, 16u << 20);
  if (is_bottleneck_config(plain)) return load_bottlenecks(model, folder, plain);
  if (is_prompt_config(plain)) return load_prompt(model, folder, plain);
  if (!fs::exists(tensor_file))
    fail(ErrorKind::not_found, "the adapter's weights are missing", (folder / kPeftTensorFile).string(),
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
  add_channel_scales(model, tensors, config, tensor_file.string());
  // PEFT adds both usual names of heads to every classifier's list, so an entry may name nothing.
  std::vector<std::string> saved;
  for (const std::string& entry : config.modules_to_save)
    if (entry != "classifier" && entry != "score") saved.push_back(entry);
  train_modules(model, whole_modules(model, saved, /*new_head=*/false));
  return attached(model);
}

void save_adapter(const Model& model, const std::filesystem::path& folder, const std::string& base_model_name) {
  if (has_bottlenecks(model)) return save_bottlenecks(model, folder, base_model_name);
  if (model.prompt()) return save_prompt(model, folder, base_model_name);
  std::vector<NamedLayer> adapted;
  for (const auto& [name, layer] : adaptable_layers(model))
    if (layer->has_adapter()) adapted.emplace_back(name, layer);
  if (adapted.empty())
    fail(ErrorKind::bad_input, "the model has no adapter to save", folder.string(),
         "train it with a method that makes adapters first");
  NamedTensors tensors;
  for (const auto& [name, parameter] : model.unique_parameters())
    if (parameter.requires_grad() || is_adapter_parameter(name)) tensors.emplace_back(kPrefix + name, parameter);
  std::sort(tensors.begin(), tensors.end(), [](const auto& x, const auto& y) { return x.first < y.first; });
  fs::create_directories(folder);
  write_tensors(folder / kPeftTensorFile, tensors);
  write_json(folder / kPeftConfigFile, write_peft_config(config_of_adapters(model, adapted), model, base_model_name));
}

}  // namespace luthier
