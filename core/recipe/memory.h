#pragma once
// How much memory a run will need, before anything is loaded. Method cards, the preflight and the trainer's own check
// before it loads a model all use it; the preflight's dry step measures the same parts.
#include <cstdint>

#include "recipe/outline.h"
#include "recipe/recipe.h"

namespace luthier {

struct MemoryEstimate {
  std::int64_t weights_bytes = 0;  ///< all parameters, adapters too, a teacher's, and a base that is stayed near to
  std::int64_t mapped_bytes = 0;   ///< of these: frozen, so they stay mapped from the file and can be dropped
  std::int64_t gradients_bytes = 0;
  std::int64_t optimizer_bytes = 0;    ///< AdamW's two moments, and a moving average of the weights
  std::int64_t activations_bytes = 0;  ///< of one batch, kept for the backward pass
  std::int64_t output_bytes = 0;       ///< logits and what a language model's loss makes of them
  std::int64_t passing_bytes = 0;      ///< what one layer needs for a moment while it computes
  std::int64_t last_bytes = 0;         ///< what is left of the three when nearly all gradients are made
  std::int64_t fixed_bytes = 0;        ///< buffers of the mathematics library, however small the model
  bool accumulates = false;            ///< gradients stay while the next batch is computed

  /// At the peak. The backward pass frees activations while it makes gradients: without accumulation the peak is at its
  /// begin or at its end.
  std::int64_t total() const;
  /// What is left of the total beside weights, gradients and optimizer: the four add up to it.
  std::int64_t activations_share() const { return total() - weights_bytes - gradients_bytes - optimizer_bytes; }
};

/// What the largest batch holds, and what is in memory beside the model that trains.
struct BatchContent {
  BatchContent(std::int64_t tokens) : tokens(tokens) {}
  std::int64_t tokens;       ///< of the longest row: tokens of a text, frames of a recording; packed: of the mean row
  bool packed = false;       ///< rows one after another without padding
  std::int64_t targets = 0;  ///< encoder-decoders: tokens of the longest target; 0: as many as the row has
  bool pairs = false;        ///< preferences: every row is two answers
  std::int64_t teacher_parameters = 0;
  double loss_share = 1;  ///< language models: share of the tokens that carries loss
  bool two_byte_computation = false;
  bool on_gpu = false;
};

/// What follows from the recipe alone. A teacher's folder is looked at for its size.
BatchContent batch_content(const Recipe& recipe, std::int64_t tokens);

/// For batches of training.batch_size rows. Weights, gradients and moments count 4 bytes a number where they are not
/// quantised, activations 4, or 2 with `two_byte_computation`; with that, frozen layers on a GPU count 2 as well.
MemoryEstimate estimate_memory(const ModelOutline& model, const MethodOptions& method, const TrainingOptions& training,
                               const BatchContent& batch);

}  // namespace luthier
