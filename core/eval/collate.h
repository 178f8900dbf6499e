#pragma once
// From encoded rows to what a model takes: padding, masks, labels, and the positions that carry loss.
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <span>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "eval/processors.h"
#include "models/model.h"
#include "recipe/recipe.h"
#include "text/tokenizer.h"

namespace luthier {

struct PreferenceReference;

struct LabelledBatch {
  Batch inputs;
  /// [N] int64 into the flattened [B * T] positions (seq2seq: the decoder's [B * U]); undefined where rows have one
  /// label or value each, and for ctc.
  Tensor loss_rows;
  /// [N] int64, never -100; classification: [B]; ctc: [B, U] with -100 for padding. Undefined for regression,
  /// multi_label and soft labels.
  Tensor labels;
  Tensor soft_labels;  ///< [B, L] fp32: multi_label (0 or 1), classification of blended images (rows sum to 1)
  Tensor values;       ///< [B] fp32: regression; preference: 1 where a single answer is desirable
  /// [L] fp32, in training alone: how much rows of a label count; multi_label: how much a label that is given counts
  /// against one that is not. Undefined: all alike.
  Tensor label_weights;
  /// fp32, in training alone: how much each row counts (role weight), of language models and tags each position: [B] or
  /// [N]. Undefined: all alike.
  Tensor row_weights;
  Tensor owners;     ///< preference: [N] int64, the sequence of each position
  Tensor reference;  ///< preference: [S] fp32, the reference's log-probabilities of the answers; undefined until known
  std::shared_ptr<LabelledBatch> unrelated;  ///< kto: the prompts with other rows' answers
  Tensor kl;                                 ///< kto: 0-d fp32, see complete_preferences
  std::int64_t weight = 0;                   ///< N: rows, pairs, labels (multi_label: B * L) or tokens that carry loss
  double counted = -1;             ///< in training, where not all count alike: the sum of what they count; else below 0
  std::int64_t tokens = 0;         ///< not counting padding; samples of recordings, 1 for an image
  std::vector<std::int64_t> rows;  ///< indices into the split, in batch order; without rows that could not be decoded

  /// What a step's summed loss is divided by to get its mean.
  double divisor() const { return counted >= 0 ? counted : static_cast<double>(weight); }
  LabelledBatch to(at::Device device) const;
};

/// Rows whose files could not be decoded while batches were made: left out, and told once each. Thread-safe.
class LostRows {
 public:
  void add(std::int64_t source_row, const std::string& name, const std::string& reason);
  /// Those that were added since the last call, as one finding; nullopt when there were none.
  std::optional<Finding> take();

 private:
  std::mutex mutex_;
  std::set<std::int64_t> known_;
  std::vector<std::int64_t> fresh_;
  std::string names_;
};

/// What collating needs to know besides the rows.
struct CollateOptions {
  ObjectiveOptions objective;
  std::int64_t pad_id = 0;
  std::int64_t mask_id = -1;              ///< masked LM alone
  std::int64_t vocabulary = 0;            ///< masked LM alone: random replacement tokens are below this
  std::vector<bool> special;              ///< masked LM alone, by token id: never masked, never drawn
  std::uint64_t seed = 0;                 ///< masked LM: a row's mask is a function of (seed, epoch, row)
  bool pack = false;                      ///< text rows one after another in one row (Batch::segments), no padding
  bool type_ids = true;                   ///< whether the model takes token_type_ids
  const Tokenizer* tokenizer = nullptr;   ///< writes answers as text (seq2seq, ctc); outlives the options
  std::int64_t labels = 0;                ///< multi_label and blended images: how many there are
  std::shared_ptr<const Json> config;     ///< the model's, for the start of decoders
  Processors processors;                  ///< of models that read images or recordings
  std::optional<AugmentOptions> augment;  ///< of training images
  double longest_seconds = 30;            ///< recordings: longer ones are cut; 0: never
  /// By label, for training: classification weighs rows, multi_label what is given. Empty: all alike.
  std::vector<float> label_weights;
  std::shared_ptr<const PreferenceReference> reference;  ///< see eval/preference.h; may be empty
  std::shared_ptr<LostRows> lost = std::make_shared<LostRows>();
};

/// Fills the options from a tokenizer (nullptr where rows hold no tokens) and a model. bad_input when masked LM meets a
/// tokenizer without a mask token.
CollateOptions collate_options(const ObjectiveOptions& objective, const Tokenizer* tokenizer, const Model& model,
                               std::uint64_t seed, const Processors& processors = {});
CollateOptions collate_options(const ObjectiveOptions& objective, const Tokenizer& tokenizer, const Model& model,
                               std::uint64_t seed);

/// On the CPU. Right-padded to the longest row, or packed; the mask is left undefined where no row is shorter.
/// `training`: images are varied, rows and labels have weights. Rows whose file cannot be decoded are left out: a batch
/// may be empty, with weight 0 and undefined inputs.
LabelledBatch collate(const EncodedSplit& split, std::span<const std::int64_t> rows, const CollateOptions& options,
                      std::uint64_t epoch, bool training = false);

}  // namespace luthier
