#include "export/card.h"

#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "export/bundle.h"
#include "export/card_parts.h"
#include "export/merge.h"
#include "export/onnx_card.h"
#include "export/quantised_base.h"
#include "export/torchscript_card.h"
#include "methods/bottleneck.h"
#include "models/quantise.h"
#include "nn/quantised.h"
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

std::string loading_text(const Model& model, const ExportInputs& inputs, bool adapter, bool beside) {
  const std::string name = auto_class(model.head_kind(), model.family() == "whisper");
  const bool image = inputs.processors.image != nullptr, audio = inputs.processors.audio != nullptr;
  const std::string reader = image                       ? "AutoImageProcessor"
                             : audio && inputs.tokenizer ? "AutoProcessor"
                             : audio                     ? "AutoFeatureExtractor"
                                                         : "AutoTokenizer";
  std::string code = "from transformers import " + reader + ", " + name + "\n";
  if (adapter && has_bottlenecks(model)) {
    std::string arguments = quoted(inputs.base_model.filename().string());
    if (!model.label_names().empty()) arguments += ", num_labels=" + std::to_string(model.label_names().size());
    code += "import adapters\n\nmodel = " + name + ".from_pretrained(" + arguments +
            ")  # the base model's folder or name\nadapters.init(model)\nmodel.load_adapter(\".\", "
            "use_safetensors=True, set_active=True)\n";
  } else if (adapter) {
    std::string arguments = quoted(inputs.base_model.filename().string());
    if (!model.label_names().empty()) arguments += ", num_labels=" + std::to_string(model.label_names().size());
    code += "from peft import PeftModel\n\nbase = " + name + ".from_pretrained(" + arguments +
            ")  # the base model's folder or name\nmodel = PeftModel.from_pretrained(base, \".\")\n";
  } else if (beside && has_bottlenecks(model)) {
    code += "import adapters\n\nmodel = " + name +
            ".from_pretrained(\".\")\nadapters.init(model)\nmodel.load_adapter(\"adapter\", use_safetensors=True, "
            "set_active=True)\n";
  } else if (beside) {
    code += "from peft import PeftModel\n\nbase = " + name +
            ".from_pretrained(\".\")\nmodel = PeftModel.from_pretrained(base, \"adapter\")\n";
  } else {
    code += "\nmodel = " + name + ".from_pretrained(\".\")\n";
  }
  return "## Loading it\n\nFrom this folder, in Python:\n\n```python\n" + code +
         (image || audio ? "processor = " : "tokenizer = ") + reader +
         ".from_pretrained(\".\")\n```\n\nOr with Luthier: `luthier-cli predict --model . "
         "--data "
         "FILE --out FILE`.\n\n";
}

/// What few bits cost, where the model was trained beside quantised weights.
std::string quantisation_text(const Model& model, const ExportInputs& inputs, bool adapter,
                              const std::string& merging) {
  const auto how = quantisation_of(model);
  if (!how) return {};
  std::string difference;
  if (has_weights(inputs.base_model)) {
    char share[32];
    std::snprintf(share, sizeof share, "%.2f%%", 100 * quantisation_difference(model, inputs.base_model));
    difference = std::string("They differ from the base model's by ") + share +
                 " (the length of the difference over their own). ";
  }
  return "## Quantised weights\n\nIt was trained beside weights kept as " + nn::to_string(how->type) + ". " +
         difference +
         (adapter ? "On the base model in full precision, this adapter therefore computes something a little different "
                    "from what it was trained with; Luthier quantises the base model again when it opens this folder."
                  : merging) +
         "\n\n";
}

Json object_of(const std::string& text, const std::string& where) {
  if (text.empty()) return Json::object();
  Json json = parse_json(text, where);
  return json.is_object() ? json : Json::object();
}

}  // namespace

std::string model_card(const Model& model, const ExportInputs& inputs, const ExportOptions& options,
                       const std::string& merging) {
  const bool adapter = options.format == "peft", beside = !options.merge;
  const Json recipe = object_of(inputs.recipe_json, "recipe"), summary = object_of(inputs.metrics_json, "metrics");
  const std::string base = inputs.base_model.filename().string();
  const std::string name = inputs.run_name.empty() ? base + " fine-tuned" : inputs.run_name;
  const std::string library = options.format == "torchscript"                          ? "pytorch"
                              : options.format == "onnx" || options.format == "bundle" ? "onnx"
                              : !adapter && !beside                                    ? "transformers"
                              : has_bottlenecks(model)                                 ? "adapter-transformers"
                                                                                       : "peft";
  std::string text = "---\nlibrary_name: " + library +
                     "\npipeline_tag: " + pipeline_tag(model.head_kind(), model.family() == "whisper") +
                     "\nbase_model: " + quoted(base) + "\n" + licence_line(inputs, options) +
                     "tags:\n- luthier\n---\n\n# " + inline_text(name) + "\n\n";
  text += (adapter ? "An adapter for `" : "A model fine-tuned from `") + inline_text(base) + "` (" + model.family() +
          ") with Luthier";
  text += options.precision == "fp32" || adapter ? ".\n\n" : ", its weights kept in " + options.precision + ".\n\n";
  if (beside)
    text += "The base model's weights are in this folder as they were, what was trained is in `adapter/`.\n\n";
  if (!inputs.origin.empty()) text += inline_text(inputs.origin) + "\n\n";
  if (!model.label_names().empty()) {
    text += "Labels: ";
    for (std::size_t i = 0; i < model.label_names().size(); ++i)
      text += (i ? ", " : "") + inline_text(model.label_names()[i]);
    text += "\n\n";
  }
  text += metrics_table(summary) + training_text(recipe) +
          quantisation_text(model, inputs, adapter || beside, merging) + data_text(recipe, inputs) +
          licence_text(inputs, options) +
          (options.format == "torchscript" ? torchscript_loading(model, inputs)
           : options.format == "onnx"      ? onnx_loading(model, inputs)
           : options.format == "bundle"    ? bundle_loading(model, inputs)
                                           : loading_text(model, inputs, adapter, beside));
  return text +
         "## Proof\n\n`proof.json` says how closely the files in this folder reproduce the model as it was in memory "
         "when "
         "it was exported; `proof/` holds the texts and the numbers it was compared with. Check again at any time:\n\n"
         "```\nluthier-cli export --verify .\n```\n" +
         recipe_text(recipe);
}

}  // namespace luthier
