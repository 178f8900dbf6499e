#pragma once
// From encoded rows to what a model takes: padding, masks, labels, and the positions that carry loss.
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <span>
#include <vector>

#include "data/dataset.h"
#include "models/model.h"
#include "recipe/recipe.h"
#include "text/tokenizer.h"

namespace luthier {

struct LabelledBatch {
  Batch inputs;
  Tensor loss_rows;                ///< [N] int64 into the flattened [B * T] positions; undefined for classification
  Tensor labels;                   ///< [N] int64 (classification: [B]); never -100
  std::int64_t weight = 0;         ///< N: rows or tokens that carry loss
  std::int64_t tokens = 0;         ///< not counting padding
  std::vector<std::int64_t> rows;  ///< indices into the split, in batch order

  LabelledBatch to(at::Device device) const;
};

/// What collating needs to know besides the rows.
struct CollateOptions {
  ObjectiveOptions objective;
  std::int64_t pad_id = 0;
  std::int64_t mask_id = -1;    ///< masked LM alone
  std::int64_t vocabulary = 0;  ///< masked LM alone: random replacement tokens are below this
  std::vector<bool> special;    ///< masked LM alone, by token id: never masked, never drawn
  std::uint64_t seed = 0;       ///< masked LM: a row's mask is a function of (seed, epoch, row)
  bool type_ids = true;         ///< whether the model takes token_type_ids
};

/// Fills the options from a tokenizer and a model. bad_input when masked LM meets a tokenizer without a mask token.
CollateOptions collate_options(const ObjectiveOptions& objective, const Tokenizer& tokenizer, const Model& model,
                               std::uint64_t seed);

/// On the CPU. Right-padded to the longest row; the mask is left undefined where no row is shorter.
LabelledBatch collate(const EncodedSplit& split, std::span<const std::int64_t> rows, const CollateOptions& options,
                      std::uint64_t epoch);

}  // namespace luthier
