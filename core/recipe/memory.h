#pragma once
// How much memory a run will need, before anything is loaded. Method cards, the preflight and the trainer's own check
// before it loads a model all use it; the preflight's dry step measures the same parts.
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
  std::int64_t output_bytes = 0;       ///< logits and what a language model's loss makes of them
  std::int64_t passing_bytes = 0;      ///< what one layer needs for a moment while it computes
  std::int64_t fixed_bytes = 0;        ///< buffers of the mathematics library, however small the model
  bool accumulates = false;            ///< gradients stay while the next batch is computed

  /// At the peak. The backward pass frees activations while it makes gradients, so without accumulation the larger of
  /// the two counts.
  std::int64_t total() const;
  /// What is left of the total beside weights, gradients and optimizer: the four add up to it.
  std::int64_t activations_share() const { return total() - weights_bytes - gradients_bytes - optimizer_bytes; }
};

/// For batches of training.batch_size rows of `tokens` tokens. Weights, gradients and moments count 4 bytes a number
/// (precision concerns the computation alone), activations 4, or 2 with `two_byte_computation`.
MemoryEstimate estimate_memory(const ModelOutline& model, const MethodOptions& method, const TrainingOptions& training,
                               std::int64_t tokens, bool two_byte_computation = false);

}  // namespace luthier
