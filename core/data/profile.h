#pragma once
// What the data of a task looks like as a whole: rows, labels, splits, token lengths, findings. For the window's Data
// page, run card and estimates.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <memory>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "data/split.h"
#include "data/table.h"

namespace luthier {

struct LabelCount {
  std::string name;
  std::int64_t rows = 0;
  std::int32_t id = -1;             ///< what the model answers with; -1 while the labels cannot be trained on
  std::vector<std::string> values;  ///< how the file writes it
};

/// Lengths in tokens of the rows that are used, before cutting.
struct LengthProfile {
  std::vector<std::int64_t> counts;  ///< rows by length in steps of `step`, from 0 on; at most 4,096
  std::int64_t step = 1;
  std::int64_t median = 0, p95 = 0, p99 = 0, longest = 0, total = 0;
  std::int64_t longer_than_limit = 0;  ///< rows that max_tokens cuts
};

/// What was found out about one row of the training file; a row of bits in `flags`.
struct RowMark {
  enum Flag : std::uint8_t {
    duplicate = 1,     ///< repeats an earlier training row
    leaked = 2,        ///< of validation or test, and in the training rows as well
    empty = 4,         ///< has no text: left out
    unusable = 8,      ///< no label, an unknown split, or tags that do not fit the tokens: left out
    too_long = 16,     ///< has more tokens than max_tokens
    conflicting = 32,  ///< a training row with the same text has another label
  };
  std::int32_t tokens = -1;  ///< before cutting; -1 where not known
  Split split = Split::train;
  std::uint8_t flags = 0;

  bool is_used() const { return (flags & (empty | unusable)) == 0; }
};

struct DataProfile {
  std::filesystem::path file;
  ReadOptions detected;
  std::uint64_t file_bytes = 0;
  std::vector<Column> columns;
  std::int64_t rows = 0;                                            ///< readable rows of the training file
  std::vector<LabelCount> labels;                                   ///< most frequent first; empty without a label role
  std::int64_t train_rows = 0, validation_rows = 0, test_rows = 0;  ///< after the split of the recipe
  LengthProfile lengths;  ///< all zero without a tokenizer, and for images and recordings
  std::vector<Finding> findings;
  /// One for each row of the training file, in file order; nullptr while roles are missing.
  std::shared_ptr<const std::vector<RowMark>> marks;
  double seconds = 0;  ///< that it took
};

/// Reads the data as training would. `tokenizer` may be null: then without lengths. With roles missing (a file just
/// opened) there are no labels, splits or lengths, only what the file itself tells. What would keep training from
/// starting is a finding of severity error; errors are thrown as by Table::open only. options.progress is called and
/// may throw Error(cancelled).
DataProfile profile_data(const DatasetOptions& options, const Tokenizer* tokenizer);

/// Which columns most probably play which roles of `task` ("classification", ...): by name, type and number of
/// different values in the first rows.
std::vector<std::pair<std::string, std::string>> suggest_roles(const Table& table, const std::string& task);

/// The objective that a file just opened most probably is for: images and recordings with labels are for
/// classification, recordings with transcripts for seq2seq; tokens and tags are for tagging, a prompt and a
/// completion for causal_lm, a text with a label for classification, text alone for masked_lm.
std::string suggest_task(const Table& table);

}  // namespace luthier
