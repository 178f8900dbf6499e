#pragma once
// What the preflight tells about the data.
#include <cstdint>
#include <vector>

#include "engine/prepare.h"
#include "recipe/preflight.h"
#include "train/loader.h"

namespace luthier {

/// How long the training rows would be if nothing were cut. Cut rows are read and encoded again (at most 20,000 of
/// them; the rest is taken to be like them).
RowLengths uncut_lengths(const Prepared& parts, const DataProgress& progress);

/// The micro-batches of the first epoch and what they hold with padding.
struct BatchPlan {
  std::vector<std::vector<std::int64_t>> batches;  ///< rows of each, ascending by padded tokens
  std::vector<std::int64_t> padded_tokens;         ///< of each
  std::int64_t micro_batches_a_step = 1;
  double padding_share = 0;
};
BatchPlan plan_batches(const Prepared& parts, const LoaderOptions& options);

/// The training.batch_size longest rows.
std::vector<std::int64_t> longest_rows(const EncodedSplit& split, std::int64_t count);

/// Tokens that carry loss in the training rows: one a row for classification, the expected number for masked language
/// modelling. Counted on at most 50,000 rows and scaled up.
std::int64_t count_loss_tokens(const Prepared& parts);

}  // namespace luthier
