#pragma once
// From tables to what a model is trained on: roles, labels, splits, tokens. Encoded rows lie in a memory-mapped cache
// file, so that neither texts nor tokens stay in memory.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "data/table.h"
#include "text/tokenizer.h"

namespace luthier {

/// What the recipe says about the data (filled from recipe::DataOptions by the engine; this module knows no recipe).
struct DatasetOptions {
  std::filesystem::path train, validation, test;
  ReadOptions read;
  std::vector<std::pair<std::string, std::string>> roles;  ///< role -> column name
  std::vector<std::string> labels;
  std::string task = "classification";  ///< the recipe's objective.kind
  std::string modality = "text";        ///< text, image or audio: what the model reads
  std::string label_on = "first";       ///< tagging: first or all sub-words carry the label
  std::string loss_on = "completion";   ///< causal_lm: completion (the assistant's turns) or all
  std::string chat_template = "auto";   ///< causal_lm, preference: see chat_template_source
  std::string system;                   ///< causal_lm: put before conversations that have no system turn
  std::int64_t max_tokens = 128;
  std::int64_t max_target_tokens = 128;  ///< seq2seq: longer targets are cut
  std::string prefix;                    ///< seq2seq: before every input text
  std::string separator = ",";           ///< multi_label: between the labels of a row that is no list
  std::string language = "en", speech_task = "transcribe";  ///< seq2seq over audio (Whisper)
  double longest_seconds = 30;                              ///< audio: longer recordings are cut; 0: never
  std::int64_t sample_rate = 16000;                         ///< audio: what recordings are brought to
  double validation_share = 0, test_share = 0;
  bool stratify = true;
  bool for_training = true;  ///< false: rows to evaluate only, which may all be of one class
  std::uint64_t seed = 0;
  std::filesystem::path cache_folder;  ///< where the token cache goes
  std::function<void(const std::string& stage, double share)>
      progress;  ///< may be empty; throw Error(cancelled) to stop
};

/// One encoded row; spans point into the cache.
struct EncodedRow {
  std::span<const std::int32_t> ids;  ///< tokens; empty for images and recordings
  std::span<const std::int32_t> type_ids;
  std::span<const std::int32_t> labels;  ///< per token (tagging, causal_lm: unshifted, -100 where no loss); else empty
  std::span<const std::int32_t> words;   ///< per token: index of its word, -1 for special tokens (whole-word masking)
  /// preference: `ids` and `labels` hold two sequences, the better answer first; the other begins here. 0: only one.
  std::int32_t second = 0;
  /// seq2seq and ctc: the target's tokens (seq2seq: the end token last); multi_label: the ids of the row's labels.
  std::span<const std::int32_t> target;
  std::int32_t silent_target = 0;            ///< so many of the target's first tokens carry no loss (a prompt)
  float value = 0;                           ///< regression; preference with one answer: 1 when it is desirable
  std::string_view media_path, media_bytes;  ///< an image or recording: its file, or else the encoded file itself
  std::int32_t label = -1;                   ///< classification
  std::int64_t source_row = 0;               ///< row number in its file
  bool truncated = false;
  float weight = 1;  ///< of the row in the loss (role weight)
};

/// The rows of one split; cheap to copy.
class EncodedSplit {
 public:
  std::int64_t size() const;
  EncodedRow row(std::int64_t index) const;
  std::int64_t tokens() const;                        ///< the sum of all lengths
  std::int32_t length(std::int64_t index) const;      ///< of one row: tokens; samples of a recording; 1 for an image
  std::string text(std::int64_t index) const;         ///< the first text of the row; of media their file's name
  std::string target_text(std::int64_t index) const;  ///< seq2seq, ctc: the target as the data writes it, uncut

  struct State;
  std::shared_ptr<const State> state;
};

struct Dataset {
  EncodedSplit train, validation, test;
  std::vector<std::string> label_names;  ///< by id
  std::vector<Finding> findings;         ///< broken, empty, unknown-label and cut rows, one class, duplicates, leakage
  std::uint64_t fingerprint = 0;         ///< of files, reading options, roles, tokenizer, length
};

/// Reads, checks, splits and encodes. Errors (bad_input): a missing role or column, no rows, one class only, a label
/// that is not in `labels`, a label in validation or test that training has not. Needs a tokenizer with a pad token or
/// none (masking handles it); nullptr will do where needs_tokenizer says no.
Dataset load_dataset(const DatasetOptions& options, const Tokenizer* tokenizer);
Dataset load_dataset(const DatasetOptions& options, const Tokenizer& tokenizer);

/// Whether rows of this task and modality become tokens: all but images and recordings with labels or numbers.
bool needs_tokenizer(const std::string& task, const std::string& modality);

/// Label names found in the label role's column of the training file, sorted (numbers numerically), at most `limit`.
std::vector<std::string> find_labels(const DatasetOptions& options, std::size_t limit = 1000);

/// Rows of any file as texts with roles, for predict and evaluate on files without training.
struct TextRow {
  std::int64_t source_row = 0;
  std::string text, text_pair, label, prompt, completion, target;
  std::string messages, instruction, input, response, system, tools;  ///< conversations; lists are JSON
  std::string chosen, rejected, desirable;                            ///< preferences
  std::string media_path, media_bytes;  ///< roles image and audio: a file's path, or the encoded file itself
  std::string media_name;               ///< as the data writes it
  std::vector<std::string> tokens, tags;
};
void scan_rows(const std::filesystem::path& file, const DatasetOptions& options,
               const std::function<bool(const TextRow&)>& visit);

}  // namespace luthier
