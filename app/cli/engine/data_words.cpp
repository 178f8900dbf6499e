#include "cli/engine/data_words.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "recipe/catalog.h"

namespace luthier {

const std::vector<std::string>& data_words() {
  static const std::vector<std::string> words = {"--data",      "--roles", "--format", "--encoding",
                                                 "--delimiter", "--quote", "--header", "--max-rows"};
  return words;
}

std::string objective_of(Head head) {
  for (const ObjectiveEntry& entry : objectives())
    if (std::find(entry.heads.begin(), entry.heads.end(), to_string(head)) != entry.heads.end()) return entry.kind;
  fail(ErrorKind::internal, "no objective trains the head " + to_string(head));
}

DatasetOptions data_options(const Arguments& arguments, const Artefact& artefact) {
  DatasetOptions options = data_options(arguments, artefact.model->head_kind());
  options.task = kind_of(artefact.objective);
  options.modality = artefact.processors.modality();
  options.sample_rate = artefact.processors.rate();
  options.longest_seconds = artefact.longest_seconds;
  if (const auto* several = std::get_if<MultiLabelOptions>(&artefact.objective)) options.separator = several->separator;
  if (const auto* causal = std::get_if<CausalLmOptions>(&artefact.objective)) {  // the template lies beside the model
    options.loss_on = causal->loss_on;
    options.system = causal->system;
  }
  if (const auto* written = std::get_if<Seq2SeqOptions>(&artefact.objective)) {
    options.prefix = written->prefix;
    options.max_target_tokens = written->max_target_tokens;
    options.language = written->language;
    options.speech_task = written->task;
  }
  return options;
}

DatasetOptions data_options(const Arguments& arguments, Head head) {
  DatasetOptions options;
  options.train = fs::path(arguments.required("--data"));
  options.task = objective_of(head);
  const std::string automatic = "auto";
  options.read = {arguments.value("--format").value_or(automatic),    arguments.value("--encoding").value_or(automatic),
                  arguments.value("--delimiter").value_or(automatic), arguments.value("--quote").value_or(automatic),
                  arguments.value("--header").value_or(automatic),    arguments.integer("--max-rows", 0)};
  const std::string form = R"(such as --roles '{"text": "sentence", "label": "class"}')";
  const Json roles = parse_json(arguments.value("--roles").value_or("{}"), "--roles");
  if (!roles.is_object()) fail(ErrorKind::bad_input, "--roles must be a JSON object", {}, form);
  for (const auto& [role, column] : roles.items()) {
    if (!column.is_string()) fail(ErrorKind::bad_input, "the role " + role + " must name a column", "--roles", form);
    options.roles.emplace_back(role, column.get<std::string>());
  }
  options.cache_folder = luthier_home() / "cache";
  return options;
}

}  // namespace luthier
