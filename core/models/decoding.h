#pragma once
// What greedy writing, sampling and beam search share: rows of tokens that a decoder goes on from.
#include <cstdint>
#include <vector>

#include "models/generation.h"

namespace luthier {

using TokenRows = std::vector<std::vector<std::int64_t>>;

/// A decoder in the middle of writing.
class Decoding {
 public:
  /// Checks the inputs; runs the encoder where there is one. The model is in evaluation mode, without gradients.
  Decoding(Model& model, const GenerateInputs& inputs, bool use_cache);

  const TokenRows& prompts() const { return prompts_; }
  /// How many tokens may be written: no more than `wanted`, and no more than the model has positions for.
  std::int64_t room(std::int64_t wanted) const;
  /// Scores of the next token, fp32 [R, V], where the model lies.
  Tensor next_logits();
  void append(const Tensor& tokens);  ///< the next token of every row, [R] int64
  /// Every row `times` times, one after the other; before the first append.
  void repeat(std::int64_t times);
  /// Row r goes on from what row `from[r]` has; only among the copies of one row. [R] int64
  void reorder(const Tensor& from);

 private:
  Tensor& tokens() { return model_.is_encoder_decoder() ? batch_.decoder_input_ids : batch_.input_ids; }

  Model& model_;
  bool use_cache_;
  TokenRows prompts_;
  Batch batch_;
  KeyValueCache cache_;
};

/// Scores [R, V] changed in place by what the options ask for: repetition penalty, repeated runs, suppressed tokens.
/// `histories`: prompt and written tokens of each row.
void apply_rules(Tensor& scores, const TokenRows& histories, bool first, const GenerateOptions& options);

/// The likeliest whole answers by beam search.
TokenRows beam_search(Decoding& decoding, const GenerateOptions& options);

}  // namespace luthier
