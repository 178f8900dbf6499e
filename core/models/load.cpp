#include <ATen/core/grad_mode.h>

#include <ATen/ops/isfinite.h>
#include <ATen/ops/sum.h>
#include <sys/mman.h>
#include <unistd.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <map>
#include <nlohmann/json.hpp>
#include <optional>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "models/config.h"
#include "models/families.h"
#include "models/few_bits.h"
#include "models/model.h"
#include "models/quantise.h"
#include "models/stored.h"
#include "models/tensors.h"
#include "nn/embedding.h"
#include "nn/initialise.h"
#include "nn/linear.h"

namespace luthier {

namespace {

bool ends_with(const std::string& text, const std::string& end) {
  return text.size() >= end.size() && text.compare(text.size() - end.size(), end.size(), end) == 0;
}

fs::path config_file(const fs::path& folder) { return fs::is_directory(folder) ? folder / "config.json" : folder; }

Json read_config(const fs::path& folder) {
  const fs::path file = config_file(folder);
  if (!fs::exists(file))
    fail(ErrorKind::not_found, "there is no config.json", folder.string(),
         "choose a folder that Hugging Face transformers wrote (config.json, model.safetensors)");
  Json config = read_json(file, 16u << 20);
  if (!config.is_object()) fail(ErrorKind::bad_input, "config.json is not an object", file.string());
  if (config.contains("auto_map") && !config["auto_map"].is_null())
    fail(ErrorKind::unsupported, "this model wants to run its own Python code (auto_map), which Luthier never does",
         file.string(), "choose a model whose architecture is built in: see luthier-cli describe");
  return config;
}

/// Tables that follow from the config and that older checkpoints hold all the same: positions, frequencies, GPT-2's
/// masks.
bool is_buffer(const std::string& name) {
  for (const char* end : {"position_ids", "inv_freq", ".attn.bias", ".attn.masked_bias"})
    if (ends_with(name, end)) return true;
  return false;
}

/// Older checkpoints call a norm's parameters gamma and beta.
std::string modern_name(const std::string& name) {
  if (ends_with(name, ".gamma")) return name.substr(0, name.size() - 5) + "weight";
  if (ends_with(name, ".beta")) return name.substr(0, name.size() - 4) + "bias";
  return name;
}

/// The tables of a checkpoint under modern names.
class Checkpoint {
 public:
  Checkpoint(const fs::path& folder, Rename rename) : weights_(Weights::open(folder)) {
    for (const TensorEntry& entry : weights_.tensors()) {
      const std::string name = modern_name(entry.name);
      by_name_.emplace(rename ? rename(name) : name, &entry);
    }
  }

  /// By its name, by its name without the backbone's prefix (a backbone saved alone), or below "model." (the encoder of
  /// a transcriber that becomes a classifier).
  const TensorEntry* find(const std::string& name, const std::string& prefix) {
    auto found = by_name_.find(name);
    if (found == by_name_.end() && name.rfind(prefix, 0) == 0) found = by_name_.find(name.substr(prefix.size()));
    if (found == by_name_.end()) found = by_name_.find("model." + name);
    if (found == by_name_.end()) return nullptr;
    used_.insert(found->second->name);
    return found->second;
  }

  std::vector<std::string> unused() const {
    std::vector<std::string> names;
    for (const TensorEntry& entry : weights_.tensors())
      if (!used_.count(entry.name) && !is_buffer(entry.name)) names.push_back(entry.name);
    return names;
  }

  std::shared_ptr<const void> keep_alive() const { return weights_.keep_alive(); }

  /// Its numbers, mapped; an undefined tensor where there is none.
  Tensor tensor(const std::string& name, const std::string& prefix) {
    const TensorEntry* entry = find(name, prefix);
    return entry ? map_tensor(*entry, keep_alive()) : Tensor();
  }

 private:
  Weights weights_;
  std::map<std::string, const TensorEntry*> by_name_;
  std::set<std::string> used_;
};

std::string text_of(at::IntArrayRef shape) {
  std::string text = "[";
  for (const auto size : shape) text += (text.size() > 1 ? ", " : "") + std::to_string(size);
  return text + "]";
}

/// The stored values as they are mapped, for a parameter like `slot`.
Tensor checked_values(const Tensor& slot, const TensorEntry& entry, const std::shared_ptr<const void>& keep_alive,
                      const fs::path& folder) {
  if (slot.sizes() != at::IntArrayRef(entry.shape))
    fail(ErrorKind::bad_input,
         "\"" + entry.name + "\" has the shape " + text_of(entry.shape) + ", but config.json asks for " +
             text_of(slot.sizes()),
         folder.string(), "config.json and the weights do not belong together: get both again from where they came");
  const Tensor values = map_tensor(entry, keep_alive);
  if (slot.is_floating_point() && !values.is_floating_point())
    fail(ErrorKind::bad_input, "\"" + entry.name + "\" holds " + to_string(entry.type) + " numbers, not weights",
         folder.string(), "choose a checkpoint in fp32, fp16 or bf16");
  // The sum is not finite where one number is not (and, rarely, where it overflows): one pass at the memory's speed.
  if (values.is_floating_point() && !std::isfinite(at::sum(values, at::kFloat).item<float>()) &&
      !at::isfinite(values).all().item<bool>())
    fail(ErrorKind::bad_input, "\"" + entry.name + "\" holds numbers that are not finite (NaN or infinity)",
         folder.string(), "the training that wrote it failed: choose an earlier or another checkpoint");
  return values;
}

/// Gives the pages of a mapped tensor back to the system, which reads them again from the file if they are wanted.
void forget_pages(const TensorEntry& entry) {
  const auto page = static_cast<std::uintptr_t>(sysconf(_SC_PAGESIZE));
  const auto begin = reinterpret_cast<std::uintptr_t>(entry.bytes.data()), end = begin + entry.bytes.size();
  const std::uintptr_t first = (begin + page - 1) / page * page, last = end / page * page;
  if (first < last) madvise(reinterpret_cast<void*>(first), last - first, MADV_DONTNEED);
}

/// The layers that are quantised as they are read, by their weights' names.
std::map<std::string, std::shared_ptr<nn::Linear>> quantised_layers(Model& model, const LoadOptions& options) {
  std::map<std::string, std::shared_ptr<nn::Linear>> layers;
  if (options.quantisation)
    for (const auto& [name, layer] : layers_to_quantise(model, options.quantisation->keep))
      layers[name + ".weight"] = layer;
  return layers;
}

/// Parameters that may be missing from a checkpoint: heads, and the pooler, which language models do not have.
class Drawable {
 public:
  explicit Drawable(const Model& model) : heads_(model.head_modules()) {}
  bool in_head(const std::string& name) const {
    return std::any_of(heads_.begin(), heads_.end(), [&](const auto& head) { return name.rfind(head + ".", 0) == 0; });
  }
  bool operator()(const std::string& name) const {
    const bool is_pooler = name.find(".pooler.") != std::string::npos;
    return is_pooler || is_minor(name) || in_head(name);
  }
  /// What older checkpoints lack and nobody misses: how many batches a norm has seen, what stands in for masked frames,
  /// and how the layers of a speech model are weighed. LoRA leaves them frozen, as PEFT does.
  static bool is_minor(const std::string& name) {
    return ends_with(name, "num_batches_tracked") || ends_with(name, "masked_spec_embed") || name == "layer_weights";
  }

 private:
  std::vector<std::string> heads_;
};

/// The backbone's name with a dot ("bert."): the top-level module that is no head.
std::string backbone_prefix(const Model& model) {
  const auto heads = model.head_modules();
  for (const auto& child : model.named_children())
    if (std::find(heads.begin(), heads.end(), child.key()) == heads.end()) return child.key() + ".";
  return {};
}

/// Takes the layers that the checkpoint holds in few bits.
void load_few_bits(Model& model, Checkpoint& checkpoint, const nn::QuantiseOptions& how) {
  const std::string prefix = backbone_prefix(model);
  for (const auto& [name, layer] : linear_layers_below_head(model, {}))
    take_stored_bits(*layer, name, how, [&](const std::string& part) { return checkpoint.tensor(part, prefix); });
}

/// The names of every parameter that more than one module holds, by the first of them.
std::map<std::string, std::vector<std::string>> tied_names(const Model& model) {
  std::map<const c10::TensorImpl*, std::string> first;
  std::map<std::string, std::vector<std::string>> names;
  for (const auto& parameter : model.named_parameters()) {
    const auto [at, is_new] = first.emplace(parameter.value().unsafeGetTensorImpl(), parameter.key());
    if (!is_new) names[at->second].push_back(parameter.key());
  }
  return names;
}

/// True when the checkpoint keeps two different matrices where config.json says that they are one.
bool is_untied(const Model& model, Checkpoint& checkpoint) {
  const std::string prefix = backbone_prefix(model);
  for (const auto& [name, others] : tied_names(model)) {
    const TensorEntry* entry = checkpoint.find(name, prefix);
    for (const std::string& other : others) {
      const TensorEntry* copy = checkpoint.find(other, prefix);
      if (entry && copy &&
          (entry->type != copy->type || entry->shape != copy->shape ||
           std::memcmp(entry->bytes.data(), copy->bytes.data(), entry->bytes.size()) != 0))
        return true;
    }
  }
  return false;
}

/// The head's parameters that have a row a label.
std::set<std::string> label_parameters(const Model& model, const Drawable& drawable) {
  std::set<std::string> names;
  if (!classifies_rows(model.head_kind()) && model.head_kind() != Head::token_classification) return names;
  const auto labels = static_cast<std::int64_t>(model.label_names().size());
  for (const auto& item : model.named_modules("", false)) {
    const auto* layer = item.value()->as<nn::Linear>();
    if (!layer || layer->out_features() != labels || !drawable.in_head(item.key() + ".")) continue;
    names.insert(item.key() + ".weight");
    names.insert(item.key() + ".bias");
  }
  return names;
}

void load_weights(Model& model, Checkpoint& checkpoint, const LoadOptions& options, bool same_labels, double range,
                  const fs::path& folder, LoadReport& report) {
  const Drawable drawable(model);
  const std::string prefix = backbone_prefix(model);
  const auto tied = tied_names(model);
  const auto by_label = same_labels ? std::set<std::string>() : label_parameters(model, drawable);
  const auto quantised = quantised_layers(model, options);
  std::set<std::string> drawn;
  for (const auto& [name, slot] : kept_tensors(model)) {
    const TensorEntry* entry = checkpoint.find(name, prefix);
    if (const auto others = tied.find(name); !entry && others != tied.end())
      for (const std::string& other : others->second)
        if (!entry) entry = checkpoint.find(other, prefix);
    if (entry && !by_label.count(name)) {
      const Tensor values = checked_values(slot, *entry, checkpoint.keep_alive(), folder);
      if (const auto layer = quantised.find(name); layer != quantised.end()) {
        layer->second->quantise(values, options.quantisation->options);
        forget_pages(*entry);
      } else {
        Tensor(slot).set_data(values.to(slot.scalar_type()));
        if (values.scalar_type() != slot.scalar_type()) forget_pages(*entry);
      }
    } else if (drawable(name)) {
      drawn.insert(name);
      if (!Drawable::is_minor(name)) report.drawn.push_back(name);
      report.new_head = report.new_head || drawable.in_head(name);
    } else {
      fail(ErrorKind::bad_input, "the checkpoint lacks \"" + name + "\"", folder.string(),
           "the download may be incomplete, or config.json belongs to another model: get both again");
    }
  }
  nn::initialise(model, range, options.seed, [&](const std::string& name) { return drawn.count(name) > 0; });
  report.unused = checkpoint.unused();
}

void check_labels(const std::vector<std::string>& labels) {
  std::set<std::string> seen;
  for (const std::string& label : labels)
    if (!seen.insert(label).second)
      fail(ErrorKind::bad_input, "the label \"" + label + "\" is there twice", "labels",
           "give every class a name of its own");
}

/// config.json as this model will save it. With new labels it forgets what kind of answer the old ones were.
Json saved_config(Json config, const FamilyModules& family, Head head, const std::vector<std::string>& labels,
                  bool new_labels) {
  config["architectures"] = Json::array({family.class_prefix + head_class(head, family.class_prefix)});
  config["dtype"] = "float32";
  config.erase("torch_dtype");
  config.erase("_name_or_path");
  config.erase("quantization_config");
  if (new_labels) config.erase("problem_type");
  set_config_labels(config, labels);
  return config;
}

}  // namespace

Head head_of_config(const Json& config) {
  const auto names = config.find("architectures");
  if (names == config.end() || !names->is_array()) return Head::sequence_classification;
  const std::string type = config_text(config, "model_type", "");
  std::string prefix;
  for (const FamilyModules& entry : family_modules())
    if (entry.model_type == type) prefix = entry.class_prefix;
  for (const Json& name : *names) {
    if (!name.is_string()) continue;
    const std::string text = name.get<std::string>();
    for (const Head head :
         {Head::audio_classification, Head::image_classification, Head::token_classification, Head::masked_lm,
          Head::causal_lm, Head::seq2seq_lm, Head::ctc, Head::sequence_classification})
      if (ends_with(text, head_class(head, prefix))) return head;
    if (ends_with(text, "ForPreTraining")) return Head::masked_lm;
  }
  return Head::sequence_classification;
}

std::shared_ptr<Model> load_model(const fs::path& folder, const LoadOptions& options, LoadReport* report) {
  LoadReport unread;
  LoadReport& told = report ? *report : unread;
  told = {};
  Json config = read_config(folder);
  const std::optional<nn::QuantiseOptions> bits = stored_quantisation(config, config_file(folder));
  const FamilyModules& family = modules_of(config);
  const bool classifies = classifies_rows(options.head) || options.head == Head::token_classification;
  std::vector<std::string> labels;
  bool same_labels = true;
  if (classifies) {
    const auto own = config_labels(config);
    check_labels(options.labels);
    labels = options.labels.empty() ? own : options.labels;
    same_labels = labels == own;
  }
  config = saved_config(std::move(config), family, options.head, labels, !options.labels.empty());
  auto model = family.make(config, options.head, labels, options.dropout);
  const double range = config_number(config, "initializer_range", config_number(config, "init_std", 0.02));
  if (options.from_config) {
    for (const auto& [name, parameter] : model->unique_parameters()) told.drawn.push_back(name);
    told.new_head = true;
    nn::initialise(*model, range, options.seed, [](const std::string&) { return true; });
  } else {
    Checkpoint checkpoint(folder, family.rename);
    if (is_untied(*model, checkpoint)) {
      config["tie_word_embeddings"] = false;
      model = family.make(config, options.head, labels, options.dropout);
    }
    if (bits) load_few_bits(*model, checkpoint, *bits);
    load_weights(*model, checkpoint, options, same_labels, range, folder, told);
  }
  model->eval();
  return model;
}

}  // namespace luthier
