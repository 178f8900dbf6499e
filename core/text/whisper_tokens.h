#pragma once
// Whisper's task tokens: what its decoder starts with, and its text without them.
#include <cstdint>
#include <string>
#include <vector>

#include "text/tokenizer.h"

namespace luthier {

struct WhisperTask {
  std::string language = "en";  ///< a code ("de") or a name in English ("german"); "" for models of English alone
  bool translate = false;       ///< into English, instead of writing down what is said
  bool timestamps = false;
};

/// <|startoftranscript|><|en|><|transcribe|><|notimestamps|> as ids. bad_input for a language that the vocabulary has
/// not, unsupported where this is no Whisper tokenizer.
std::vector<std::int64_t> whisper_prompt(const Tokenizer& tokenizer, const WhisperTask& task = {});

/// The codes of the languages that the vocabulary has tokens for, in the order of ids.
std::vector<std::string> whisper_languages(const Tokenizer& tokenizer);

/// The text of decoder output, without task tokens and timestamps.
std::string whisper_text(const Tokenizer& tokenizer, const std::vector<std::int64_t>& ids);

/// Seconds of a timestamp token (<|1.20|>), or a negative number for any other token.
double whisper_seconds(const Tokenizer& tokenizer, std::int64_t id);

}  // namespace luthier
