#pragma once
// A language model goes on from a text, or an encoder-decoder answers one, as text: whole characters, stop texts, and
// why it ended.
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <vector>

#include "models/model.h"
#include "text/tokenizer.h"

namespace luthier {

struct ContinueOptions {
  std::int64_t max_new_tokens = 128;
  double temperature = 0;  ///< 0: always the most likely token
  double top_p = 1;        ///< see pick_sampled
  std::int64_t top_k = 0;
  double min_p = 0;
  double repetition_penalty = 1;  ///< this and the next three: see GenerateOptions
  std::int64_t no_repeat_ngram = 0;
  std::int64_t beams = 1;  ///< above 1: nothing is drawn, and the text comes all at once
  double length_penalty = 1;
  std::uint64_t seed = 0;
  bool has_special_tokens = false;      ///< the prompt is a written conversation: nothing is put before it
  std::vector<std::int64_t> stop_ids;   ///< end-of-text tokens; not part of the text
  std::vector<std::string> stop_texts;  ///< the text ends before the first of these
  /// Called after every token with the characters that are certain now (maybe none): complete UTF-8, nothing that a
  /// stop text could still take back. All pieces together are the whole text. false ends the generation. May be empty.
  std::function<bool(std::string_view piece)> on_text;
};

struct Continuation {
  enum class End { stop, length, cancelled };  ///< a stop token or text; max_new_tokens; on_text said so
  /// What was read (by the encoder, where there is one); ids: every token that was computed, stop tokens included.
  std::vector<std::int64_t> prompt_ids, ids;
  std::string text;  ///< without prompt and stop text
  End end = End::length;
};

/// The prompt is encoded as training encodes it: with what the tokenizer puts before a text, without what it puts after
/// one; a prompt without any token starts from the tokenizer's first token. Encoder-decoders read the prompt with all
/// that the tokenizer adds. bad_input when that leaves nothing, when a stop text is empty, and for all that `generate`
/// refuses.
Continuation continue_text(Model& model, const Tokenizer& tokenizer, std::string_view prompt,
                           const ContinueOptions& options);

/// The token ids that continue_text starts from with a decoder-only model.
std::vector<std::int64_t> prompt_ids(const Tokenizer& tokenizer, std::string_view prompt,
                                     bool has_special_tokens = false);

/// The tokens that end a text: of generation_config.json in the model's folder, else its config's, else the tokenizer's
/// own; and the one that ends a turn in the tokenizer's chat template.
std::vector<std::int64_t> end_tokens(const Model& model, const std::filesystem::path& folder,
                                     const Tokenizer& tokenizer);

}  // namespace luthier
