#pragma once
// Writing token by token with a language model or an encoder-decoder, with a cache of keys and values.
#include <cstdint>
#include <filesystem>
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
/// greedy; bad_input below that. Only the `top_k` most likely tokens are drawn (0: all of them), of these the fewest
/// that together have a share of `top_p` (Holtzman et al. 2020, nucleus sampling; 0 < top_p <= 1), and of these the
/// ones that are at least `min_p` times as likely as the likeliest (Nguyen et al. 2024; 0 <= min_p <= 1).
PickToken pick_sampled(double temperature, std::uint64_t seed, double top_p = 1, std::int64_t top_k = 0,
                       double min_p = 0);

struct GenerateOptions {
  std::int64_t max_new_tokens = 128;
  std::vector<std::int64_t> stop_ids;  ///< a row ends with one of these; it is part of the result
  PickToken pick = pick_greedy();      ///< with one beam
  /// Above 1: tokens of the prompt and of what was written become less likely, positive logits being divided by it and
  /// negative ones multiplied (Keskar et al. 2019, CTRL). Must be above zero.
  double repetition_penalty = 1;
  std::int64_t no_repeat_ngram = 0;             ///< no run of so many tokens is written twice; 0: anything goes
  std::vector<std::int64_t> suppress;           ///< never written
  std::vector<std::int64_t> suppress_at_start;  ///< never written as the first new token
  /// Beam search: so many beginnings are followed side by side and the likeliest whole answer wins; 1: none. Sampling
  /// and beams exclude each other: `pick` is not asked.
  std::int64_t beams = 1;
  double length_penalty = 1;    ///< beams: an answer's log-probability is divided by its length to this power
  bool stop_at_enough = false;  ///< beams: ends once there are as many whole answers as beams ("early_stopping")
  /// Called for every new token of every row that goes on; false ends the whole generation. With beams once a token is
  /// settled, which is at the end. May be empty.
  std::function<bool(std::int64_t row, std::int64_t token)> on_token;
  bool use_cache = true;  ///< false computes everything anew for every token: slow, for comparisons
};

/// What is written from. Decoder-only models go on from `prompts`, each at least one token long; prompts of different
/// lengths are padded on the left. Encoder-decoders read `source` (its decoder fields are ignored; encoder_states are
/// used when they are there) and start each row's decoder with its prompt, all of one length, or, where `prompts` is
/// empty, with the config's decoder_start_token_id.
struct GenerateInputs {
  std::vector<std::vector<std::int64_t>> prompts;
  Batch source;
};

/// The new tokens of every row, without the prompt. In evaluation mode and without gradients; the model's mode is put
/// back. bad_input for a model without a language-model head, empty prompts and tokens beyond the vocabulary. `source`
/// may lie on any device.
std::vector<std::vector<std::int64_t>> generate_from(Model& model, const GenerateInputs& inputs,
                                                     const GenerateOptions& options);

/// generate_from for decoder-only models.
std::vector<std::vector<std::int64_t>> generate(Model& model, const std::vector<std::vector<std::int64_t>>& prompts,
                                                const GenerateOptions& options);

/// eos_token_id of a generation_config.json or config.json: absent, a number or a list.
std::vector<std::int64_t> stop_ids_of(const Json& config);

/// What generation_config.json in the model's folder (else its config) says about generation: stop_ids, suppress,
/// suppress_at_start. Nothing about how to choose among tokens, which is the caller's.
GenerateOptions generate_defaults(const Model& model, const std::filesystem::path& folder);

/// What an encoder-decoder's decoder starts with: decoder_start_token_id of generation_config.json or the config (else
/// the padding token), then forced_decoder_ids, such as Whisper's language and task. bad_input when neither is there.
std::vector<std::int64_t> decoder_prompt(const Model& model, const std::filesystem::path& folder);

}  // namespace luthier
