#include "engine/teacher.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"

namespace luthier {

namespace {

constexpr std::int64_t kProbes = 32;
constexpr const char* kPlace = "training.distillation.teacher";

[[noreturn]] void refuse(const std::string& message, const std::string& hint) {
  fail(ErrorKind::bad_input, message, kPlace, hint);
}

Tokenizer open_tokenizer(const fs::path& folder) {
  try {
    return Tokenizer::open(folder);
  } catch (const Error& error) {
    refuse("the teacher's tokenizer cannot be read: " + error.message,
           "copy the tokenizer that the teacher was trained with into " + folder.string());
  }
}

/// Token ids must mean the same to both: the training rows' texts are cut alike.
void check_tokenizer(const Prepared& parts, const fs::path& folder) {
  const Tokenizer theirs = open_tokenizer(folder);
  const Tokenizer& ours = *parts.tokenizer;
  if (theirs.fingerprint() == ours.fingerprint()) return;
  const EncodedSplit& train = parts.data.train;
  for (std::int64_t i = 0; i < std::min(kProbes, train.size()); ++i) {
    const std::string text = train.text(i);
    if (theirs.encode(text).ids != ours.encode(text).ids)
      refuse("the teacher cuts texts into other tokens than the model",
             "take a teacher with the same tokenizer, such as a larger model of the same series");
  }
}

void check_labels(const std::vector<std::string>& theirs, const std::vector<std::string>& ours) {
  if (theirs == ours) return;
  const auto listed = [](const std::vector<std::string>& names) {
    std::string text;
    for (std::size_t i = 0; i < std::min<std::size_t>(names.size(), 8); ++i) text += (i ? ", " : "") + names[i];
    return text + (names.size() > 8 ? ", ..." : "");
  };
  refuse("the teacher's labels are " + listed(theirs) + "; the data's are " + listed(ours),
         "fine-tune the teacher on this data first, or write data.labels in the teacher's order");
}

}  // namespace

std::shared_ptr<Model> open_teacher(const Prepared& parts) {
  const Recipe& recipe = parts.recipe;
  const fs::path folder = resolve_path(recipe.training.distillation->teacher, recipe.folder);
  if (!fs::exists(folder / "config.json"))
    fail(ErrorKind::not_found, "there is no teacher in " + folder.string(), kPlace,
         "give the folder of a model that was trained for this task (config.json, model.safetensors)");
  LoadOptions load;
  load.head = head_of(recipe.objective, folder);
  LoadReport report;
  const std::shared_ptr<Model> teacher = load_model(folder, load, &report);
  if (!report.drawn.empty())
    refuse("the teacher's checkpoint has no " + report.drawn.front() + ": it was not trained for this task",
           "fine-tune the teacher first, then distil it");
  if (parts.model->output_weight().defined()) {
    const std::int64_t theirs = teacher->output_weight().size(0), ours = parts.model->output_weight().size(0);
    if (theirs != ours)
      refuse("the teacher's vocabulary has " + std::to_string(theirs) + " tokens, the model's " + std::to_string(ours),
             "take a teacher with the same vocabulary");
  } else {
    check_labels(teacher->label_names(), parts.model->label_names());
  }
  if (parts.tokenizer) check_tokenizer(parts, folder);
  if (modality_of(recipe.data) == "text" && recipe.data.max_tokens > teacher->max_positions())
    refuse("the teacher reads at most " + std::to_string(teacher->max_positions()) + " tokens",
           "lower data.max_tokens to that");
  for (Tensor& parameter : teacher->parameters()) parameter.requires_grad_(false);
  teacher->eval();
  return teacher;
}

}  // namespace luthier
