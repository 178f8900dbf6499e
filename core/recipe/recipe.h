#pragma once
// A recipe says a whole run in one JSON file: the window's document, the command line's input, and what a run stores.
// Relative paths start at the recipe's folder.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/options.h"
#include "recipe/method_options.h"
#include "recipe/objective_options.h"
#include "recipe/training_options.h"

namespace luthier {

constexpr std::int64_t kRecipeVersion = 1;

struct ModelOptions {
  std::string
      path;  ///< a Hugging Face folder; with from_config: a folder or file with a config.json, weights drawn anew
  bool from_config = false;
  std::string adapter;                  ///< a PEFT adapter folder to start from; may be empty
  std::string tokenizer;                ///< a folder or tokenizer.json, if not the model's own
  std::vector<std::string> add_tokens;  ///< new tokens: the embeddings grow
  void describe(OptionVisitor& v);
};

/// Random changes to training images, drawn from (seed, epoch, row).
struct AugmentOptions {
  bool flip = true;            ///< left and right are swapped in half of the images
  double smallest_crop = 1.0;  ///< a random part of at least this share of the area is taken; 1: the whole image
  double brightness = 0.0, contrast = 0.0, saturation = 0.0;  ///< factors are drawn from 1 - x to 1 + x
  double mixup = 0.0;   ///< alpha of Beta(alpha, alpha), Zhang et al. 2018; 0: off
  double cutmix = 0.0;  ///< alpha, Yun et al. 2019; 0: off
  void describe(OptionVisitor& v);
};

struct DataOptions {
  std::string train, validation, test;  ///< files, or folders of media; validation and test may be empty
  std::string format = "auto";          ///< auto csv tsv json jsonl parquet text conll folder
  std::string encoding = "auto";        ///< auto utf-8 utf-16le utf-16be latin-1
  std::string delimiter = "auto";       ///< auto or one character ("\t")
  std::string quote = "auto";           ///< auto, none or one character
  std::string header = "auto";          ///< auto yes no; the recipe also takes true / false
  std::vector<std::pair<std::string, std::string>>
      roles;  ///< role -> column: text text_pair image audio label target prompt completion tokens tags split
              ///< messages instruction input response chosen rejected desirable
  std::vector<std::string>
      labels;                     ///< display names in the order of ids; data values map by name, else by sorted order
  std::int64_t max_tokens = 128;  ///< longer rows are cut
  double validation_share = 0.0;  ///< split off from train when there is no validation file
  double test_share = 0.0;
  bool stratify = true;
  std::int64_t max_rows = 0;    ///< 0: all; else the first so many of each file
  double longest_seconds = 30;  ///< recordings: longer ones are cut
  std::optional<AugmentOptions> augment;
  void describe(OptionVisitor& v);
};

/// A first stage on plain text of the field, with the model's own language objective (masked or causal); the task's run
/// starts from what it makes (Gururangan et al. 2020).
struct AdaptationOptions {
  std::string train;  ///< a file with the role text
  std::vector<std::pair<std::string, std::string>> roles = {{"text", "text"}};
  double epochs = 1;
  std::int64_t max_steps = 0;  ///< 0: by epochs
  std::int64_t batch_size = 16;
  std::int64_t max_tokens = 256;
  double learning_rate = 5e-5;
  void describe(OptionVisitor& v);
};

struct ExportOptions {
  std::string format = "huggingface";     ///< a kind of the catalog of exporters
  std::string path;                       ///< empty: runs/<id>/export-<format>
  std::string precision = "fp32";         ///< one of the exporter's
  bool overwrite = false;                 ///< an earlier export of Luthier's at this place gives way
  bool merge = true;                      ///< false: the base model as it is and the adapter beside it
  std::string quantised_base = "closer";  ///< what an adapter trained beside few bits is merged into: closer (to the
                                          ///< model that was trained, measured), original or dequantised
  double shard_megabytes = 5000;          ///< weights are cut into files of so many 10^6 bytes at most; 0: one file
  bool importance = true;                 ///< 8 bits and fewer: numbers that held-out rows need most are kept closest
  bool calibrate = false;                 ///< int8: the ranges of activations are fixed, as held-out rows have them
  std::int64_t calibration_rows = 128;    ///< the rows that they are found on, at most
  std::string license;                    ///< for the model card; empty: the base model's
  void describe(OptionVisitor& v);
};

struct Recipe {
  std::string name;
  std::int64_t seed = 42;
  ObjectiveOptions objective;
  ModelOptions model;
  DataOptions data;
  MethodOptions method;
  TrainingOptions training;
  std::vector<ExportOptions> exports;
  std::optional<AdaptationOptions> adaptation;

  std::filesystem::path folder;  ///< where relative paths start; not part of the JSON
};

/// Reads and validates; one bad_input error lists every problem with path and hint. A newer version is refused.
Recipe read_recipe(const std::filesystem::path& file);
Recipe recipe_from_json(const Json& json, const std::filesystem::path& folder, const std::string& where);
/// All problems at once, without throwing (for the window): wrong keys, types, ranges and impossible combinations.
std::vector<Problem> recipe_problems(const Json& json);
/// Every option written out, defaults too, paths as they stand.
Json recipe_to_json(const Recipe& recipe);
/// Applies "training.learning_rate=1e-3" to the JSON: the value is JSON if it parses, else a text.
void set_path(Json& json, const std::string& assignment);

/// What the models of a recipe read: image or audio when a column has that role, else text.
std::string modality_of(const DataOptions& data);
std::string kind_of(const ObjectiveOptions& objective);
std::string kind_of(const MethodOptions& method);

}  // namespace luthier
