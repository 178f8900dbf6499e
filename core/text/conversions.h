#pragma once
// Tokenizers that come in other files than tokenizer.json, written as one: what transformers' converters make of them.
#include <functional>
#include <optional>
#include <string>
#include <string_view>

#include "base/json.h"

namespace luthier::text {

/// What stands beside a tokenizer's own file; null where absent.
struct Beside {
  std::string where;         ///< the tokenizer's own file
  const Json& config;        ///< tokenizer_config.json
  const Json& special_map;   ///< special_tokens_map.json
  const Json& added_tokens;  ///< added_tokens.json: {"token": id}

  /// tokenizer_config.json's "tokenizer_class" without "Fast"; "" where absent.
  std::string tokenizer_class() const;
  bool flag(const char* key, bool otherwise) const;
  std::string text(const char* key, const std::string& otherwise) const;
  /// The content of a token that one of the two configurations names ("pad_token", ...), else `otherwise`.
  std::string token(const char* key, const std::string& otherwise) const;
};

/// SentencePiece's protobuf (tokenizer.model, spiece.model): BPE by Llama's conventions, unigram by T5's where the file
/// is like T5's. Merges are ordered by score, as in published tokenizer.json files and in SentencePiece itself.
std::string sentencepiece_tokenizer_json(std::string_view bytes, const Beside& beside);
/// tiktoken's lines of base64 and rank. `gpt2_pattern`: splits as GPT-2 does, else as Llama 3 does.
std::string tiktoken_tokenizer_json(std::string_view lines, bool gpt2_pattern, const Beside& beside);
bool is_tiktoken(std::string_view bytes);
/// Byte-level BPE in two files: vocab.json and merges.txt (GPT-2, RoBERTa, Whisper, Qwen 2).
std::string merges_tokenizer_json(std::string_view vocab_json, std::string_view merges, const Beside& beside);
/// Wav2Vec2's characters: vocab.json alone.
std::string characters_tokenizer_json(std::string_view vocab_json, const Beside& beside);

/// A token with the flags of an "added_tokens" entry.
OrderedJson added_entry(std::int64_t id, const std::string& content, bool special);

/// The "added_tokens" list: `own` tokens of the file and those that the configurations declare, in the order of ids.
/// `id_of` looks a token up in the model's vocabulary, whose next free id is `next_id`.
OrderedJson declared_tokens(OrderedJson own,
                            const std::function<std::optional<std::int64_t>(const std::string&)>& id_of,
                            std::int64_t next_id, const Beside& beside);

/// A template post-processor: `start` before and `end` after each text ("" for nothing), all of type 0 or, with
/// `second_type`, the second text of type 1.
OrderedJson framing(const std::string& start, std::int64_t start_id, const std::string& end, std::int64_t end_id,
                    bool second_type);

}  // namespace luthier::text
