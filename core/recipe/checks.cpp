#include "recipe/checks.h"

#include <algorithm>
#include <cmath>
#include <set>

#include "base/error.h"
#include "base/strings.h"
#include "recipe/catalog.h"
#include "recipe/packing.h"
#include "recipe/targets.h"

namespace luthier {

namespace {

using Problems = std::vector<Problem>;

std::string joined(const std::vector<std::string>& list) {
  std::string text;
  for (const std::string& one : list) text += (text.empty() ? "" : ", ") + one;
  return text;
}

void check_roles(const Recipe& recipe, const ObjectiveEntry& entry, Problems& problems) {
  const std::string modality = modality_of(recipe.data);
  if (!contains(entry.modalities, modality)) {
    // A recording where text is wanted, or nothing said where only recordings will do.
    const std::string wanted = entry.modalities.front();
    problems.push_back({"data.roles." + wanted, "is missing",
                        "the objective \"" + entry.kind + "\" reads " + joined(entry.modalities)});
    return;
  }
  std::vector<std::string> given;
  for (const auto& [role, column] : recipe.data.roles) given.push_back(role);
  const std::vector<std::string> needed = roles_for(entry, modality, given);
  const std::vector<std::string> optional = optional_roles_of(entry, modality);
  std::set<std::string> columns;
  for (const auto& [role, column] : recipe.data.roles) {
    const std::string path = "data.roles." + role;
    if (column.empty()) problems.push_back({path, "names no column", "write the name of a column"});
    if (!column.empty() && !columns.insert(column).second)
      problems.push_back({path, "column \"" + column + "\" has two roles", "give each role a column of its own"});
    if (!contains(column_roles(), role)) {
      const std::string meant = closest(role, column_roles());
      problems.push_back({path, "is not a role",
                          meant.empty() ? "roles are: " + joined(column_roles()) : "did you mean \"" + meant + "\"?"});
    } else if (!contains(needed, role) && !contains(optional, role)) {
      const auto set = std::find_if(entry.role_sets.begin(), entry.role_sets.end(),
                                    [&](const auto& roles) { return contains(roles, role); });
      if (set == entry.role_sets.end())
        problems.push_back({path, "is not used by the objective \"" + entry.kind + "\"", "remove it"});
      else
        problems.push_back(
            {path, "cannot stand beside " + joined(needed), "keep " + joined(*set) + " or " + joined(needed)});
    }
  }
  for (const std::string& role : needed)
    if (!contains(given, role))
      problems.push_back({"data.roles." + role, "is missing",
                          entry.kind == "preference"
                              ? "rows need two answers (chosen, rejected), or one that is desirable or not"
                              : "the objective \"" + entry.kind + "\" needs the name of that column"});
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

/// What waits for an evaluation without improvement must be evaluated at all.
void check_plateau(const std::string& path, const Recipe& recipe, Problems& problems) {
  if (!has_validation(recipe.data))
    problems.push_back({path, "waits for the validation part to stop improving, and there is none",
                        "set data.validation or data.validation_share"});
  if (recipe.training.evaluate_every.value == 0)
    problems.push_back({path, "waits for evaluations, and nothing is evaluated while training", "set evaluate_every"});
}

void check_layerwise(const Recipe& recipe, Problems& problems) {
  const auto* layerwise = std::get_if<LayerwiseOptions>(&recipe.method);
  if (!layerwise) return;
  const HowOften& every = layerwise->unfreeze_every;
  if (layerwise->unfreeze == "plateau") check_plateau("method.unfreeze", recipe, problems);
  if (layerwise->unfreeze == "every" && every.unit == "minute")
    problems.push_back({"method.unfreeze_every", "cannot be counted in minutes: the run could not be repeated",
                        "use step, epoch or run"});
  if (layerwise->unfreeze == "every" && every.value == 0)
    problems.push_back({"method.unfreeze_every", "lets all blocks join at once", "set method.unfreeze to none"});
}

/// What an objective's own options ask of the rest.
void check_objective(const Recipe& recipe, Problems& problems) {
  const auto has_role = [&](const char* name) {
    return std::any_of(recipe.data.roles.begin(), recipe.data.roles.end(), [&](auto& r) { return r.first == name; });
  };
  const auto blends = recipe.data.augment && (recipe.data.augment->mixup > 0 || recipe.data.augment->cutmix > 0);
  const auto refuse_with_blends = [&](const char* option) {
    if (blends)
      problems.push_back({std::string("objective.") + option,
                          "cannot stand beside mixup and cutmix, whose images have "
                          "shares of several labels",
                          "use one of them"});
  };
  if (const auto* classes = std::get_if<ClassificationOptions>(&recipe.objective)) {
    const bool given = classes->class_weights == "given";
    if (given && classes->label_weights.empty())
      problems.push_back({"objective.label_weights", "names no label", "write a weight for the labels that need one"});
    if (!given && !classes->label_weights.empty())
      problems.push_back({"objective.label_weights", "is not used with class_weights " + classes->class_weights,
                          "set class_weights to given, or remove them"});
    if (classes->class_weights != "none") refuse_with_blends("class_weights");
    if (classes->focal_gamma > 0) refuse_with_blends("focal_gamma");
    if (classes->class_weights != "none" && recipe.training.distillation)
      problems.push_back({"objective.class_weights", "cannot stand beside a teacher, who weighs all rows alike",
                          "use class_weights none, or remove the teacher"});
  }
  const auto* preference = std::get_if<PreferenceOptions>(&recipe.objective);
  if (!preference) return;
  const bool kto = preference->loss == "kto";
  const bool pairs = has_role("chosen"), singles = has_role("desirable");
  if (kto && pairs && !singles)
    problems.push_back({"objective.loss", "kto learns from single answers that are good or bad, and these are pairs",
                        "use dpo, ipo, hinge, simpo or orpo"});
  if (!kto && singles && !pairs)
    problems.push_back(
        {"objective.loss", preference->loss + " learns from pairs, and these are single answers", "use kto"});
  if (preference->label_smoothing > 0 && preference->loss != "dpo")
    problems.push_back(
        {"objective.label_smoothing", "is not used with " + preference->loss, "use dpo, or set it to 0"});
  if (recipe.training.label_smoothing > 0)
    problems.push_back(
        {"training.label_smoothing", "is for labels, and preferences have none", "use objective.label_smoothing"});
}

/// What comes before the task, and what it learns from beside its labels.
void check_teachers(const Recipe& recipe, Problems& problems) {
  const std::string kind = kind_of(recipe.objective);
  if (recipe.training.distillation) {
    if (recipe.training.distillation->teacher.empty())
      problems.push_back({"training.distillation.teacher", "names no model", "write the path of its folder"});
    if (kind == "preference" || kind == "regression" || kind == "ctc")
      problems.push_back({"training.distillation",
                          "needs probabilities of labels or tokens, which \"" + kind + "\" does not learn from",
                          kind == "preference" ? "distil first, then train on preferences" : "remove it"});
  }
  if (!recipe.adaptation) return;
  if (recipe.adaptation->train.empty())
    problems.push_back({"adaptation.train", "names no file", "write the path of a text file"});
  if (modality_of(recipe.data) != "text")
    problems.push_back(
        {"adaptation", "reads plain text, and the model reads " + modality_of(recipe.data) + " files", "remove it"});
  if (!recipe.model.adapter.empty())
    problems.push_back(
        {"adaptation", "would change the weights that model.adapter was made for", "remove one of the two"});
}

void check_blocks(const LoraOptions& lora, Problems& problems) {
  try {
    if (block_numbers(lora.layers, "method.layers").empty()) return;
  } catch (const Error& error) {
    problems.push_back({error.where, error.message, error.hint});
  }
  const bool all = lora.targets == std::vector<std::string>{"all-linear"};
  if (!lora.targets_is_list && !all)
    problems.push_back({"method.layers", "cannot stand beside targets that are a regular expression",
                        "write the numbers of the blocks into the expression"});
}

void check_adapters(const Recipe& recipe, Problems& problems) {
  const auto check_targets = [&](const std::vector<std::string>& targets, const std::string& usual) {
    if (targets.empty() || contains(targets, ""))
      problems.push_back({"method.targets", "names no layer", "write \"" + usual + "\" or a list of names"});
  };
  if (const auto* ia3 = std::get_if<Ia3Options>(&recipe.method)) check_targets(ia3->targets, "auto");
  const auto* lora = lora_of(recipe.method);
  if (!lora) return;
  check_targets(lora->targets, "all-linear");
  for (const auto& [pattern, rank] : lora->rank_pattern)
    if (rank != std::floor(rank)) problems.push_back({"method.rank_pattern." + pattern, "must be a whole number", {}});
  check_blocks(*lora, problems);
}

bool is_prompt(const MethodOptions& method) {
  return std::holds_alternative<PromptTuningOptions>(method) || std::holds_alternative<PrefixTuningOptions>(method);
}

void check_prompt(const MethodOptions& method, Problems& problems) {
  std::visit(
      [&](const auto& options) {
        if constexpr (requires { options.init_text; })
          if (options.init == "text" && options.init_text.empty())
            problems.push_back({"method.init_text", "is missing: the virtual tokens start from it",
                                "describe the task in a few words, or set method.init to vocabulary"});
      },
      method);
}

void check_method(const Recipe& recipe, Problems& problems) {
  if (recipe.model.path.empty()) problems.push_back({"model.path", "names no model", "write the path of its folder"});
  const std::string kind = kind_of(recipe.method);
  if (recipe.model.from_config && kind != "full")
    problems.push_back({"model.from_config", "weights drawn anew cannot stay frozen", "use the method \"full\""});
  if (recipe.model.from_config && !recipe.model.adapter.empty())
    problems.push_back({"model.adapter", "an adapter needs the weights it was made for", "remove model.from_config"});
  check_adapters(recipe, problems);
  check_layerwise(recipe, problems);
  check_prompt(recipe.method, problems);
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
  if (training.schedule == "plateau") check_plateau("training.schedule", recipe, problems);
  const bool whole =
      std::holds_alternative<FullOptions>(recipe.method) || std::holds_alternative<LayerwiseOptions>(recipe.method);
  if (training.stay_near_base > 0 && !whole)
    problems.push_back({"training.stay_near_base",
                        "the method \"" + kind_of(recipe.method) + "\" leaves the base's weights as they are",
                        "remove it: weight_decay holds what is trained near its start"});
  if (training.stay_near_base > 0 && recipe.model.from_config)
    problems.push_back({"training.stay_near_base", "weights drawn anew are no base to stay near", "remove it"});
  if (training.embedding_noise > 0 && modality_of(recipe.data) != "text")
    problems.push_back({"training.embedding_noise", "is put on tokens, and there are none", "remove it"});
  if (training.batching == "packed")
    if (const std::string reason = why_not_packed(objective); !reason.empty())
      problems.push_back({"training.batching", "rows cannot be packed: " + reason, "use bucketed"});
  if (training.batching == "packed" && is_prompt(recipe.method))
    problems.push_back(
        {"training.batching", "rows cannot be packed: each has the method's virtual tokens before it", "use bucketed"});
  if (!is_device(training.device))
    problems.push_back({"training.device", "must be auto, cpu, cuda or cuda:N, not \"" + training.device + "\"", {}});
  if (training.device == "cpu" && training.precision == "fp16")
    problems.push_back({"training.precision", "fp16 cannot be trained on a processor", "use auto or fp32"});
  if (training.early_stopping) {
    const std::string& metric = training.early_stopping->metric;
    const std::string modality = modality_of(recipe.data);
    const std::vector<std::string>& known = metrics_of(objective, modality);
    if (!contains(known, metric)) {
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
    if (!one.merge && !contains(entry.fields, "merge"))
      problems.push_back({path + ".merge", "\"" + one.format + "\" is not written with the adapter beside it",
                          "leave merge out, or use the format huggingface"});
    else if (!can_export(entry, method_entry(method), one.merge))
      problems.push_back({path + (one.merge ? ".format" : ".merge"),
                          "\"" + one.format + "\"" + (one.merge ? "" : " without merging") +
                              " cannot hold what the method \"" + method + "\" makes",
                          "use the method " + joined(methods_for(entry, one.merge)) + " or another format"});
    if (!contains(entry.precisions, one.precision))
      problems.push_back({path + ".precision", "\"" + one.format + "\" is not written as \"" + one.precision + "\"",
                          "use one of " + joined(entry.precisions)});
    else if (const std::string reason = why_not_calibrated(one); !reason.empty())
      problems.push_back({path + ".calibrate", reason, "use the format onnx and int8, or leave calibrate out"});
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
  check_objective(recipe, problems);
  check_teachers(recipe, problems);
  check_data(recipe, objective, problems);
  check_training(recipe, objective, problems);
  check_exports(recipe, problems);
  return problems;
}

}  // namespace luthier
