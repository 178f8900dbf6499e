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
}

double bytes_of_number(const std::string& precision) {
  static const std::vector<std::pair<std::string, double>> bits = {
      {"fp16", 16}, {"bf16", 16}, {"q8_0", 8.5}, {"q6_k", 6.6}, {"q5_1", 6.0}, {"q4_k_m", 4.9}, {"q4_0", 4.5}};
  for (const auto& [name, count] : bits)
    if (name == precision) return count / 8;
  return 4;
}

ExportObstacle export_obstacle(const ExporterEntry& exporter, const FamilyEntry& family, const std::string& head) {
  const auto lacks = [](const std::vector<std::string>& list, const std::string& one) {
    return !list.empty() && std::find(list.begin(), list.end(), one) == list.end();
  };
  if (lacks(exporter.families, family.kind)) return ExportObstacle::family;
  return lacks(exporter.heads, head) ? ExportObstacle::head : ExportObstacle::none;
}

const std::vector<ExporterEntry>& exporters() {
  static const std::vector<ExporterEntry> table = {
      {.kind = "huggingface",
       .label = "Hugging Face folder",
       .help = "The whole model with its tokenizer, adapters merged in: opens in transformers.",
       .methods = {"full", "feature_extraction", "layerwise", "lora", "qlora", "ia3"},
       .precisions = {"fp32", "fp16", "bf16"}},
      {.kind = "peft",
       .label = "PEFT adapter",
       .help = "The adapter alone, a few megabytes: opens in PEFT (bottlenecks: in the adapters library) on top of the "
               "base model.",
       .methods = {"adapter", "lora", "qlora", "ia3", "prompt_tuning", "prefix_tuning"},
       .precisions = {"fp32"}},
      {.kind = "gguf",
       .label = "GGUF file",
       .help = "One file for llama.cpp, Ollama and LM Studio: weights in 4 to 32 bits, tokenizer and chat template.",
       .methods = {"full", "feature_extraction", "layerwise", "lora", "qlora", "ia3"},
       .families = {"llama", "gpt2"},
       .heads = {"causal_lm"},
       .precisions = {"fp16", "fp32", "bf16", "q8_0", "q6_k", "q5_1", "q4_k_m", "q4_0"}},
  };
  return table;
}

}  // namespace luthier
