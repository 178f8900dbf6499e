#pragma once
// What a model folder holds, told from config.json, the weights' headers and tokenizer.json alone: no tensor library,
// no weight read. The window, `inspect model` and the preflight use it.
#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "recipe/parameters.h"
#include "recipe/recipe.h"

namespace luthier {

/// Something about a model worth telling.
struct OutlineFinding {
  std::string id;        ///< remote_code pickle tokenizer_too_large head_replaced missing_weights ...
  std::string severity;  ///< note, warning or error (error: training cannot start)
  std::string message, hint;
};

/// One module with the parameters in and below it; tied ones count where they were first.
struct ModuleOutline {
  std::string name;  ///< the last part: "query"
  std::int64_t parameters = 0;
  std::vector<ModuleOutline> children;
};

struct ModelOutline {
  std::string model_type, family, head;
  ModelSizes sizes;
  std::vector<std::string> labels;  ///< as config.json names them
  std::vector<ParameterOutline> parameters;
  std::int64_t total_parameters = 0;  ///< tied ones once
  std::uint64_t file_bytes = 0;       ///< of the weights; 0 without a weights file
  std::int64_t tokenizer_tokens = 0;  ///< highest token id + 1; 0 when there is no tokenizer
  std::vector<std::string> drawn;     ///< modules below the head that the checkpoint lacks (a pooler): drawn anew
  bool head_replaced = false;         ///< the checkpoint has no such head, or one of another size
  std::vector<OutlineFinding> findings;
  ModuleOutline tree;
};

/// `path`: a model folder, or a config.json (then no weights are expected). `head`: as in the catalog of families;
/// empty: the one that config.json's "architectures" names, else the family's first. `labels`: how many the objective
/// has; 0: as the config says. Errors (not_found, bad_input, unsupported) only where config.json is absent, broken or
/// of no known family; everything else becomes a finding.
ModelOutline outline_model(const std::filesystem::path& path, const std::string& head = {}, std::int64_t labels = 0);

/// The same with the head that an objective (a catalog kind) trains on a model of this family.
ModelOutline outline_for(const std::filesystem::path& path, const std::string& objective, std::int64_t labels = 0);

/// How many parameters a method trains, adapters and heads included.
std::int64_t trainable_parameters(const ModelOutline& model, const MethodOptions& method);

/// Parameters that the adapters add, and the names of the layers that get one.
std::int64_t lora_parameters(const ModelOutline& model, const LoraOptions& lora);
std::vector<std::string> lora_layers(const ModelOutline& model, const LoraOptions& lora);

Json outline_to_json(const ModelOutline& model);

}  // namespace luthier
