#pragma once
// The parts of a run, made from its recipe.
#include <functional>
#include <memory>

#include "eval/evaluate.h"
#include "methods/method.h"
#include "models/tensors.h"
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
  NamedTensors base;  ///< with stay_near_base: the weights that the base model starts from, by name
  CollateOptions collate;
  std::shared_ptr<Model> teacher;  ///< of a distillation; else none
};

using DataProgress = std::function<void(const std::string& stage, double share)>;

/// How a recipe's data is read. For recordings the model's folder is looked at: its processor names the sample rate.
DatasetOptions dataset_options(const Recipe& recipe, const std::filesystem::path& cache_folder, DataProgress progress);

/// The first half: threads, device, precision, tokenizer and data. `progress` may throw Error(cancelled).
Prepared prepare_data(const Recipe& recipe, const std::filesystem::path& cache_folder, DataProgress progress);
/// The second half: the model with its method, still on the CPU, and how its batches are made.
void prepare_model(Prepared& parts);

/// Brings model and teacher to the device. Where it computes in two bytes, frozen layers are kept in them too
/// (models/frozen.h); what leaves the run must be widened again.
void place_model(Prepared& parts);

/// The template that the recipe's conversations are written with becomes the tokenizer's own, so that whoever opens the
/// trained model writes them alike.
void set_chat_template(Tokenizer& tokenizer, const Recipe& recipe);
/// Whether any row of the data is a conversation.
bool has_conversations(const Dataset& data);

/// Both halves, with a check between them whether the memory will do; the model ends on the device. Findings become
/// events of `log`. `cache_folder`: for encoded tokens. Errors name what is wrong with recipe, data or model before
/// anything is trained.
Prepared prepare(const Recipe& recipe, const std::filesystem::path& cache_folder, RunLog& log);

}  // namespace luthier
