#pragma once
// The parts of a run, made from its recipe.
#include <memory>

#include "eval/evaluate.h"
#include "methods/method.h"
#include "train/run_log.h"

namespace luthier {

/// Everything that training needs, loaded and checked.
struct Prepared {
  Recipe recipe;
  std::string device, precision;
  std::unique_ptr<Tokenizer> tokenizer;
  Dataset data;
  std::shared_ptr<Model> model;
  Attached attached;
  CollateOptions collate;
};

/// Loads data and model and attaches the method; findings become events of `log`. `cache_folder`: for encoded tokens.
/// Errors name what is wrong with recipe, data or model before anything is trained.
Prepared prepare(const Recipe& recipe, const std::filesystem::path& cache_folder, RunLog& log);

}  // namespace luthier
