// Prompts in PEFT's format: adapter_config.json and adapter_model.safetensors with "prompt_embeddings".
#include <ATen/core/grad_mode.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "methods/attach.h"
#include "methods/lora.h"
#include "methods/peft_config.h"
#include "methods/prompt_tuning.h"
#include "models/config.h"
#include "models/prompt.h"
#include "models/tensors.h"

namespace luthier {

namespace {

constexpr const char* kPromptPrefix = "base_model.";
constexpr const char* kValues = "prompt_embeddings";

std::string type_of(const Json& config) {
  const auto found = config.find("peft_type");
  return found != config.end() && found->is_string() ? found->get<std::string>() : "";
}

std::int64_t whole_number(const Json& config, const char* key, std::int64_t fallback, const std::string& where) {
  const auto found = config.find(key);
  if (found == config.end() || found->is_null()) return fallback;
  const bool fits = found->is_number_integer() && *found >= 1 && *found <= (1 << 24);
  if (!fits)
    fail(ErrorKind::bad_input, std::string("\"") + key + "\" must be a whole number above zero", where,
         "get the adapter again from where it came");
  return found->get<std::int64_t>();
}

/// The first of these keys that config.json has.
std::int64_t first_size(const Json& config, std::initializer_list<const char*> keys) {
  for (const char* key : keys)
    if (config.contains(key) && !config[key].is_null()) return config_size(config, key);
  return 0;
}

/// Parameters beside the prompt: a head, or modules that train whole.
void set_whole(Model& model, const std::string& stored, const Tensor& values, const std::string& place) {
  std::string name = stored.starts_with(kPromptPrefix) ? stored.substr(std::string(kPromptPrefix).size()) : stored;
  for (const std::string part : {".modules_to_save.default.", ".modules_to_save."})
    if (const auto at = name.find(part); at != std::string::npos) name.replace(at, part.size(), ".");
  auto parameters = model.named_parameters();
  Tensor* slot = parameters.find(name);
  if (!slot)
    fail(ErrorKind::bad_input, "the adapter saves a parameter that the model does not have", place,
         "open the model with the head that the adapter was trained with");
  if (slot->sizes() != values.sizes() || !values.is_floating_point())
    fail(ErrorKind::bad_input,
         "the adapter's shape " + shape_text(values) + " does not fit the model's " + shape_text(*slot), place,
         "use the base model, and as many labels, as the adapter was trained with");
  slot->copy_(values);
  slot->requires_grad_(true);
}

std::string task_of(Head head) {
  switch (head) {
    case Head::sequence_classification:
      return "SEQ_CLS";
    case Head::token_classification:
      return "TOKEN_CLS";
    case Head::causal_lm:
      return "CAUSAL_LM";
    case Head::seq2seq_lm:
      return "SEQ_2_SEQ_LM";
    default:
      fail(ErrorKind::internal, "PEFT has no prompts for the head " + to_string(head));
  }
}

}  // namespace

bool is_prompt_config(const Json& config) {
  const std::string type = config.is_object() ? type_of(config) : "";
  return type == "PROMPT_TUNING" || type == "PREFIX_TUNING" || type == "P_TUNING";
}

Attached load_prompt(Model& model, const std::filesystem::path& folder, const Json& config) {
  const std::string where = (folder / kPeftConfigFile).string();
  const fs::path file = folder / (fs::exists(folder / kPeftTensorFile) ? kPeftTensorFile : kOlderPeftTensorFile);
  if (!fs::exists(file))
    fail(ErrorKind::not_found, "the adapter's weights are missing", (folder / kPeftTensorFile).string(),
         "save the adapter with PEFT's save_pretrained");
  const bool is_prefix = type_of(config) == "PREFIX_TUNING";
  const PromptPlaces places = model.prompt_places();
  if (is_prefix ? places.layers == 0 : !places.embeddings)
    fail(ErrorKind::unsupported, "a " + model.family() + " with this head takes no such prompt", where,
         "use the base model, with the head, that the adapter was trained with");
  const std::int64_t count = whole_number(config, "num_virtual_tokens", 0, where);
  if (count == 0) fail(ErrorKind::bad_input, "\"num_virtual_tokens\" is missing", where);
  if (is_prefix && model.is_encoder_decoder() && whole_number(config, "num_transformer_submodules", 2, where) != 2)
    fail(ErrorKind::unsupported, "a prefix for one half of an encoder-decoder is not supported", where,
         "set num_transformer_submodules to 2 in PEFT");

  freeze_all(model);
  Tensor values;
  const at::NoGradGuard no_grad;
  for (const auto& [name, tensor] : read_tensors(file)) {
    const std::string place = file.string() + ": " + name;
    if (name != kValues) {
      set_whole(model, name, tensor, place);
      continue;
    }
    const std::int64_t width = is_prefix ? 2 * places.layers * places.row_channels() : model.input_embedding().size(1);
    // Prompts for both halves of an encoder-decoder hold twice as many, of which PEFT reads the first half.
    if (tensor.dim() != 2 || !tensor.is_floating_point() || tensor.size(1) != width ||
        (tensor.size(0) != count && tensor.size(0) != 2 * count))
      fail(ErrorKind::bad_input,
           "the prompt's shape " + shape_text(tensor) + " does not fit " + std::to_string(count) +
               " virtual tokens of " + std::to_string(width) + " numbers",
           place, "use the base model that the adapter was trained on");
    values = tensor.narrow(0, 0, count).to(at::kFloat);
  }
  if (!values.defined()) fail(ErrorKind::bad_input, "the adapter holds no prompt_embeddings", file.string());
  const auto prompt = std::make_shared<Prompt>(is_prefix ? Prompt::Kind::keys_and_values : Prompt::Kind::embeddings,
                                               values.to(model.input_embedding().device()));
  prompt->train(model.is_training());
  model.set_prompt(prompt);
  return attached(model);
}

void save_prompt(const Model& model, const std::filesystem::path& folder, const std::string& base_model_name) {
  const at::NoGradGuard no_grad;
  const Prompt& prompt = *model.prompt();
  const bool is_prefix = prompt.kind() == Prompt::Kind::keys_and_values;
  const Json& base = model.config();
  NamedTensors tensors = {{kValues, prompt.values()}};
  std::vector<std::string> whole;
  for (const auto& [name, parameter] : model.unique_parameters()) {
    if (!parameter.requires_grad() || name.starts_with("prompt_encoder.")) continue;
    tensors.emplace_back(kPromptPrefix + name, parameter);
    const std::string module = name.substr(0, name.rfind('.'));
    const bool in_head = module.ends_with("classifier") || module.ends_with("score") ||
                         name.starts_with("classifier.") || name.starts_with("score.");
    if (!in_head && std::find(whole.begin(), whole.end(), module) == whole.end()) whole.push_back(module);
  }
  std::sort(tensors.begin(), tensors.end(), [](const auto& x, const auto& y) { return x.first < y.first; });
  if (model.head_kind() == Head::sequence_classification || model.head_kind() == Head::token_classification)
    whole.insert(whole.begin(), {"classifier", "score"});

  const PromptPlaces places = model.prompt_places();
  Json config = {{"auto_mapping", nullptr},
                 {"base_model_name_or_path", base_model_name},
                 {"inference_mode", true},
                 {"modules_to_save", whole.empty() ? Json() : Json(whole)},
                 {"num_layers", first_size(base, {"num_hidden_layers", "num_layers", "n_layer", "n_layers"})},
                 {"num_transformer_submodules", is_prefix && model.is_encoder_decoder() ? 2 : 1},
                 {"num_virtual_tokens", prompt.tokens()},
                 {"peft_type", is_prefix ? "PREFIX_TUNING" : "PROMPT_TUNING"},
                 {"peft_version", kPeftVersion},
                 {"revision", nullptr},
                 {"task_type", task_of(model.head_kind())}};
  if (is_prefix) {
    config.update(Json{{"num_attention_heads", places.key_heads},
                       {"token_dim", places.row_channels()},
                       {"encoder_hidden_size", prompt.inner() > 0 ? prompt.inner() : places.row_channels()},
                       {"prefix_projection", prompt.inner() > 0},
                       {"init_weights", nullptr}});
  } else {
    config.update(
        Json{{"num_attention_heads", first_size(base, {"num_attention_heads", "n_head", "num_heads", "n_heads"})},
             {"token_dim", model.prompt()->values().size(1)},
             {"prompt_tuning_init", "RANDOM"},
             {"prompt_tuning_init_text", nullptr},
             {"tokenizer_kwargs", nullptr},
             {"tokenizer_name_or_path", nullptr}});
  }
  fs::create_directories(folder);
  write_tensors(folder / kPeftTensorFile, tensors);
  write_json(folder / kPeftConfigFile, config);
}

}  // namespace luthier
