#include "recipe/outline.h"

#include <algorithm>
#include <cstring>
#include <nlohmann/json.hpp>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/strings.h"
#include "recipe/catalog.h"
#include "recipe/sheet.h"
#include "recipe/tokenizer_size.h"
#include "weights/weights.h"

namespace luthier {

namespace {

constexpr std::size_t kConfigLimitBytes = 16u << 20;

void add(ModelOutline& model, const char* id, const char* severity, std::string message, std::string hint) {
  model.findings.push_back({id, severity, std::move(message), std::move(hint)});
}

/// transformers' class names end in the head: BertForMaskedLM.
std::string head_of_architecture(const Json& config) {
  const auto found = config.find("architectures");
  if (found == config.end() || !found->is_array() || found->empty() || !found->front().is_string()) return {};
  const std::string name = found->front().get<std::string>();
  if (name == "Wav2Vec2ForSequenceClassification") return "audio_classification";
  const std::pair<const char*, const char*> endings[] = {{"ForSequenceClassification", "sequence_classification"},
                                                         {"ForTokenClassification", "token_classification"},
                                                         {"ForMaskedLM", "masked_lm"},
                                                         {"ForCausalLM", "causal_lm"},
                                                         {"LMHeadModel", "causal_lm"},
                                                         {"ForConditionalGeneration", "seq2seq_lm"},
                                                         {"ForCTC", "ctc"},
                                                         {"ForImageClassification", "image_classification"},
                                                         {"ForAudioClassification", "audio_classification"}};
  for (const auto& [ending, head] : endings)
    if (name.ends_with(ending)) return head;
  return {};
}

std::vector<std::string> labels_of(const Json& config) {
  std::vector<std::string> labels;
  const auto found = config.find("id2label");
  if (found == config.end() || !found->is_object()) return labels;
  for (std::size_t i = 0; i < found->size(); ++i) {
    const auto label = found->find(std::to_string(i));
    labels.push_back(label != found->end() && label->is_string() ? label->get<std::string>()
                                                                 : "LABEL_" + std::to_string(i));
  }
  return labels;
}

constexpr const char* kRemoteCode =
    "the model brings Python code of its own, which Luthier never runs (config.json: auto_map)";
constexpr const char* kRemoteCodeHint =
    "use a model that transformers knows by itself, or one that was converted to a known type";

bool has_own_code(const Json& config) {
  const auto map = config.find("auto_map");
  return map != config.end() && map->is_object() && !map->empty();
}

bool is_known(const std::string& model_type) {
  const auto reads = [&](const FamilyEntry& family) { return contains(family.model_types, model_type); };
  return std::any_of(families().begin(), families().end(), reads);
}

void check_tokenizer(const fs::path& folder, ModelOutline& model) {
  try {
    model.tokenizer_tokens = tokenizer_size(folder);
  } catch (const Error& error) {
    return add(model, "tokenizer_broken", "error", error.message + " (" + error.where + ")", error.hint);
  }
  if (model.tokenizer_tokens == 0)
    add(model, "no_tokenizer", "error", "the folder has no tokenizer.json and no vocab.txt",
        "fetch the model's tokenizer files, or name a tokenizer in the recipe");
  if (model.tokenizer_tokens > model.sizes.vocabulary)
    add(model, "tokenizer_too_large", "error",
        "the tokenizer has " + std::to_string(model.tokenizer_tokens) + " tokens, but the model's embedding only " +
            std::to_string(model.sizes.vocabulary) + " rows: they do not belong together",
        "use the tokenizer that came with the model");
}

/// The checkpoint's tensor for a parameter: by its name, without the base model's prefix (checkpoints of headless
/// models), or with a norm's older spelling.
const TensorEntry* stored(const Weights& weights, const std::string& name) {
  if (const TensorEntry* entry = weights.find(name)) return entry;
  std::string older = name;
  if (name.ends_with("LayerNorm.weight")) older.replace(name.size() - 6, 6, "gamma");
  if (name.ends_with("LayerNorm.bias")) older.replace(name.size() - 4, 4, "beta");
  if (const TensorEntry* entry = weights.find(older)) return entry;
  for (const auto& [end, spelling] : {std::pair{".parametrizations.weight.original0", ".weight_g"},
                                      std::pair{".parametrizations.weight.original1", ".weight_v"}})
    if (name.ends_with(end)) older.replace(name.size() - std::strlen(end), std::string::npos, spelling);
  if (const TensorEntry* entry = weights.find(older)) return entry;
  if (const TensorEntry* entry = weights.find("model." + name)) return entry;  // a transcriber's encoder
  const std::size_t dot = name.find('.');
  if (const TensorEntry* entry = weights.find(name.substr(dot + 1))) return entry;
  return weights.find(older.substr(older.find('.') + 1));
}

/// Tensors of the file that no parameter takes and that are no tables which follow from config.json or from training.
void check_extras(const Weights& weights, const std::set<const TensorEntry*>& taken, ModelOutline& model) {
  std::string first;
  std::int64_t count = 0;
  for (const TensorEntry& entry : weights.tensors()) {
    bool table = false;
    for (const char* end : {"position_ids", "inv_freq", ".attn.bias", ".attn.masked_bias", "running_mean",
                            "running_var", "num_batches_tracked"})
      table = table || entry.name.ends_with(end);
    if (table || taken.contains(&entry)) continue;
    if (first.empty()) first = entry.name;
    ++count;
  }
  if (count)
    add(model, "extra_weights", "note",
        std::to_string(count) + " tensors of the file have no place in the model and are left out, the first is " +
            first,
        "that is usual where the file holds the head of another task");
}

void check_weights(const Weights& weights, ModelOutline& model) {
  model.file_bytes = weights.bytes();
  std::string missing, misshapen;
  std::int64_t missing_count = 0, misshapen_count = 0;
  std::set<const TensorEntry*> taken;
  for (const ParameterOutline& parameter : model.parameters) {
    const TensorEntry* entry = stored(weights, parameter.name);
    if (entry) taken.insert(entry);
    const bool fits = entry && entry->shape == parameter.shape;
    const bool may_lack = !parameter.tied_to.empty() || parameter.name.ends_with("masked_spec_embed") ||
                          parameter.name == "layer_weights";
    if (fits || (!entry && may_lack)) continue;
    if (parameter.in_head || parameter.name.find(".pooler.") != std::string::npos) {
      model.head_replaced = model.head_replaced || parameter.in_head;
      if (!parameter.in_head && !contains(model.drawn, parameter.module())) model.drawn.push_back(parameter.module());
      continue;
    }
    std::string& first = entry ? misshapen : missing;
    if (first.empty()) first = parameter.name;
    ++(entry ? misshapen_count : missing_count);
  }
  if (missing_count)
    add(model, "missing_weights", "error",
        std::to_string(missing_count) + " tensors of the model are not in its file, the first is " + missing,
        "fetch the model again; config.json and weights must be of one model");
  if (misshapen_count)
    add(model, "misshapen_weights", "error",
        std::to_string(misshapen_count) + " tensors have another shape than config.json says, the first is " +
            misshapen,
        "fetch the model again; config.json and weights must be of one model");
  if (model.head_replaced)
    add(model, "head_replaced", "note",
        "the checkpoint has no head that fits: a new one is drawn at random and trained", {});
  check_extras(weights, taken, model);
}

void check_files(const fs::path& folder, ModelOutline& model) {
  try {
    check_weights(Weights::open(folder), model);
  } catch (const Error& error) {
    const bool pickle = error.message.find("pickle") != std::string::npos;
    const bool none = error.kind == ErrorKind::not_found;
    add(model,
        pickle ? "pickle"
        : none ? "no_weights"
               : "broken_weights",
        "error", error.message + " (" + error.where + ")", error.hint);
  }
}

/// The side of the images that the folder's processor makes; 0 where it does not say, or says it in no known way.
std::int64_t processed_image_size(const fs::path& folder) {
  const fs::path file = folder / "preprocessor_config.json";
  if (!fs::exists(file)) return 0;
  Json json;
  try {
    json = read_json(file, kConfigLimitBytes);
  } catch (const Error&) {
    return 0;  // whoever reads images says what is wrong with it
  }
  if (!json.is_object()) return 0;
  for (const char* key : {"crop_size", "size"}) {
    const auto found = json.find(key);
    if (found == json.end() || (key == std::string("crop_size") && !sheet_flag(json, "do_center_crop", true))) continue;
    std::int64_t side = 0;
    const auto take = [&](const Json& value) {
      if (value.is_number_integer() && value.get<double>() >= 1 && value.get<double>() <= 1 << 14)
        side = std::max(side, value.get<std::int64_t>());
    };
    take(*found);
    if (found->is_object())
      for (const char* edge : {"height", "width", "shortest_edge"})
        if (found->contains(edge)) take((*found)[edge]);
    if (side > 0) return side;
  }
  return 0;
}

ModuleOutline tree_of(const std::vector<ParameterOutline>& parameters) {
  ModuleOutline root;
  for (const ParameterOutline& parameter : parameters) {
    if (!parameter.tied_to.empty()) continue;
    ModuleOutline* at = &root;
    at->parameters += parameter.elements();
    const std::string path = parameter.module();
    for (std::size_t start = 0; start < path.size();) {
      const std::size_t end = std::min(path.find('.', start), path.size());
      const std::string name = path.substr(start, end - start);
      if (at->children.empty() || at->children.back().name != name) at->children.push_back({name, 0, {}});
      at = &at->children.back();
      at->parameters += parameter.elements();
      start = end + 1;
    }
  }
  return root;
}

Json tree_to_json(const ModuleOutline& module) {
  Json json = {{"name", module.name}, {"parameters", module.parameters}};
  for (const ModuleOutline& child : module.children) json["children"].push_back(tree_to_json(child));
  return json;
}

}  // namespace

ModelOutline outline_model(const fs::path& path, const std::string& head, std::int64_t labels) {
  const bool is_folder = fs::is_directory(path);
  const fs::path file = is_folder ? path / "config.json" : path;
  const Json config = read_json(file, kConfigLimitBytes);
  const auto type = config.is_object() ? config.find("model_type") : config.end();
  if (!config.is_object() || type == config.end() || !type->is_string())
    fail(ErrorKind::bad_input, "the model's config has no \"model_type\"", file.string(), "fetch the model again");

  ModelOutline model;
  model.model_type = type->get<std::string>();
  if (has_own_code(config) && !is_known(model.model_type))
    fail(ErrorKind::unsupported, kRemoteCode, file.string(), kRemoteCodeHint);
  const FamilyEntry& family = family_of_model_type(model.model_type);
  model.family = family.kind;
  model.head = !head.empty() ? head : head_of_architecture(config);
  if (model.head.empty()) model.head = family.heads.front();
  model.sizes = model_sizes(config);
  model.labels = labels_of(config);
  const std::int64_t own_labels = model.labels.empty() ? 2 : static_cast<std::int64_t>(model.labels.size());
  if (!contains(family.heads, model.head)) {
    add(model, "wrong_head", "error", family.label + " models have no head for this objective (" + model.head + ")",
        "choose another model or another objective");
    return model;
  }
  model.parameters = outline_parameters(config, model.head, labels > 0 ? labels : own_labels);
  for (const ParameterOutline& one : model.parameters)
    model.total_parameters += one.tied_to.empty() ? one.elements() : 0;
  model.tree = tree_of(model.parameters);
  if (has_own_code(config)) add(model, "remote_code", "error", kRemoteCode, kRemoteCodeHint);
  const auto bits = config.find("quantization_config");
  const bool quantised = bits != config.end() && !bits->is_null();
  if (quantised)
    add(model, "quantised", "error",
        "the folder keeps its weights in few bits: it is for using the model, not for training",
        "choose the original in fp32, fp16 or bf16; QLoRA keeps its weights in few bits while it trains");
  if (is_folder && !quantised) {
    if (const std::int64_t side = model.sizes.map_values > 0 ? processed_image_size(path) : 0)
      model.sizes.image_size = side;
    check_files(path, model);
    if (family.modality == "text") check_tokenizer(path, model);
  }
  return model;
}

ModelOutline outline_for(const fs::path& path, const std::string& objective, std::int64_t labels) {
  const Json config = read_json(fs::is_directory(path) ? path / "config.json" : path, kConfigLimitBytes);
  const std::string type = config.is_object() ? sheet_text(config, "model_type") : "";
  const ObjectiveEntry& entry = objective_entry(objective);
  std::string head = is_known(type) ? head_for(entry, family_of_model_type(type)) : "";
  if (head.empty()) head = entry.heads.front();  // which outline_model refuses by name
  return outline_model(path, head, labels);
}

Json outline_to_json(const ModelOutline& model) {
  Json findings = Json::array();
  for (const OutlineFinding& one : model.findings)
    findings.push_back({{"id", one.id}, {"severity", one.severity}, {"message", one.message}, {"hint", one.hint}});
  return {{"model_type", model.model_type},
          {"family", model.family},
          {"head", model.head},
          {"vocabulary", model.sizes.vocabulary},
          {"hidden_size", model.sizes.channels},
          {"layers", model.sizes.layers},
          {"heads", model.sizes.heads},
          {"positions", model.sizes.positions},
          {"labels", model.labels},
          {"parameters", model.total_parameters},
          {"file_bytes", model.file_bytes},
          {"tokenizer_tokens", model.tokenizer_tokens},
          {"head_replaced", model.head_replaced},
          {"findings", std::move(findings)},
          {"modules", tree_to_json(model.tree)}};
}

}  // namespace luthier
