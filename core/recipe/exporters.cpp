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
  v.choice({.key = "precision",
            .label = "Number type",
            .help = "Two-byte numbers halve the size and change the results a little.",
            .level = OptionLevel::advanced},
           {"fp32", "fp16", "bf16"}, precision);
}

const std::vector<ExporterEntry>& exporters() {
  static const std::vector<ExporterEntry> table = {
      {"huggingface",
       "Hugging Face folder",
       "The whole model with its tokenizer, adapters merged in: opens in transformers.",
       {},
       {}},
      {"peft",
       "PEFT adapter",
       "The adapter alone, a few megabytes: opens in PEFT on top of the base model.",
       {"lora"},
       {}},
  };
  return table;
}

}  // namespace luthier
