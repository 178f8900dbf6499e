#include "recipe/checks.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "recipe/catalog.h"

namespace luthier {

namespace {

using Problems = std::vector<Problem>;

bool has(const std::vector<std::string>& list, const std::string& one) {
  return std::find(list.begin(), list.end(), one) != list.end();
}

std::string joined(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& one : list) text += (text.empty() ? "" : ", ") + one;
  return text;
}

void check_roles(const Recipe& recipe, const ObjectiveEntry& entry, Problems& problems) {
  const std::string modality = modality_of(recipe.data);
  if (!has(entry.modalities, modality)) {
    // A recording where text is wanted, or nothing said where only recordings will do.
    const std::string wanted = entry.modalities.front();
    problems.push_back({"data.roles." + wanted, "is missing",
                        "the objective \"" + entry.kind + "\" reads " + joined(entry.modalities)});
    return;
  }
  ObjectiveEntry objective = entry;
  objective.roles = roles_of(entry, modality);
  objective.optional_roles = optional_roles_of(entry, modality);
  std::vector<std::string> given;
  std::set<std::string> columns;
  for (const auto& [role, column] : recipe.data.roles) {
    const std::string path = "data.roles." + role;
    given.push_back(role);
    if (column.empty()) problems.push_back({path, "names no column", "write the name of a column"});
    if (!column.empty() && !columns.insert(column).second)
      problems.push_back({path, "column \"" + column + "\" has two roles", "give each role a column of its own"});
    if (!has(column_roles(), role)) {
      const std::string meant = closest(role, column_roles());
      problems.push_back({path, "is not a role",
                          meant.empty() ? "roles are: " + joined(column_roles()) : "did you mean \"" + meant + "\"?"});
    } else if (!has(objective.roles, role) && !has(objective.other_roles, role) &&
               !has(objective.optional_roles, role)) {
      problems.push_back({path, "is not used by the objective \"" + objective.kind + "\"", "remove it"});
    }
  }
  const auto is_given = [&](const std::string& role) { return has(given, role); };
  const bool others = std::any_of(objective.other_roles.begin(), objective.other_roles.end(), is_given);
  for (const std::string& role : others ? objective.other_roles : objective.roles)
    if (!is_given(role))
      problems.push_back({"data.roles." + role, "is missing",
                          "the objective \"" + objective.kind + "\" needs the name of that column"});
  if (others)
    for (const std::string& role : objective.roles)
      if (is_given(role))
        problems.push_back({"data.roles." + role, "cannot stand beside " + joined(objective.other_roles),
                            "keep " + joined(objective.roles) + " or " + joined(objective.other_roles)});
}

bool has_validation(const DataOptions& data) {
  const auto is_split = [](const auto& role) { return role.first == "split"; };
  return !data.validation.empty() || data.validation_share > 0 ||
         std::any_of(data.roles.begin(), data.roles.end(), is_split);
}

void check_one_character(const std::string& path, const std::string& value, bool may_be_none, Problems& problems) {
  if (value == "auto" || (may_be_none && value == "none")) return;
  if (value.size() == 1 && static_cast<unsigned char>(value[0]) < 0x80) return;
  problems.push_back({path, std::string("must be auto, ") + (may_be_none ? "none, " : "") + "or one ASCII character",
                      R"(a tab is written "\t")"});
}

void check_data(const Recipe& recipe, const ObjectiveEntry& objective, Problems& problems) {
  const DataOptions& data = recipe.data;
  if (data.train.empty()) problems.push_back({"data.train", "names no file", "write the path of the training file"});
  check_roles(recipe, objective, problems);
  check_one_character("data.delimiter", data.delimiter, false, problems);
  check_one_character("data.quote", data.quote, true, problems);

  const bool labelled = objective.has_labels();
  if (data.augment && modality_of(data) != "image")
    problems.push_back({"data.augment", "varies images, and there are none", "remove it"});
  if (data.augment && (data.augment->mixup > 0 || data.augment->cutmix > 0) && objective.kind != "classification")
    problems.push_back({"data.augment", "mixup and cutmix blend class labels", "use them with classification"});
  std::set<std::string> seen;
  for (const std::string& label : data.labels)
    if (!seen.insert(label).second) problems.push_back({"data.labels", "\"" + label + "\" stands there twice", {}});
  if (!data.labels.empty() && !labelled)
    problems.push_back({"data.labels", "the objective \"" + objective.kind + "\" has no labels", "remove them"});
  if (data.labels.size() == 1 && labelled)
    problems.push_back({"data.labels", "one label alone leaves nothing to learn", "name two or more, or none"});

  const bool split_column =
      std::any_of(data.roles.begin(), data.roles.end(), [](auto& r) { return r.first == "split"; });
  const auto check_share = [&](const std::string& name, double share, const std::string& file) {
    if (share > 0 && !file.empty())
      problems.push_back({"data." + name + "_share", "there is a " + name + " file as well", "keep one of the two"});
    if (share > 0 && split_column)
      problems.push_back({"data." + name + "_share", "a column has the role split as well", "keep one of the two"});
  };
  check_share("validation", data.validation_share, data.validation);
  check_share("test", data.test_share, data.test);
  if (data.validation_share + data.test_share >= 0.95)
    problems.push_back({"data.test_share", "the two shares leave nothing to train on", "lower them"});
}

void check_method(const Recipe& recipe, Problems& problems) {
  if (recipe.model.path.empty()) problems.push_back({"model.path", "names no model", "write the path of its folder"});
  const std::string kind = kind_of(recipe.method);
  if (recipe.model.from_config && kind != "full")
    problems.push_back({"model.from_config", "weights drawn anew cannot stay frozen", "use the method \"full\""});
  if (recipe.model.from_config && !recipe.model.adapter.empty())
    problems.push_back({"model.adapter", "an adapter needs the weights it was made for", "remove model.from_config"});
  if (const auto* lora = std::get_if<LoraOptions>(&recipe.method)) {
    const bool none = lora->targets.empty() || has(lora->targets, "");
    if (none) problems.push_back({"method.targets", "names no layer", R"(write "all-linear" or a list of names)"});
    for (const auto& [pattern, rank] : lora->rank_pattern)
      if (rank != std::floor(rank))
        problems.push_back({"method.rank_pattern." + pattern, "must be a whole number", {}});
  }
  if (const auto* masked = std::get_if<MaskedLmOptions>(&recipe.objective))
    if (masked->mask_token + masked->random_token > 1 + 1e-9)
      problems.push_back({"objective.random_token", "is more than 1 together with mask_token", "lower one of the two"});
}

bool is_device(const std::string& text) {
  if (text == "auto" || text == "cpu" || text == "cuda") return true;
  const auto digit = [](unsigned char c) { return c >= '0' && c <= '9'; };
  return text.rfind("cuda:", 0) == 0 && text.size() > 5 && text.size() < 9 &&
         std::all_of(text.begin() + 5, text.end(), digit);
}

void check_training(const Recipe& recipe, const ObjectiveEntry& objective, Problems& problems) {
  const TrainingOptions& training = recipe.training;
  if (training.epochs <= 0 && training.max_steps == 0)
    problems.push_back({"training.epochs", "the run would have no step", "set epochs or max_steps"});
  if (training.warmup.unit == "minute")
    problems.push_back(
        {"training.warmup", "cannot be counted in minutes: the run could not be repeated", "use step, epoch or run"});
  if (training.warmup.unit == "run" && training.warmup.value > 1)
    problems.push_back({"training.warmup", "is a share of the run, from 0 to 1", {}});
  if (training.dropout < 0 && training.dropout != -1)
    problems.push_back({"training.dropout", "must be -1 or from 0 to 0.95", {}});
  if (!is_device(training.device))
    problems.push_back({"training.device", "must be auto, cpu, cuda or cuda:N, not \"" + training.device + "\"", {}});
  if (training.device == "cpu" && training.precision == "fp16")
    problems.push_back({"training.precision", "fp16 cannot be trained on a processor", "use auto or fp32"});
  if (training.early_stopping) {
    const std::string& metric = training.early_stopping->metric;
    const std::string modality = modality_of(recipe.data);
    const std::vector<std::string>& known = metrics_of(objective, modality);
    if (!has(known, metric)) {
      const std::string meant = closest(metric, known);
      problems.push_back({"training.early_stopping.metric",
                          "\"" + metric + "\" is not a metric of the objective \"" + objective.kind + "\"",
                          meant.empty() ? "it has: " + joined(known) : "did you mean \"" + meant + "\"?"});
    }
    if (!has_validation(recipe.data))
      problems.push_back({"training.early_stopping", "there is no validation part to watch",
                          "set data.validation or data.validation_share"});
    if (training.evaluate_every.value == 0)
      problems.push_back({"training.early_stopping", "nothing is evaluated while training", "set evaluate_every"});
  }
}

void check_exports(const Recipe& recipe, Problems& problems) {
  const std::string method = kind_of(recipe.method);
  std::set<std::pair<std::string, std::string>> seen;
  for (std::size_t i = 0; i < recipe.exports.size(); ++i) {
    const ExportOptions& one = recipe.exports[i];
    const std::string path = "export." + std::to_string(i);
    const ExporterEntry& entry = exporter_entry(one.format);
    if (!entry.methods.empty() && !has(entry.methods, method))
      problems.push_back({path + ".format",
                          "\"" + one.format + "\" cannot hold what the method \"" + method + "\" makes",
                          "use the method " + joined(entry.methods) + " or another format"});
    if (!seen.insert({one.path.empty() ? one.format : "", one.path}).second)
      problems.push_back(
          {path + ".path", "two exports would be written into the same folder", "give each its own path"});
  }
}

}  // namespace

std::vector<Problem> combination_problems(const Recipe& recipe) {
  Problems problems;
  const ObjectiveEntry& objective = objectives().at(recipe.objective.index());
  check_method(recipe, problems);
  check_data(recipe, objective, problems);
  check_training(recipe, objective, problems);
  check_exports(recipe, problems);
  return problems;
}

}  // namespace luthier
