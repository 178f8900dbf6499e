#include "export/artefact.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"
#include "base/version.h"
#include "methods/method.h"
#include "models/config.h"
#include "models/few_bits.h"
#include "recipe/catalog.h"
#include "weights/weights.h"

namespace luthier {

namespace {
constexpr const char* kNotesFile = "luthier.json";
constexpr const char* kAdapterConfig = "adapter_config.json";
constexpr const char* kHeadFile = "model_head.safetensors";  ///< of the adapters library, beside adapter.safetensors
constexpr const char* kAdapterBeside = "adapter";  ///< in a folder with the base model that was exported unmerged
constexpr std::int64_t kDefaultTokens = 512;

std::optional<Head> head_of_task(const Json& adapter_config) {
  const auto task = adapter_config.find("task_type");
  if (task == adapter_config.end() || !task->is_string()) return std::nullopt;
  if (*task == "SEQ_CLS") return Head::sequence_classification;
  if (*task == "TOKEN_CLS") return Head::token_classification;
  if (*task == "CAUSAL_LM") return Head::causal_lm;
  if (*task == "SEQ_2_SEQ_LM") return Head::seq2seq_lm;
  return std::nullopt;
}

/// The files of an adapter's weights: one of PEFT's, or an adapter and a head of the adapters library's.
std::vector<Weights> adapter_weights(const fs::path& folder) {
  std::vector<Weights> files;
  for (const char* name : {"adapter.safetensors", "pytorch_adapter.bin"})
    if (files.empty() && fs::exists(folder / name)) files.push_back(Weights::open(folder / name));
  if (files.empty()) return {Weights::open(folder)};
  for (const char* name : {kHeadFile, "pytorch_model_head.bin"})
    if (files.size() == 1 && fs::exists(folder / name)) files.push_back(Weights::open(folder / name));
  return files;
}

/// An adapter of another program brings its head's size, not its names.
std::vector<std::string> labels_of_adapter(const std::vector<Weights>& adapter, const Json& base_config) {
  for (const Weights& file : adapter)
    for (const TensorEntry& tensor : file.tensors()) {
      const std::string name = "." + tensor.name;
      const bool output = name.ends_with(".score.weight") || name.ends_with(".classifier.weight") ||
                          name.ends_with(".classifier.out_proj.weight");
      if (!output || tensor.shape.size() != 2) continue;
      std::vector<std::string> labels = config_labels(base_config);
      const auto count = static_cast<std::size_t>(tensor.shape[0]);
      if (labels.size() == count) return labels;
      labels.resize(count);
      for (std::size_t i = 0; i < count; ++i) labels[i] = "LABEL_" + std::to_string(i);
      return labels;
    }
  return {};
}

/// Weights that no file has were drawn anew: what comes out of them means nothing.
void check_drawn(const LoadReport& report, const std::vector<Weights>& adapter, const fs::path& folder) {
  const auto is_saved = [&](const std::string& name) {
    return std::any_of(adapter.begin(), adapter.end(), [&](const Weights& file) {
      return file.find("base_model.model." + name) || file.find("base_model." + name) || file.find(name);
    });
  };
  std::vector<std::string> missing;
  for (const std::string& name : report.drawn)
    if (!is_saved(name)) missing.push_back(name);
  if (missing.empty()) return;
  std::string names = missing[0];
  for (std::size_t i = 1; i < std::min<std::size_t>(missing.size(), 4); ++i) names += ", " + missing[i];
  if (missing.size() > 4) names += " and " + std::to_string(missing.size() - 4) + " more";
  fail(ErrorKind::bad_input, "these weights are not on the disk, so the model is not trained for this: " + names,
       folder.string(),
       adapter.empty()
           ? "fine-tune the model first, or choose the folder of a fine-tuned one"
           : "export the whole model (format huggingface), or train them with the adapter (modules to save)");
}

bool has_tokenizer(const fs::path& folder) {
  for (const char* name : {"tokenizer.json", "vocab.txt", "vocab.json", "tokenizer.model", "spiece.model"})
    if (fs::exists(folder / name)) return true;
  return false;
}

bool writes_text(Head head) { return head == Head::seq2seq_lm || head == Head::ctc || head == Head::causal_lm; }

template <class... Kinds>
std::optional<ObjectiveOptions> read_kind(const Json& json, const std::string& kind, std::variant<Kinds...>*) {
  std::optional<ObjectiveOptions> found;
  std::size_t index = 0;
  const auto try_one = [&]<class Kind>() {
    if (objectives().at(index++).kind != kind) return;
    Kind options;
    std::vector<Problem> problems;
    Json fields = json;
    fields.erase("kind");
    read_options(fields, "objective", options, problems);
    found = options;
  };
  (try_one.template operator()<Kinds>(), ...);
  return found;
}

std::optional<nn::QuantiseOptions> quantisation_of_notes(const Json& json) {
  if (json.is_null()) return std::nullopt;
  const auto how = quantisation_from_json(json);
  if (!how) fail(ErrorKind::bad_input, "no such block of weights", kNotesFile);
  return how;
}

/// The endings of the modules that an adapter brings whole: they stay in full precision.
std::vector<std::string> whole_modules_of(const fs::path& adapter) {
  const Json saved = read_json(adapter / kAdapterConfig).value("modules_to_save", Json());
  return saved.is_array() ? saved.get<std::vector<std::string>>() : std::vector<std::string>();
}

/// The objective of the notes, where it fits the head.
std::optional<ObjectiveOptions> read_objective(const Json& json, Head head) {
  if (!json.is_object() || !json.contains("kind") || !json.at("kind").is_string()) return std::nullopt;
  const std::string kind = json.at("kind");
  const auto& table = objectives();
  const auto entry = std::find_if(table.begin(), table.end(), [&](const auto& one) { return one.kind == kind; });
  if (entry == table.end() ||
      std::find(entry->heads.begin(), entry->heads.end(), to_string(head)) == entry->heads.end())
    return std::nullopt;
  return read_kind(json, kind, static_cast<ObjectiveOptions*>(nullptr));
}
}  // namespace

ObjectiveOptions objective_of(const Model& model) {
  switch (model.head_kind()) {
    case Head::sequence_classification:
    case Head::image_classification:
    case Head::audio_classification: {
      const std::string type = config_text(model.config(), "problem_type", "");
      if (type == "regression" || (type.empty() && model.label_names().size() == 1)) return RegressionOptions{};
      if (type == "multi_label_classification") return MultiLabelOptions{};
      return ClassificationOptions{};
    }
    case Head::token_classification:
      return TaggingOptions{};
    case Head::masked_lm:
      return MaskedLmOptions{};
    case Head::causal_lm:
      return CausalLmOptions{};
    case Head::seq2seq_lm:
      return Seq2SeqOptions{};
    case Head::ctc:
      return CtcOptions{};
  }
  fail(ErrorKind::internal, "unknown head");
}

void write_notes(const fs::path& folder, const ArtefactNotes& notes) {
  write_json(folder / kNotesFile,
             Json{{"luthier", kVersion},
                  {"format", notes.format},
                  {"head", to_string(notes.head)},
                  {"labels", notes.labels},
                  {"max_tokens", notes.max_tokens},
                  {"objective", notes.objective_json.empty() ? Json() : parse_json(notes.objective_json, "objective")},
                  {"longest_seconds", notes.longest_seconds},
                  {"quantisation", notes.quantisation ? quantisation_to_json(*notes.quantisation) : Json()}});
}

std::optional<ArtefactNotes> read_notes(const fs::path& folder) {
  const fs::path file = folder / kNotesFile;
  if (!fs::exists(file)) return std::nullopt;
  const Json json = read_json(file);
  try {
    return ArtefactNotes{json.at("format"),
                         head_from(json.at("head")),
                         json.at("labels").get<std::vector<std::string>>(),
                         json.at("max_tokens"),
                         json.value("objective", Json()).dump(),
                         json.value("longest_seconds", 0.0),
                         quantisation_of_notes(json.value("quantisation", Json()))};
  } catch (const Json::exception& error) {
    fail(ErrorKind::bad_input, std::string("this is not what Luthier wrote: ") + error.what(), file.string(),
         "export the model again");
  }
}

fs::path base_of_adapter(const fs::path& adapter) {
  const Json config = read_json(adapter / kAdapterConfig);
  // PEFT's key, or the adapters library's.
  const auto name = config.find(config.contains("base_model_name_or_path") ? "base_model_name_or_path" : "model_name");
  if (name == config.end() || !name->is_string() || name->get<std::string>().empty())
    fail(ErrorKind::bad_input, "the adapter does not say which model it belongs to",
         (adapter / kAdapterConfig).string(), "name the base model's folder with --model, the adapter with --adapter");
  const fs::path base = resolve_path(name->get<std::string>(), fs::absolute(adapter));
  if (!fs::is_directory(base))
    fail(ErrorKind::not_found, "the adapter's base model is not there: " + base.string(),
         (adapter / kAdapterConfig).string(), "name its folder with --model, and the adapter with --adapter");
  return base;
}

Artefact open_artefact(const fs::path& folder, const fs::path& adapter_folder, std::optional<Head> head) {
  Artefact artefact;
  if (!fs::is_directory(folder)) fail(ErrorKind::not_found, "there is no such folder", folder.string());
  artefact.adapter = adapter_folder;
  artefact.base = folder;
  if (adapter_folder.empty() && fs::exists(folder / kAdapterConfig)) {
    artefact.adapter = folder;
    artefact.base = base_of_adapter(folder);
  } else if (adapter_folder.empty() && fs::exists(folder / kAdapterBeside / kAdapterConfig)) {
    artefact.adapter = folder / kAdapterBeside;
  }
  const bool adapted = !artefact.adapter.empty();
  const fs::path& trained = adapted ? artefact.adapter : artefact.base;
  const std::optional<ArtefactNotes> notes = read_notes(trained);
  const Json config = read_json(artefact.base / "config.json");
  std::vector<Weights> adapter;
  LoadOptions load;
  if (notes) head = notes->head;
  if (adapted) {
    adapter = adapter_weights(artefact.adapter);
    if (!head) head = head_of_task(read_json(artefact.adapter / kAdapterConfig));
    load.labels = notes ? notes->labels : labels_of_adapter(adapter, config);
    if (notes && notes->quantisation)
      load.quantisation = Quantisation{*notes->quantisation, whole_modules_of(artefact.adapter)};
  }
  load.head = head.value_or(head_of_config(config));

  LoadReport report;
  artefact.model = load_model(artefact.base, load, &report);
  check_drawn(report, adapter, trained);
  artefact.processors = open_processors(artefact.base);
  if (artefact.processors.modality() == "text" || writes_text(artefact.model->head_kind())) {
    artefact.tokenizer = std::make_unique<Tokenizer>(Tokenizer::open(has_tokenizer(trained) ? trained : artefact.base));
    const std::int64_t tokens = artefact.tokenizer->vocabulary_size();
    if (tokens > artefact.model->vocabulary()) {
      if (!adapted)
        fail(ErrorKind::bad_input,
             "the tokenizer has " + std::to_string(tokens) + " tokens, the model's embedding only " +
                 std::to_string(artefact.model->vocabulary()),
             folder.string(), "this tokenizer belongs to another model");
      artefact.model->set_vocabulary(tokens);  // the tokens that were added before the adapter was trained
    }
  }
  const auto trained_for =
      notes ? read_objective(parse_json(notes->objective_json, kNotesFile), artefact.model->head_kind()) : std::nullopt;
  artefact.objective = trained_for.value_or(objective_of(*artefact.model));
  if (notes && notes->longest_seconds > 0) artefact.longest_seconds = notes->longest_seconds;
  if (adapted) load_adapter(*artefact.model, artefact.adapter);
  artefact.model->eval();
  const bool reads_text = artefact.processors.modality() == "text";
  artefact.max_tokens = !reads_text                      ? notes ? notes->max_tokens : kDefaultTokens
                        : notes && notes->max_tokens > 0 ? notes->max_tokens
                                                         : std::min(kDefaultTokens, artefact.model->max_positions());
  return artefact;
}

}  // namespace luthier
