#include "export/card.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "recipe/catalog.h"

namespace luthier {

namespace {

std::string auto_class(Head head, bool speech) {
  switch (head) {
    case Head::sequence_classification:
      return "AutoModelForSequenceClassification";
    case Head::token_classification:
      return "AutoModelForTokenClassification";
    case Head::masked_lm:
      return "AutoModelForMaskedLM";
    case Head::causal_lm:
      return "AutoModelForCausalLM";
    case Head::seq2seq_lm:
      return speech ? "AutoModelForSpeechSeq2Seq" : "AutoModelForSeq2SeqLM";
    case Head::ctc:
      return "AutoModelForCTC";
    case Head::image_classification:
      return "AutoModelForImageClassification";
    case Head::audio_classification:
      return "AutoModelForAudioClassification";
  }
  fail(ErrorKind::internal, "unknown head");
}

std::string pipeline_tag(Head head, bool speech) {
  switch (head) {
    case Head::sequence_classification:
      return "text-classification";
    case Head::token_classification:
      return "token-classification";
    case Head::masked_lm:
      return "fill-mask";
    case Head::causal_lm:
      return "text-generation";
    case Head::seq2seq_lm:
      return speech ? "automatic-speech-recognition" : "text2text-generation";
    case Head::ctc:
      return "automatic-speech-recognition";
    case Head::image_classification:
      return "image-classification";
    case Head::audio_classification:
      return "audio-classification";
  }
  fail(ErrorKind::internal, "unknown head");
}

/// A user's text as a JSON string, which is a YAML string too: it cannot end the front matter.
std::string quoted(const std::string& text) { return Json(text).dump(-1, ' ', false, Json::error_handler_t::replace); }

/// A user's text in a table cell or a sentence.
std::string inline_text(const std::string& text) {
  std::string safe;
  for (const char c : text) {
    if (c == '|' || c == '`' || c == '<' || c == '[') safe += '\\';
    safe += c == '\n' || c == '\r' ? ' ' : c;
  }
  return safe;
}

std::string number(const Json& value) {
  if (!value.is_number()) return "-";
  char text[32];
  std::snprintf(text, sizeof text, "%.4g", value.get<double>());
  return text;
}

std::string metrics_table(const Json& summary) {
  const auto part = [&](const char* name) {
    const auto found = summary.find(name);
    return found != summary.end() && found->is_object() ? *found : Json::object();
  };
  const Json base = part("base"), tuned = part("tuned");
  if (tuned.empty() && base.empty()) return {};
  std::string text = "## Results\n\nOn the " + inline_text(summary.value("split", "held-out")) +
                     " rows, which were not trained on.\n\n| metric | base model | this model |\n|---|---|---|\n";
  for (const MetricEntry& metric : metrics()) {
    if (!base.contains(metric.kind) && !tuned.contains(metric.kind)) continue;
    text += "| " + metric.label + " | " + number(base.value(metric.kind, Json())) + " | " +
            number(tuned.value(metric.kind, Json())) + " |\n";
  }
  return text + "\n";
}

std::string file_name(const Json& data, const char* key) {
  const auto found = data.find(key);
  return found != data.end() && found->is_string() ? fs::path(found->get<std::string>()).filename().string() : "";
}

std::string data_text(const Json& recipe, const ExportInputs& inputs) {
  const auto found = recipe.find("data");
  if (found == recipe.end() || !found->is_object()) return {};
  std::string text = "## Data\n\n";
  for (const char* split : {"train", "validation", "test"})
    if (const std::string name = file_name(*found, split); !name.empty())
      text += "- " + std::string(split) + ": " + inline_text(name) + "\n";
  if (inputs.processors.image) return text + "- images: " + inputs.processors.image->text() + "\n\n";
  if (inputs.processors.audio)
    return text + "- recordings at " + std::to_string(inputs.processors.audio->rate()) + " Hz\n\n";
  return text + "- texts were cut at " + std::to_string(inputs.max_tokens) + " tokens\n\n";
}

std::string training_text(const Json& recipe) {
  std::string text;
  if (const auto method = recipe.find("method"); method != recipe.end() && method->is_object()) {
    const std::string kind = method->at("kind");
    const MethodEntry& entry = method_entry(kind);
    text += "- method: " + entry.label;
    if (method->contains("rank"))
      text += ", rank " + method->at("rank").dump() + ", alpha " + method->at("alpha").dump();
    text += "\n";
  }
  if (const auto training = recipe.find("training"); training != recipe.end() && training->is_object())
    for (const char* key : {"epochs", "batch_size", "learning_rate", "schedule"})
      if (training->contains(key))
        text += "- " + std::string(key) + ": " + inline_text(training->at(key).dump()) + "\n";
  if (recipe.contains("seed")) text += "- seed: " + recipe.at("seed").dump() + "\n";
  return text.empty() ? "" : "## Training\n\n" + text + "\n";
}

std::string loading_text(const Model& model, const ExportInputs& inputs, bool adapter) {
  const std::string name = auto_class(model.head_kind(), model.family() == "whisper");
  const bool image = inputs.processors.image != nullptr, audio = inputs.processors.audio != nullptr;
  const std::string reader = image                       ? "AutoImageProcessor"
                             : audio && inputs.tokenizer ? "AutoProcessor"
                             : audio                     ? "AutoFeatureExtractor"
                                                         : "AutoTokenizer";
  std::string code = "from transformers import " + reader + ", " + name + "\n";
  if (adapter) {
    std::string arguments = quoted(inputs.base_model.filename().string());
    if (!model.label_names().empty()) arguments += ", num_labels=" + std::to_string(model.label_names().size());
    code += "from peft import PeftModel\n\nbase = " + name + ".from_pretrained(" + arguments +
            ")  # the base model's folder or name\nmodel = PeftModel.from_pretrained(base, \".\")\n";
  } else {
    code += "\nmodel = " + name + ".from_pretrained(\".\")\n";
  }
  return "## Loading it\n\nFrom this folder, in Python:\n\n```python\n" + code +
         (image || audio ? "processor = " : "tokenizer = ") + reader +
         ".from_pretrained(\".\")\n```\n\nOr with Luthier: `luthier-cli predict --model . "
         "--data "
         "FILE --out FILE`.\n\n";
}

Json object_of(const std::string& text, const std::string& where) {
  if (text.empty()) return Json::object();
  Json json = parse_json(text, where);
  return json.is_object() ? json : Json::object();
}

}  // namespace

std::string model_card(const Model& model, const ExportInputs& inputs, const ExportOptions& options) {
  const bool adapter = options.format == "peft";
  const Json recipe = object_of(inputs.recipe_json, "recipe"), summary = object_of(inputs.metrics_json, "metrics");
  const std::string base = inputs.base_model.filename().string();
  const std::string name = inputs.run_name.empty() ? base + " fine-tuned" : inputs.run_name;
  std::string text = "---\nlibrary_name: " + std::string(adapter ? "peft" : "transformers") +
                     "\npipeline_tag: " + pipeline_tag(model.head_kind(), model.family() == "whisper") +
                     "\nbase_model: " + quoted(base) + "\ntags:\n- luthier\n---\n\n# " + inline_text(name) + "\n\n";
  text += (adapter ? "A PEFT adapter for `" : "A model fine-tuned from `") + inline_text(base) + "` (" +
          model.family() + ") with Luthier";
  text += options.precision == "fp32" || adapter ? ".\n\n" : ", its weights kept in " + options.precision + ".\n\n";
  if (!model.label_names().empty()) {
    text += "Labels: ";
    for (std::size_t i = 0; i < model.label_names().size(); ++i)
      text += (i ? ", " : "") + inline_text(model.label_names()[i]);
    text += "\n\n";
  }
  text +=
      metrics_table(summary) + training_text(recipe) + data_text(recipe, inputs) + loading_text(model, inputs, adapter);
  return text +
         "## Proof\n\n`proof.json` says how closely the files in this folder reproduce the model as it was in memory "
         "when "
         "it was exported; `proof/` holds the texts and the numbers it was compared with. Check again at any time:\n\n"
         "```\nluthier-cli export --verify .\n```\n";
}

}  // namespace luthier
