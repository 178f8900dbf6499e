#pragma once
// How much memory a run will need, before anything is loaded. A first estimate: the dry step of the preflight measures.
#include <cstdint>

#include "recipe/outline.h"
#include "recipe/recipe.h"

namespace luthier {

struct MemoryEstimate {
  std::int64_t weights_bytes = 0;  ///< all parameters, adapters too
  std::int64_t mapped_bytes = 0;   ///< of these: frozen, so they stay mapped from the file and can be dropped
  std::int64_t gradients_bytes = 0;
  std::int64_t optimizer_bytes = 0;    ///< AdamW's two moments
  std::int64_t activations_bytes = 0;  ///< of one batch, kept for the backward pass
  std::int64_t output_bytes = 0;       ///< logits and their gradient, as far as they exist at once

  std::int64_t total() const {
    return weights_bytes + gradients_bytes + optimizer_bytes + activations_bytes + output_bytes;
  }
};

/// For batches of training.batch_size rows of `tokens` tokens. Weights, gradients and moments count 4 bytes a number
/// (precision concerns the computation alone), activations 4, or 2 with `two_byte_computation`.
MemoryEstimate estimate_memory(const ModelOutline& model, const MethodOptions& method, const TrainingOptions& training,
                               std::int64_t tokens, bool two_byte_computation = false);

}  // namespace luthier
