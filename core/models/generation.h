#pragma once
// Writing text with a causal language model, token by token, with a cache of keys and values.
#include <cstdint>
#include <functional>
#include <vector>

#include "models/model.h"

namespace luthier {

/// Chooses the next token of every row: logits [B, V] of the last position and how many tokens were written before
/// -> [B] int64 on the CPU.
using PickToken = std::function<Tensor(const Tensor& logits, std::int64_t written)>;

/// The most likely token.
PickToken pick_greedy();
/// Draws from softmax(logits / temperature); row r's draws are a function of (seed, r, position). Temperature 0 is
/// greedy; bad_input below that. Only the `top_k` most likely tokens are drawn (0: all of them), and of these the
/// fewest that together have a share of `top_p` (Holtzman et al. 2020, nucleus sampling; 0 < top_p <= 1).
PickToken pick_sampled(double temperature, std::uint64_t seed, double top_p = 1, std::int64_t top_k = 0);

struct GenerateOptions {
  std::int64_t max_new_tokens = 128;
  std::vector<std::int64_t> stop_ids;  ///< a row ends with one of these; it is part of the result
  PickToken pick = pick_greedy();
  /// Above 1: tokens of the prompt and of what was written become less likely, positive logits being divided by it and
  /// negative ones multiplied (Keskar et al. 2019, CTRL). Must be above zero.
  double repetition_penalty = 1;
  /// Called for every new token of every row that goes on; false ends the whole generation. May be empty.
  std::function<bool(std::int64_t row, std::int64_t token)> on_token;
  bool use_cache = true;  ///< false computes everything anew for every token: slow, for comparisons
};

/// The new tokens of every prompt (each at least one token long). Prompts of different lengths are padded on the left.
/// In evaluation mode and without gradients; the model's mode is put back. bad_input for a model without a
/// language-model head, empty prompts and tokens beyond the vocabulary.
std::vector<std::vector<std::int64_t>> generate(Model& model, const std::vector<std::vector<std::int64_t>>& prompts,
                                                const GenerateOptions& options);

/// eos_token_id of a generation_config.json or config.json: absent, a number or a list.
std::vector<std::int64_t> stop_ids_of(const Json& config);

}  // namespace luthier
