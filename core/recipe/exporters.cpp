#include <algorithm>

#include "recipe/catalog.h"
#include "recipe/recipe.h"

namespace luthier {

void ExportOptions::describe(OptionVisitor& v) {
  std::vector<std::string> kinds;
  for (const ExporterEntry& entry : exporters()) kinds.push_back(entry.kind);
  v.choice({.key = "format", .label = "Format", .help = "What is written at the end of the run.", .required = true},
           kinds, format);
  v.text({.key = "path",
          .label = "Folder",
          .help = "Where to write it; empty: into the run's own folder. Relative to the recipe's folder."},
         path);
  std::vector<std::string> precisions;
  for (const ExporterEntry& entry : exporters())
    for (const std::string& one : entry.precisions)
      if (std::find(precisions.begin(), precisions.end(), one) == precisions.end()) precisions.push_back(one);
  v.choice(
      {.key = "precision",
       .label = "Number type",
       .help = "Fewer bits make the file smaller and change the results a little: two bytes hardly, 8 bits a little, "
               "4 bits noticeably.",
       .level = OptionLevel::advanced},
      precisions, precision);
  v.boolean({.key = "overwrite",
             .label = "Replace",
             .help = "An earlier export in that folder is replaced once the new one is complete. Folders that Luthier "
                     "did not write are never touched.",
             .level = OptionLevel::advanced},
            overwrite);
  v.boolean({.key = "merge",
             .label = "Merge adapters",
             .help = "Off: the base model's weights as they are, with the adapter in a folder beside them.",
             .level = OptionLevel::advanced},
            merge);
  v.choice({.key = "quantised_base",
            .label = "Merge QLoRA into",
            .help = "The base model in full precision, or what the few bits stood for in training. closer: both are "
                    "measured on held-out rows, and the one nearer to the trained model is taken.",
            .level = OptionLevel::advanced},
           {"closer", "original", "dequantised"}, quantised_base);
  v.number({.key = "shard_megabytes",
            .label = "Largest file",
            .help = "The weights are cut into files of at most this size; 0: one file.",
            .unit = "MB",
            .min = 0,
            .max = 1e9,
            .level = OptionLevel::advanced},
           shard_megabytes);
  v.boolean({.key = "importance",
             .label = "Weigh by data",
             .help = "With 8 bits and fewer: the weights that held-out rows use most are rounded most carefully.",
             .level = OptionLevel::advanced},
            importance);
  v.boolean({.key = "calibrate",
             .label = "Fixed activation ranges",
             .help = "At int8: what the layers read gets its scale once, from held-out rows, instead of anew for each "
                     "input. Faster, and what embedded runtimes ask for; a little less exact.",
             .level = OptionLevel::advanced,
             .shown_when = "precision=int8"},
            calibrate);
  v.integer({.key = "calibration_rows",
             .label = "Rows for ranges",
             .help = "The ranges are found on so many held-out rows at most; where there are enough, other rows than "
                     "the proof compares.",
             .min = 1,
             .max = 4096,
             .level = OptionLevel::advanced,
             .shown_when = "calibrate"},
            calibration_rows);
  v.text({.key = "license",
          .label = "Licence",
          .help = "What the model card says, such as apache-2.0; empty: the base model's.",
          .level = OptionLevel::advanced},
         license);
}

bool can_export(const ExporterEntry& exporter, const MethodEntry& method, bool merged) {
  if (exporter.part == ExportedPart::computation) return true;
  const bool alone = exporter.part == ExportedPart::adapter || !merged;
  return method.result != (alone ? MethodResult::weights : MethodResult::adapter);
}

std::vector<std::string> methods_for(const ExporterEntry& exporter, bool merged) {
  std::vector<std::string> kinds;
  for (const MethodEntry& method : methods())
    if (can_export(exporter, method, merged)) kinds.push_back(method.kind);
  return kinds;
}

std::string why_not_calibrated(const ExportOptions& options) {
  if (!options.calibrate) return {};
  const std::vector<std::string>& fields = exporter_entry(options.format).fields;
  if (std::find(fields.begin(), fields.end(), "calibrate") == fields.end())
    return "\"" + options.format + "\" has no activation ranges that could be fixed";
  return options.precision == "int8" ? "" : "activation ranges are fixed at int8 alone";
}

double bytes_of_number(const std::string& precision) {
  static const std::vector<std::pair<std::string, double>> bits = {{"fp16", 16},    {"bf16", 16},  {"int8", 8.1},
                                                                   {"q8_0", 8.5},   {"q6_k", 6.6}, {"q5_1", 6.0},
                                                                   {"q4_k_m", 4.9}, {"q4_0", 4.5}, {"nf4", 4.13}};
  for (const auto& [name, count] : bits)
    if (name == precision) return count / 8;
  return 4;
}

ExportObstacle export_obstacle(const ExporterEntry& exporter, const FamilyEntry& family, const std::string& head) {
  const auto lacks = [](const std::vector<std::string>& list, const std::string& one) {
    return !list.empty() && std::find(list.begin(), list.end(), one) == list.end();
  };
  if (lacks(exporter.families, family.kind)) return ExportObstacle::family;
  const bool here = !lacks(exporter.heads, head) || !lacks(exporter.heads, family.kind + ":" + head);
  return here ? ExportObstacle::none : ExportObstacle::head;
}

const std::vector<ExporterEntry>& exporters() {
  static const std::vector<ExporterEntry> table = {
      {.kind = "huggingface",
       .label = "Hugging Face folder",
       .help = "The whole model with its tokenizer, adapters merged in: opens in transformers.",
       .precisions = {"fp32", "fp16", "bf16"},
       .fields = {"merge", "quantised_base", "shard_megabytes"}},
      {.kind = "peft",
       .label = "PEFT adapter",
       .help = "The adapter alone, a few megabytes: opens in PEFT (bottlenecks: in the adapters library) on top of the "
               "base model.",
       .part = ExportedPart::adapter,
       .precisions = {"fp32"}},
      {.kind = "gguf",
       .label = "GGUF file",
       .help = "One file for llama.cpp, Ollama and LM Studio: weights in 4 to 32 bits, tokenizer and chat template.",
       .families = {"llama", "gpt2", "bert", "t5"},
       .heads = {"causal_lm", "bert:sequence_classification", "t5:seq2seq_lm"},
       .precisions = {"fp16", "fp32", "bf16", "q8_0", "q6_k", "q5_1", "q4_k_m", "q4_0"},
       .fields = {"quantised_base", "importance"}},
      {.kind = "luthier",
       .label = "Luthier folder in few bits",
       .help = "For Luthier's own server and commands on small devices: the linear layers in 8 or 4 bits, on the disk "
               "and in memory.",
       .families = {"bert", "roberta", "distilbert", "llama", "gpt2", "t5", "vit", "wav2vec2", "whisper"},
       .precisions = {"int8", "nf4"},
       .fields = {"quantised_base"},
       .rest_in_two = true},
      {.kind = "torchscript",
       .label = "TorchScript file",
       .help =
           "What the model computes as one file that LibTorch and PyTorch run, without Luthier or transformers, for "
           "any batch and length.",
       .part = ExportedPart::computation,
       .precisions = {"fp32", "bf16", "fp16"}},
      {.kind = "onnx",
       .label = "ONNX files",
       .help =
           "What the model computes for ONNX Runtime and others, in servers, phones, browsers and embedded systems, "
           "for any batch and length.",
       .part = ExportedPart::computation,
       .precisions = {"fp32", "fp16", "int8"},
       .fields = {"quantised_base", "calibrate", "calibration_rows"}},
      {.kind = "bundle",
       .label = "Bundle",
       .help = "A folder to use elsewhere without Luthier: the ONNX file with small programs in Python and JavaScript "
               "and a web page that runs it in the browser.",
       .part = ExportedPart::computation,
       .heads = {"sequence_classification", "image_classification", "wav2vec2:audio_classification", "wav2vec2:ctc"},
       .precisions = {"int8", "fp16", "fp32"},
       .fields = {"quantised_base", "calibrate", "calibration_rows"}},
  };
  return table;
}

}  // namespace luthier
