#pragma once
// The parts of a run, made from its recipe.
#include <functional>
#include <memory>

#include "eval/evaluate.h"
#include "methods/method.h"
#include "train/run_log.h"

namespace luthier {

/// Everything that training needs, loaded and checked.
struct Prepared {
  Recipe recipe;
  std::string device, precision;
  std::unique_ptr<Tokenizer> tokenizer;  ///< none where rows hold no tokens: images and recordings with labels
  Processors processors;                 ///< of images and recordings
  Dataset data;
  std::shared_ptr<Model> model;
  LoadReport loaded;              ///< what the checkpoint lacked
  std::int64_t added_tokens = 0;  ///< by the recipe, to the tokenizer
  Attached attached;
  CollateOptions collate;
};

using DataProgress = std::function<void(const std::string& stage, double share)>;

/// How a recipe's data is read. For recordings the model's folder is looked at: its processor names the sample rate.
DatasetOptions dataset_options(const Recipe& recipe, const std::filesystem::path& cache_folder, DataProgress progress);

/// The first half: threads, device, precision, tokenizer and data. `progress` may throw Error(cancelled).
Prepared prepare_data(const Recipe& recipe, const std::filesystem::path& cache_folder, DataProgress progress);
/// The second half: the model with its method, still on the CPU, and how its batches are made.
void prepare_model(Prepared& parts);

/// Both halves, with a check between them whether the memory will do; the model ends on the device. Findings become
/// events of `log`. `cache_folder`: for encoded tokens. Errors name what is wrong with recipe, data or model before
/// anything is trained.
Prepared prepare(const Recipe& recipe, const std::filesystem::path& cache_folder, RunLog& log);

}  // namespace luthier
