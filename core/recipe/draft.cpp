#include "recipe/draft.h"

#include "base/files.h"

namespace luthier {

void make_paths_absolute(Recipe& recipe) {
  std::vector<std::string*> paths = {&recipe.model.path,           &recipe.model.adapter,   &recipe.model.tokenizer,
                                     &recipe.data.train,           &recipe.data.validation, &recipe.data.test,
                                     &recipe.training.batches_file};
  if (recipe.training.distillation) paths.push_back(&recipe.training.distillation->teacher);
  if (recipe.adaptation) paths.push_back(&recipe.adaptation->train);
  for (ExportOptions& wanted : recipe.exports) paths.push_back(&wanted.path);
  for (std::string* path : paths)
    if (!path->empty()) *path = resolve_path(*path, recipe.folder).string();
}

std::vector<Problem> missing_inputs(const Recipe& recipe) {
  std::vector<std::pair<const char*, std::string>> inputs = {{"model.path", recipe.model.path},
                                                             {"model.adapter", recipe.model.adapter},
                                                             {"model.tokenizer", recipe.model.tokenizer},
                                                             {"data.train", recipe.data.train},
                                                             {"data.validation", recipe.data.validation},
                                                             {"data.test", recipe.data.test},
                                                             {"training.batches_file", recipe.training.batches_file}};
  if (recipe.training.distillation)
    inputs.emplace_back("training.distillation.teacher", recipe.training.distillation->teacher);
  if (recipe.adaptation) inputs.emplace_back("adaptation.train", recipe.adaptation->train);
  std::vector<Problem> problems;
  std::error_code ignored;
  for (const auto& [key, path] : inputs)
    if (!path.empty() && !fs::exists(path, ignored))
      problems.push_back({key, "there is no " + path, "relative paths start at the recipe's folder"});
  return problems;
}

}  // namespace luthier
