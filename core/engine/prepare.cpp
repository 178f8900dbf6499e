#include "engine/prepare.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/Generator.h>

#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "engine/adaptation.h"
#include "engine/memory.h"
#include "engine/teacher.h"
#include "eval/label_weights.h"
#include "export/exporter.h"
#include "models/families.h"
#include "models/few_bits.h"
#include "models/frozen.h"
#include "nn/precision.h"
#include "recipe/packing.h"
#include "text/known_templates.h"

namespace luthier {

namespace {

/// An embedding smaller than the tokenizer would read past its end; one larger is usual (padded to a round number).
void fit_vocabulary(Model& model, const Tokenizer& tokenizer, std::int64_t added) {
  const std::int64_t wanted = tokenizer.vocabulary_size();
  if (wanted <= model.vocabulary()) return;
  if (added == 0)
    fail(ErrorKind::bad_input,
         "the tokenizer has " + std::to_string(wanted) + " tokens, the model's embedding only " +
             std::to_string(model.vocabulary()),
         "model.path", "this tokenizer belongs to another model: use the one that came with the weights");
  model.set_vocabulary(wanted);
}

std::string words_of(const std::string& modality) {
  return modality == "image" ? "images" : modality == "audio" ? "recordings" : "text";
}

/// What the objective asks of config.json, as transformers reads it.
void set_problem_type(Model& model, const ObjectiveOptions& objective) {
  Json& config = model.mutable_config();
  if (std::holds_alternative<RegressionOptions>(objective))
    config["problem_type"] = "regression";
  else if (std::holds_alternative<MultiLabelOptions>(objective))
    config["problem_type"] = "multi_label_classification";
  else if (std::holds_alternative<ClassificationOptions>(objective) && config.contains("problem_type"))
    config["problem_type"] = "single_label_classification";
}

void report_findings(const Dataset& data, RunLog& log) {
  for (const Finding& finding : data.findings) log.event(0, "finding", finding.message, finding_to_json(finding));
}

/// The modules that train whole beside an adapter; nullptr for methods that have none.
std::vector<std::string>* whole_modules_of(MethodOptions& method) {
  return std::visit(
      [](auto& options) -> std::vector<std::string>* {
        if constexpr (requires { options.modules_to_save; }) return &options.modules_to_save;
        return nullptr;
      },
      method);
}

/// Adapters leave everything but themselves frozen. Modules that the checkpoint lacks (a pooler after masked-language
/// pre-training) would stay random and be saved nowhere, so they train whole and are saved beside the adapter.
MethodOptions with_drawn_modules(MethodOptions method, const Model& model, const LoadReport& report) {
  std::vector<std::string>* saved = whole_modules_of(method);
  if (!saved) return method;
  const auto heads = model.head_modules();
  for (const std::string& parameter : report.drawn) {
    const std::string module = parameter.substr(0, parameter.rfind('.'));
    const bool in_head = std::any_of(heads.begin(), heads.end(), [&](const std::string& head) {
      return module == head || module.rfind(head + ".", 0) == 0;
    });
    if (!in_head && std::find(saved->begin(), saved->end(), module) == saved->end()) saved->push_back(module);
  }
  return method;
}

/// What a prompt that starts from words asks the tokenizer.
PromptWords prompt_words(const MethodOptions& method, const Tokenizer* tokenizer) {
  PromptWords words;
  if (!tokenizer) return words;
  const std::string text = std::visit(
      [](const auto& options) -> std::string {
        if constexpr (requires { options.init_text; }) return options.init == "text" ? options.init_text : "";
        return {};
      },
      method);
  if (!text.empty()) words.text = tokenizer->encode(text, /*add_special_tokens=*/false).ids;
  words.tokens = tokenizer->vocabulary_size();
  for (std::int64_t id = 0; id < words.tokens; ++id)
    if (tokenizer->is_special(id) || tokenizer->token_of(id).empty()) words.special.push_back(id);
  return words;
}

/// Learned tokens stand before every row and take positions as the row's own do.
void check_prompt_fits(const Model& model, std::int64_t max_tokens) {
  const std::int64_t learned = model.prompt_tokens(), positions = model.max_positions();
  if (learned == 0 || model.is_encoder_decoder() || max_tokens + learned <= positions) return;
  fail(ErrorKind::bad_input,
       "rows of up to " + std::to_string(max_tokens) + " tokens and " + std::to_string(learned) +
           " virtual tokens do not fit into the " + std::to_string(positions) + " that the model reads",
       "data.max_tokens",
       learned < positions ? "lower it to " + std::to_string(positions - learned) + ", or take fewer virtual tokens"
                           : "take fewer virtual tokens (method.virtual_tokens)");
}

/// Whether the family's rows can be packed, before anything is read.
void check_packing(const Prepared& parts, const std::filesystem::path& model) {
  if (parts.recipe.training.batching != "packed") return;
  const Json config = read_json(fs::is_directory(model) ? model / "config.json" : model);
  const FamilyEntry& family = family_of_model_type(modules_of(config).model_type);
  const std::string reason = why_not_packed(family, objective_entry(kind_of(parts.recipe.objective)));
  if (!reason.empty())
    fail(ErrorKind::unsupported, "rows cannot be packed: " + reason, "training.batching", "use bucketed");
}

}  // namespace

DatasetOptions dataset_options(const Recipe& recipe, const std::filesystem::path& cache_folder, DataProgress progress) {
  const DataOptions& data = recipe.data;
  const auto placed = [&](const std::string& path) {
    return path.empty() ? fs::path() : resolve_path(path, recipe.folder);
  };
  DatasetOptions options;
  options.train = placed(data.train);
  options.validation = placed(data.validation);
  options.test = placed(data.test);
  options.read = {data.format, data.encoding, data.delimiter, data.quote, data.header, data.max_rows};
  options.roles = data.roles;
  options.labels = data.labels;
  options.task = kind_of(recipe.objective);
  options.modality = modality_of(data);
  options.longest_seconds = data.longest_seconds;
  if (const auto* several = std::get_if<MultiLabelOptions>(&recipe.objective)) options.separator = several->separator;
  if (const auto* written = std::get_if<Seq2SeqOptions>(&recipe.objective)) {
    options.prefix = written->prefix;
    options.max_target_tokens = written->max_target_tokens;
    options.language = written->language;
    options.speech_task = written->task;
  }
  if (options.modality == "audio")
    options.sample_rate = open_processors(resolve_path(recipe.model.path, recipe.folder)).rate();
  if (const auto* tagging = std::get_if<TaggingOptions>(&recipe.objective)) options.label_on = tagging->label_on;
  if (const auto* causal = std::get_if<CausalLmOptions>(&recipe.objective)) {
    options.loss_on = causal->loss_on;
    options.chat_template = causal->chat_template;
    options.system = causal->system;
  }
  if (const auto* preference = std::get_if<PreferenceOptions>(&recipe.objective))
    options.chat_template = preference->chat_template;
  options.max_tokens = data.max_tokens;
  options.validation_share = data.validation_share;
  options.test_share = data.test_share;
  options.stratify = data.stratify;
  options.seed = static_cast<std::uint64_t>(recipe.seed);
  options.cache_folder = cache_folder;
  options.progress = std::move(progress);
  return options;
}

Prepared prepare_data(const Recipe& recipe, const std::filesystem::path& cache_folder, DataProgress progress) {
  Prepared parts;
  parts.recipe = recipe;
  const TrainingOptions& training = recipe.training;
  head_of(recipe.objective, resolve_path(recipe.model.path, recipe.folder));  // refused before any data is read
  if (recipe.adaptation) adaptation_recipe(recipe);
  if (training.threads > 0) at::set_num_threads(static_cast<int>(training.threads));
  at::globalContext().setDeterministicAlgorithms(true, /*warn_only=*/true);
  at::globalContext().setDeterministicFillUninitializedMemory(false);
  parts.device = nn::choose_device(training.device);
  parts.precision = nn::choose_precision(training.precision, parts.device);
  const fs::path model = resolve_path(recipe.model.path, recipe.folder);
  const std::string modality = modality_of(recipe.data);
  parts.processors = open_processors(model);
  if (parts.processors.modality() != modality) {
    const std::string reads = parts.processors.modality();
    fail(ErrorKind::bad_input,
         "the model reads " + words_of(reads) + ", the data's columns have roles for " + words_of(modality),
         "model.path", "choose a model that reads " + words_of(modality) + ", or give a column the role " + reads);
  }
  check_packing(parts, model);
  if (needs_tokenizer(kind_of(recipe.objective), modality)) {
    parts.tokenizer = std::make_unique<Tokenizer>(
        Tokenizer::open(recipe.model.tokenizer.empty() ? model : resolve_path(recipe.model.tokenizer, recipe.folder)));
    parts.added_tokens = parts.tokenizer->add_tokens(recipe.model.add_tokens);
  }
  parts.data = load_dataset(dataset_options(recipe, cache_folder, std::move(progress)), parts.tokenizer.get());
  if (has_conversations(parts.data)) set_chat_template(*parts.tokenizer, recipe);
  return parts;
}

namespace {

/// What stay_near_base pulls towards: the parameters that the checkpoint has. Mapped a second time, they cost no memory
/// of the process's own; only an embedding that has grown is a copy.
NamedTensors base_weights(const Prepared& parts, const std::filesystem::path& folder, const LoadOptions& load) {
  std::map<std::string, Tensor> stored;
  for (const auto& [name, tensor] : load_model(folder, load)->unique_parameters()) stored.emplace(name, tensor);
  for (const std::string& name : parts.loaded.drawn) stored.erase(name);
  NamedTensors base;
  for (const auto& [name, tensor] : parts.attached.trainable)
    if (const auto found = stored.find(name); found != stored.end())
      base.emplace_back(name, found->second.sizes() == tensor.sizes() ? found->second.detach().requires_grad_(false)
                                                                      : tensor.detach().clone());
  return base;
}

}  // namespace

void prepare_model(Prepared& parts) {
  const Recipe& recipe = parts.recipe;
  LoadOptions load;
  load.head = head_of(recipe.objective, resolve_path(recipe.model.path, recipe.folder));
  load.labels = parts.data.label_names;
  if (std::holds_alternative<RegressionOptions>(recipe.objective)) load.labels = {"LABEL_0"};
  load.from_config = recipe.model.from_config;
  load.seed = static_cast<std::uint64_t>(recipe.seed);
  load.dropout = recipe.training.dropout;
  if (const auto* qlora = std::get_if<QloraOptions>(&recipe.method))
    load.quantisation = {{nn::quantised_type(qlora->type), qlora->block, qlora->double_quantisation},
                         qlora->modules_to_save};
  const fs::path model_folder = resolve_path(recipe.model.path, recipe.folder);
  if (is_in_few_bits(model_folder))
    fail(ErrorKind::unsupported,
         "this folder keeps its weights in few bits: it is for using the model, not for training", "model.path",
         "choose the folder that it was made from; qlora keeps its weights in few bits while it trains");
  parts.model = load_model(model_folder, load, &parts.loaded);
  set_problem_type(*parts.model, recipe.objective);
  for (const ExportOptions& wanted : recipe.exports) check_export(*parts.model, wanted, parts.tokenizer.get());
  if (parts.tokenizer) fit_vocabulary(*parts.model, *parts.tokenizer, parts.added_tokens);
  if (modality_of(recipe.data) == "text" && recipe.data.max_tokens > parts.model->max_positions())
    fail(ErrorKind::bad_input,
         "data.max_tokens is " + std::to_string(recipe.data.max_tokens) + ", but the model reads at most " +
             std::to_string(parts.model->max_positions()) + " tokens",
         "data.max_tokens", "lower it to " + std::to_string(parts.model->max_positions()));
  parts.attached =
      recipe.model.adapter.empty()
          ? attach_method(*parts.model, with_drawn_modules(recipe.method, *parts.model, parts.loaded),
                          parts.loaded.new_head, load.seed, prompt_words(recipe.method, parts.tokenizer.get()))
          : load_adapter(*parts.model, resolve_path(recipe.model.adapter, recipe.folder));
  check_prompt_fits(*parts.model, recipe.data.max_tokens);
  parts.model->set_recompute(recipe.training.recompute);
  parts.model->set_embedding_noise(recipe.training.embedding_noise);
  if (recipe.training.stay_near_base > 0)
    parts.base = base_weights(parts, resolve_path(recipe.model.path, recipe.folder), load);
  parts.collate = collate_options(recipe.objective, parts.tokenizer.get(), *parts.model, load.seed, parts.processors);
  parts.collate.augment = recipe.data.augment;
  parts.collate.pack = recipe.training.batching == "packed";
  parts.collate.label_weights = label_weights_of(recipe.objective, parts.data.train, parts.data.label_names);
  if (parts.collate.pack && (!parts.model->can_pack() || parts.model->prompt_tokens() > 0))
    fail(ErrorKind::unsupported, "rows cannot be packed: this model takes them one by one", "training.batching",
         "use bucketed");
  parts.collate.longest_seconds = recipe.data.longest_seconds;
  if (recipe.training.distillation && parts.data.train.size() > 0) parts.teacher = open_teacher(parts);
}

void place_model(Prepared& parts) {
  const c10::Device device(parts.device);
  // Narrowed before it is moved: the device never holds frozen weights in full precision.
  const auto narrow = [&](Model& model) {
    if (!device.is_cpu() && parts.precision != "fp32")
      narrow_frozen(model, parts.precision == "fp16" ? at::kHalf : at::kBFloat16);
    model.to(device);
  };
  narrow(*parts.model);
  if (parts.teacher) narrow(*parts.teacher);
}

bool has_conversations(const Dataset& data) {
  return std::any_of(data.findings.begin(), data.findings.end(),
                     [](const Finding& finding) { return finding.id == "conversations"; });
}

void set_chat_template(Tokenizer& tokenizer, const Recipe& recipe) {
  if (const auto* causal = std::get_if<CausalLmOptions>(&recipe.objective))
    tokenizer.set_chat_template(chat_template_source(causal->chat_template, tokenizer));
  if (const auto* preference = std::get_if<PreferenceOptions>(&recipe.objective))
    tokenizer.set_chat_template(chat_template_source(preference->chat_template, tokenizer));
}

Prepared prepare(const Recipe& recipe, const std::filesystem::path& cache_folder, RunLog& log) {
  log.event(0, "stage", "reading data");
  log.flush();
  Prepared parts = prepare_data(recipe, cache_folder, [&log](const std::string&, double) { log.flush_if_due(); });
  report_findings(parts.data, log);
  check_memory(parts);

  log.event(0, "stage", "loading the model");
  log.flush();
  prepare_model(parts);
  place_model(parts);
  log.event(0, "model",
            std::to_string(parts.attached.trainable_parameters) + " of " +
                std::to_string(parts.attached.all_parameters) + " parameters train",
            {{"family", parts.model->family()},
             {"trainable", parts.attached.trainable_parameters},
             {"parameters", parts.attached.all_parameters},
             {"new_head", parts.loaded.new_head},
             {"drawn", parts.loaded.drawn},
             {"unused", parts.loaded.unused},
             {"device", parts.device},
             {"precision", parts.precision},
             {"labels", parts.data.label_names},
             {"conversations", has_conversations(parts.data)},
             {"rows",
              {{"train", parts.data.train.size()},
               {"validation", parts.data.validation.size()},
               {"test", parts.data.test.size()}}}});
  log.flush();
  return parts;
}

}  // namespace luthier
