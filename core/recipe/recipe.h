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

namespace luthier {

constexpr std::int64_t kRecipeVersion = 1;

// ---- objective: what is minimised -----------------------------------------------------------------------------------
struct ClassificationOptions {
  void describe(OptionVisitor& v);
};
struct TaggingOptions {
  std::string label_on = "first";  ///< which sub-word of a word carries its label: first or all
  void describe(OptionVisitor& v);
};
struct MaskedLmOptions {
  double mask_share = 0.15;   ///< of the tokens that are not special
  double mask_token = 0.8;    ///< of these: replaced by the mask token
  double random_token = 0.1;  ///< of these: replaced by a random token; the rest stays as it is
  bool whole_words = false;
  void describe(OptionVisitor& v);
};
struct CausalLmOptions {
  std::string loss_on = "completion";  ///< completion (when there is a completion role) or all
  void describe(OptionVisitor& v);
};
struct RegressionOptions {
  void describe(OptionVisitor& v);
};
struct MultiLabelOptions {
  std::string separator = ",";  ///< between the labels of one row, where the column holds text and no list
  double threshold = 0.5;       ///< a label is given when its probability is at least this
  void describe(OptionVisitor& v);
};
struct Seq2SeqOptions {
  std::string prefix;                    ///< put before every input text ("translate English to German: ")
  std::int64_t max_target_tokens = 128;  ///< longer targets are cut
  std::int64_t beams = 1;                ///< of the answers that metrics are made of; 1: greedy
  std::int64_t judged_rows = 200;        ///< at most so many rows are answered at an evaluation; 0: all
  std::string language = "en";           ///< Whisper: the recording's language
  std::string task = "transcribe";       ///< Whisper: transcribe or translate
  void describe(OptionVisitor& v);
};
struct CtcOptions {
  void describe(OptionVisitor& v);
};
/// Alternatives in the order of the catalog; kinds: classification, tagging, masked_lm, causal_lm, regression,
/// multi_label, seq2seq, ctc.
using ObjectiveOptions = std::variant<ClassificationOptions, TaggingOptions, MaskedLmOptions, CausalLmOptions,
                                      RegressionOptions, MultiLabelOptions, Seq2SeqOptions, CtcOptions>;

// ---- method: what is trained ----------------------------------------------------------------------------------------
struct FullOptions {
  bool train_embeddings = true;
  void describe(OptionVisitor& v);
};
struct FeatureExtractionOptions {
  void describe(OptionVisitor& v);
};
struct LoraOptions {
  std::int64_t rank = 8;
  double alpha = 16;
  double dropout = 0.0;
  bool rank_stabilised = false;  ///< scale alpha / sqrt(rank) instead of alpha / rank (Kalajdzievski 2023)
  std::vector<std::string> targets = {"all-linear"};  ///< PEFT's rules: list = suffix match, text = full-match regex
  bool targets_is_list = false;
  std::vector<std::string>
      modules_to_save;  ///< trained whole and saved beside the adapter; a new head is added by itself
  std::vector<std::pair<std::string, double>> rank_pattern, alpha_pattern;
  void describe(OptionVisitor& v);
};
/// Kinds: full, feature_extraction, lora.
using MethodOptions = std::variant<FullOptions, FeatureExtractionOptions, LoraOptions>;

// ---- the rest -------------------------------------------------------------------------------------------------------
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

struct EarlyStoppingOptions {
  std::string metric = "loss";  ///< a metric of the validation evaluation; direction follows from its catalog entry
  std::int64_t patience = 2;    ///< evaluations without improvement before stopping
  double min_delta = 0.0;
  void describe(OptionVisitor& v);
};

struct TrainingOptions {
  double epochs = 3;
  std::int64_t max_steps = 0;  ///< 0: by epochs
  std::int64_t batch_size = 32;
  std::int64_t gradient_accumulation = 1;
  double learning_rate = 2e-4;
  std::string schedule = "linear";  ///< linear cosine constant
  HowOften warmup = {0.06, "run"};
  double weight_decay = 0.01;  ///< not on norms and biases
  double adam_beta1 = 0.9, adam_beta2 = 0.999, adam_epsilon = 1e-8;
  double max_grad_norm = 1.0;  ///< 0: no clipping
  double label_smoothing = 0.0;
  double dropout = -1;                ///< -1: as the model's config says
  std::string precision = "auto";     ///< auto fp32 bf16 fp16
  std::string device = "auto";        ///< auto cpu cuda cuda:N
  std::int64_t threads = 0;           ///< 0: all cores
  std::string batching = "bucketed";  ///< bucketed (by length) or shuffled
  std::string batches_file;  ///< a JSON list of lists of row numbers, one an optimizer step: used as they stand
  HowOften evaluate_every = {1, "epoch"};
  HowOften checkpoint_every = {5, "minute"};
  std::int64_t log_every = 10;  ///< steps
  std::optional<EarlyStoppingOptions> early_stopping;
  bool keep_best = true;      ///< end with the weights of the best evaluation
  bool evaluate_base = true;  ///< evaluate the untouched model first: base against tuned
  void describe(OptionVisitor& v);
};

struct ExportOptions {
  std::string format = "huggingface";  ///< huggingface peft
  std::string path;                    ///< empty: runs/<id>/export-<format>
  std::string precision = "fp32";      ///< fp32 fp16 bf16
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
