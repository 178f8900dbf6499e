#pragma once
// What the preflight tells before Start: figures, checks, and for each finding the recipe edits that put it right. Free
// of LibTorch; the dry step itself is in engine/preflight.h.
#include <cstdint>
#include <map>
#include <string>
#include <vector>

#include "recipe/memory.h"
#include "recipe/recipe.h"

namespace luthier {

/// Recipe edits as `--set` takes them, and what they bring.
struct PreflightFix {
  std::string label;
  std::vector<std::string> set;  ///< "training.batch_size=4"
};

struct PreflightCheck {
  std::string id, group;              ///< groups: device data numerics
  std::string label;                  ///< "Memory"
  std::string severity = "pass";      ///< pass warning error (error: training should not start)
  std::string value;                  ///< "12.9 of 80 GB"; may be empty
  std::string message;                ///< one sentence
  std::vector<PreflightFix> fixes{};  ///< the best first
};

/// Bytes at the peak of training, above the idle process.
struct MemoryParts {
  std::int64_t weights = 0, gradients = 0, optimizer = 0, activations = 0, total = 0;
};
MemoryParts parts_of(const MemoryEstimate& estimate);

/// How long the training rows are before anything is cut off.
struct RowLengths {
  std::map<std::int64_t, std::int64_t> rows_by_length;
  std::int64_t longest_target = 0;  ///< tokens of what is to be written, where rows have such; 0: not known

  std::int64_t rows() const;
  std::int64_t tokens() const;
  std::int64_t longest() const;
  std::int64_t rows_above(std::int64_t length) const;
  std::int64_t tokens_above(std::int64_t length) const;  ///< tokens behind that length, in all rows
  /// The smallest length that at least this share of the rows does not exceed.
  std::int64_t length_of(double share) const;
};

struct PreflightReport {
  double seconds = 0;  ///< that the preflight took
  std::int64_t steps = 0, evaluations = 0, checkpoints = 0;
  double epochs = 0, step_seconds = 0, longest_step_seconds = 0, total_seconds = 0;
  MemoryParts estimate, measured;  ///< measured: all 0 when the dry step was left out
  std::int64_t memory_available_bytes = 0, memory_limit_bytes = 0;
  std::int64_t disk_needed_bytes = 0, disk_free_bytes = 0;
  std::string disk_folder;
  /// Of the training rows, once through: loss + context + cut = total.
  std::int64_t tokens = 0, rows = 0, loss_tokens = 0, context_tokens = 0, cut_tokens = 0, cut_rows = 0;
  double padding_share = 0;  ///< of what the batches hold
  std::vector<PreflightCheck> checks;

  std::string verdict() const;  ///< ready warnings blocked
};
Json preflight_to_json(const PreflightReport& report);

/// What memory and lengths follow from besides the recipe.
struct MemorySetting {
  const Recipe& recipe;
  const ModelOutline& model;
  const RowLengths& lengths;
  bool two_byte_computation = false;
  double correction = 1;  ///< measured by estimated activations; 1 before anything was measured
  bool on_gpu = false;
};
/// The estimate for the recipe's longest batch: training.batch_size (or all) rows, cut at data.max_tokens.
MemoryEstimate estimate_run(const MemorySetting& setting);
std::int64_t estimated_total(const MemorySetting& setting);

/// Edits that bring the run below `limit_bytes`, the one that changes least first: smaller batches with accumulation,
/// recomputation, no dropout, 8-bit moments, shorter rows, LoRA, QLoRA, feature extraction, and these with the smallest
/// batch. Empty when nothing helps.
std::vector<PreflightFix> memory_fixes(const MemorySetting& setting, std::int64_t limit_bytes);
/// The largest batch (a power of two times the recipe's) that stays below the limit; the recipe's own when none does.
std::int64_t largest_batch(const MemorySetting& setting, std::int64_t limit_bytes);

/// More rows cut than this share is a warning.
constexpr double kCutRowsTolerated = 0.01;
/// Whether cut rows matter, and which data.max_tokens (at most `positions`) would keep 99% and all of them whole.
PreflightCheck cut_rows_check(const MemorySetting& setting, std::int64_t positions);

/// What recipe and model tell without data or weights: a method that the family cannot have, a precision that is unsafe
/// for it, virtual tokens that find no place or start from random numbers. Passed checks are left out.
std::vector<PreflightCheck> recipe_checks(const Recipe& recipe, const ModelOutline& model);

/// "12.9 GB", decimal units.
std::string size_text(std::int64_t bytes);
/// "1,234,567".
std::string grouped(std::int64_t number);
/// "2.1%"; small shares keep a digit that is not zero.
std::string percent_text(double share);

}  // namespace luthier
