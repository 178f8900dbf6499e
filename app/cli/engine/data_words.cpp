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
