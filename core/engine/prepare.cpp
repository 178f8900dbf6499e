#include "engine/prepare.h"

#include <ATen/Context.h>
#include <ATen/Parallel.h>
#include <ATen/core/Generator.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "engine/memory.h"
#include "nn/precision.h"

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

/// LoRA leaves everything but its adapters frozen. Modules that the checkpoint lacks (a pooler after masked-language
/// pre-training) would stay random and be saved nowhere, so they train whole and are saved beside the adapter.
MethodOptions with_drawn_modules(MethodOptions method, const Model& model, const LoadReport& report) {
  auto* lora = std::get_if<LoraOptions>(&method);
  if (!lora) return method;
  const auto heads = model.head_modules();
  for (const std::string& parameter : report.drawn) {
    const std::string module = parameter.substr(0, parameter.rfind('.'));
    const bool in_head = std::any_of(heads.begin(), heads.end(), [&](const std::string& head) {
      return module == head || module.rfind(head + ".", 0) == 0;
    });
    auto& saved = lora->modules_to_save;
    if (!in_head && std::find(saved.begin(), saved.end(), module) == saved.end()) saved.push_back(module);
  }
  return method;
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
  if (const auto* causal = std::get_if<CausalLmOptions>(&recipe.objective)) options.loss_on = causal->loss_on;
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
  if (needs_tokenizer(kind_of(recipe.objective), modality)) {
    parts.tokenizer = std::make_unique<Tokenizer>(
        Tokenizer::open(recipe.model.tokenizer.empty() ? model : resolve_path(recipe.model.tokenizer, recipe.folder)));
    parts.added_tokens = parts.tokenizer->add_tokens(recipe.model.add_tokens);
  }
  parts.data = load_dataset(dataset_options(recipe, cache_folder, std::move(progress)), parts.tokenizer.get());
  return parts;
}

void prepare_model(Prepared& parts) {
  const Recipe& recipe = parts.recipe;
  LoadOptions load;
  load.head = head_of(recipe.objective, resolve_path(recipe.model.path, recipe.folder));
  load.labels = parts.data.label_names;
  if (std::holds_alternative<RegressionOptions>(recipe.objective)) load.labels = {"LABEL_0"};
  load.from_config = recipe.model.from_config;
  load.seed = static_cast<std::uint64_t>(recipe.seed);
  load.dropout = recipe.training.dropout;
  parts.model = load_model(resolve_path(recipe.model.path, recipe.folder), load, &parts.loaded);
  set_problem_type(*parts.model, recipe.objective);
  if (parts.tokenizer) fit_vocabulary(*parts.model, *parts.tokenizer, parts.added_tokens);
  if (modality_of(recipe.data) == "text" && recipe.data.max_tokens > parts.model->max_positions())
    fail(ErrorKind::bad_input,
         "data.max_tokens is " + std::to_string(recipe.data.max_tokens) + ", but the model reads at most " +
             std::to_string(parts.model->max_positions()) + " tokens",
         "data.max_tokens", "lower it to " + std::to_string(parts.model->max_positions()));
  parts.attached = recipe.model.adapter.empty()
                       ? attach_method(*parts.model, with_drawn_modules(recipe.method, *parts.model, parts.loaded),
                                       parts.loaded.new_head, load.seed)
                       : load_adapter(*parts.model, resolve_path(recipe.model.adapter, recipe.folder));
  parts.collate = collate_options(recipe.objective, parts.tokenizer.get(), *parts.model, load.seed, parts.processors);
  parts.collate.augment = recipe.data.augment;
  parts.collate.longest_seconds = recipe.data.longest_seconds;
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
  parts.model->to(c10::Device(parts.device));
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
             {"rows",
              {{"train", parts.data.train.size()},
               {"validation", parts.data.validation.size()},
               {"test", parts.data.test.size()}}}});
  log.flush();
  return parts;
}

}  // namespace luthier
