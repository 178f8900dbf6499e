#include "methods/peft_config.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "models/families.h"

namespace luthier {

namespace {

/// Settings that change what is computed or stored; a LoRA that has one of them is something else.
constexpr const char* kUnsupported[] = {"use_qalora",
                                        "use_bdlora",
                                        "lora_bias",
                                        "layer_replication",
                                        "trainable_token_indices",
                                        "target_parameters",
                                        "alora_invocation_tokens",
                                        "arrow_config",
                                        "kasa_config",
                                        "velora_config",
                                        "monteclora_config",
                                        "lora_ga_config"};
/// Ways to draw the first values that leave the base model's weights alone.
constexpr const char* kPlainStarts[] = {"gaussian", "orthogonal", "eva"};

struct Range {
  double least, most;
  bool whole = false;
};
constexpr Range kRanks = {1, 1 << 16, true}, kAlphas = {1e-9, 1e9};

class Reader {
 public:
  Reader(const OrderedJson& json, const std::string& where) : json_(json), where_(where) {
    if (!json.is_object()) fail(ErrorKind::bad_input, "an adapter's config must be an object", where);
  }

  const OrderedJson* find(const std::string& key) const {
    const auto found = json_.find(key);
    return found == json_.end() || found->is_null() ? nullptr : &*found;
  }

  [[noreturn]] void wrong(const std::string& key, const std::string& wanted) const {
    fail(ErrorKind::bad_input, "\"" + key + "\" must be " + wanted, where_, "get the adapter again from where it came");
  }

  double number(const std::string& key, double fallback, Range range) const {
    const OrderedJson* value = find(key);
    return value ? checked(*value, key, range) : fallback;
  }

  bool flag(const std::string& key) const {
    const OrderedJson* value = find(key);
    if (!value) return false;
    if (!value->is_boolean()) wrong(key, "true or false");
    return value->get<bool>();
  }

  std::string text(const std::string& key) const {
    const OrderedJson* value = find(key);
    if (!value) return {};
    if (!value->is_string()) wrong(key, "a text");
    return value->get<std::string>();
  }

  std::vector<std::string> texts(const std::string& key) const {
    std::vector<std::string> list;
    const OrderedJson* value = find(key);
    if (!value) return list;
    if (!value->is_array()) wrong(key, "a list of texts");
    for (const auto& entry : *value) {
      if (!entry.is_string()) wrong(key, "a list of texts");
      list.push_back(entry.get<std::string>());
    }
    return list;
  }

  std::vector<std::pair<std::string, double>> pattern(const std::string& key, Range range) const {
    std::vector<std::pair<std::string, double>> table;
    const OrderedJson* value = find(key);
    if (!value) return table;
    if (!value->is_object()) wrong(key, "an object of numbers");
    for (const auto& [name, entry] : value->items()) table.emplace_back(name, checked(entry, key + "." + name, range));
    return table;
  }

  /// False, null, empty, or absent.
  bool is_off(const std::string& key) const {
    const OrderedJson* value = find(key);
    return !value || *value == false || ((value->is_structured() || value->is_string()) && value->empty()) ||
           (value->is_string() && value->get_ref<const std::string&>().empty());
  }

  void refuse(const std::string& what) const {
    fail(ErrorKind::unsupported, what, where_,
         "supported are LoRA, DoRA and IA3 adapters; merge this one with PEFT first");
  }

 private:
  double checked(const OrderedJson& value, const std::string& key, Range range) const {
    const double number = value.is_number() ? value.get<double>() : std::nan("");
    if (!(number >= range.least && number <= range.most) || (range.whole && number != std::floor(number)))
      wrong(key, std::string(range.whole ? "a whole number" : "a number") + " from " + OrderedJson(range.least).dump() +
                     " to " + OrderedJson(range.most).dump());
    return number;
  }

  const OrderedJson& json_;
  std::string where_;
};

void refuse_other_adapters(const Reader& reader) {
  const std::string type = reader.text("peft_type");
  if (type != "LORA" && type != "IA3")
    reader.refuse("adapters of type \"" + (type.empty() ? "unknown" : type) + "\" are not supported");
  for (const char* key : kUnsupported)
    if (!reader.is_off(key)) reader.refuse(std::string("adapters with \"") + key + "\" are not supported");
  const std::string bias = reader.text("bias");
  if (!bias.empty() && bias != "none")
    reader.refuse("adapters that train biases (\"bias\": \"" + bias + "\") are not supported");
  const OrderedJson* start = reader.find("init_lora_weights");
  if (!start || start->is_boolean()) return;
  const std::string way = reader.text("init_lora_weights");
  if (std::find(std::begin(kPlainStarts), std::end(kPlainStarts), way) == std::end(kPlainStarts))
    reader.refuse("adapters that change the base model's weights (\"init_lora_weights\": \"" + way +
                  "\") are not supported");
}

/// "transformers.models.xlm_roberta.modeling_xlm_roberta" and "XLMRobertaForMaskedLM".
Json class_mapping(const Model& model) {
  std::string module = model.config().value("model_type", "bert");
  std::replace(module.begin(), module.end(), '-', '_');
  const std::string prefix = modules_of(model.config()).class_prefix;
  return {{"base_model_class", prefix + head_class(model.head_kind(), prefix)},
          {"parent_library", "transformers.models." + module + ".modeling_" + module}};
}

Json table(const std::vector<std::pair<std::string, double>>& pattern) {
  Json object = Json::object();
  for (const auto& [name, value] : pattern)
    object[name] = value == std::floor(value) ? Json(static_cast<std::int64_t>(value)) : Json(value);
  return object;
}

}  // namespace

PeftConfig read_peft_config(const OrderedJson& json, const std::string& where) {
  const Reader reader(json, where);
  refuse_other_adapters(reader);
  PeftConfig config;
  config.type = reader.text("peft_type");
  config.rank = static_cast<std::int64_t>(reader.number("r", 8, kRanks));
  config.alpha = reader.number("lora_alpha", 8, kAlphas);
  config.dropout = reader.number("lora_dropout", 0, {0, 0.999});
  config.rank_stabilised = reader.flag("use_rslora");
  config.dora = reader.flag("use_dora");
  const OrderedJson* targets = reader.find("target_modules");
  if (targets && !targets->is_string()) config.targets = reader.texts("target_modules");
  config.modules_to_save = reader.texts("modules_to_save");
  const OrderedJson* feed_forward = reader.find("feedforward_modules");
  if (feed_forward && feed_forward->is_string())
    config.feed_forward_expression = reader.text("feedforward_modules");
  else
    config.feed_forward = reader.texts("feedforward_modules");
  config.rank_pattern = reader.pattern("rank_pattern", kRanks);
  config.alpha_pattern = reader.pattern("alpha_pattern", kAlphas);
  return config;
}

namespace {

Json lora_keys(const PeftConfig& config) {
  Json json = {{"bias", "none"},
               {"corda_config", nullptr},
               {"ensure_weight_tying", false},
               {"eva_config", nullptr},
               {"init_lora_weights", true},
               {"layers_pattern", nullptr},
               {"layers_to_transform", nullptr},
               {"loftq_config", Json::object()},
               {"megatron_config", nullptr},
               {"megatron_core", "megatron.core"},
               {"qalora_group_size", 16}};
  for (const char* key : kUnsupported) json[key] = nullptr;
  for (const char* key : {"use_qalora", "lora_bias"}) json[key] = false;
  json["r"] = config.rank;
  json["lora_alpha"] =
      config.alpha == std::floor(config.alpha) ? Json(static_cast<std::int64_t>(config.alpha)) : Json(config.alpha);
  json["lora_dropout"] = config.dropout;
  json["use_rslora"] = config.rank_stabilised;
  json["use_dora"] = config.dora;
  if (!config.blocks.empty()) json["layers_to_transform"] = config.blocks;
  json["rank_pattern"] = table(config.rank_pattern);
  json["alpha_pattern"] = table(config.alpha_pattern);
  return json;
}

}  // namespace

Json write_peft_config(const PeftConfig& config, const Model& model, const std::string& base_model_name) {
  Json json = config.type == "LORA" ? lora_keys(config)
                                    : Json{{"feedforward_modules", config.feed_forward}, {"init_ia3_weights", true}};
  json["auto_mapping"] = nullptr;
  json["base_model_name_or_path"] = base_model_name;
  json["exclude_modules"] = nullptr;
  json["fan_in_fan_out"] = config.transposed;
  json["inference_mode"] = true;
  json["modules_to_save"] = nullptr;
  if (!config.modules_to_save.empty()) json["modules_to_save"] = config.modules_to_save;
  json["peft_type"] = config.type;
  json["peft_version"] = kPeftVersion;
  json["revision"] = nullptr;
  json["target_modules"] = config.targets;
  json["task_type"] = nullptr;
  switch (model.head_kind()) {
    case Head::sequence_classification:
      json["task_type"] = "SEQ_CLS";
      break;
    case Head::token_classification:
      json["task_type"] = "TOKEN_CLS";
      break;
    case Head::causal_lm:
      json["task_type"] = "CAUSAL_LM";
      break;
    case Head::seq2seq_lm:  // PEFT's class for it hands input_ids on, which models of recordings do not take
      if (model.family() != "whisper")
        json["task_type"] = "SEQ_2_SEQ_LM";
      else
        json["auto_mapping"] = class_mapping(model);
      break;
    case Head::masked_lm:
    case Head::ctc:
    case Head::image_classification:
    case Head::audio_classification:
      json["auto_mapping"] = class_mapping(model);
      break;
  }
  return json;
}

}  // namespace luthier
