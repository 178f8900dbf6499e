#pragma once
// Tokenizers as Hugging Face's tokenizer.json describes them: added tokens -> normalizer -> pre-tokenizer -> model ->
// post-processor, and back through the decoder. Ids, offsets and decoded text equal the `tokenizers` library's.
#include <cstdint>
#include <filesystem>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace luthier {

struct Encoding {
  std::vector<std::int64_t> ids;
  std::vector<std::pair<std::int64_t, std::int64_t>>
      offsets;                         ///< code points of the input, [begin, end); special: (0, 0)
  std::vector<std::int64_t> type_ids;  ///< 0 for the first text, 1 for the pair
  std::vector<std::uint8_t> special;   ///< 1 for tokens that the post-processor added
  std::vector<std::int64_t> words;     ///< index of the pre-token, -1 for special tokens
  bool truncated = false;
};

class Tokenizer {
 public:
  /// A folder with tokenizer.json, else SentencePiece's tokenizer.model or spiece.model, vocab.json with merges.txt
  /// (GPT-2's kind), vocab.json alone (Wav2Vec2's characters), vocab.txt (BERT's WordPiece) or a tiktoken file; or one
  /// of these files. What tokenizer_config.json beside it says counts. not_found and bad_input errors say what is
  /// missing or wrong.
  static Tokenizer open(const std::filesystem::path& folder_or_file);
  static Tokenizer from_json(std::string_view tokenizer_json, const std::string& where);
  Tokenizer(Tokenizer&&) noexcept;
  Tokenizer& operator=(Tokenizer&&) noexcept;
  ~Tokenizer();

  /// Thread-safe. `max_tokens` > 0 cuts as the library's enable_truncation(max_tokens) does (longest first for pairs);
  /// 0 uses the file's own truncation, if any; -1 never cuts. Invalid UTF-8 is read as U+FFFD, byte for byte as
  /// Python's errors="replace" does.
  Encoding encode(std::string_view text, bool add_special_tokens = true, std::int64_t max_tokens = -1) const;
  Encoding encode_pair(std::string_view text, std::string_view pair, bool add_special_tokens = true,
                       std::int64_t max_tokens = -1) const;
  /// Words that are split already (for tagging): words[i] of the result is the index into `words`.
  Encoding encode_words(const std::vector<std::string>& words, bool add_special_tokens = true,
                        std::int64_t max_tokens = -1) const;
  std::string decode(const std::vector<std::int64_t>& ids, bool skip_special_tokens = true) const;

  /// The text of a CTC model's frames: of equal neighbours one stays, blanks (the pad token) vanish, "|" becomes a
  /// space; in lower case where do_lower_case is set, as transformers' Wav2Vec2CTCTokenizer.decode does it.
  std::string ctc_decode(const std::vector<std::int64_t>& ids) const;

  std::int64_t vocabulary_size() const;  ///< highest id + 1, added tokens included
  std::optional<std::int64_t> id_of(std::string_view token) const;
  std::string token_of(std::int64_t id) const;  ///< "" for an unknown id
  bool is_special(std::int64_t id) const;       ///< an added token marked special

  /// Roles by tokenizer_config.json / special_tokens_map.json beside the file, else by the usual names
  /// ([PAD] <pad> <|endoftext|> ...); nullopt where there is none.
  std::optional<std::int64_t> pad_id() const, unknown_id() const, mask_id() const, bos_id() const, eos_id() const,
      cls_id() const, sep_id() const;
  const std::string& chat_template() const;  ///< "" when there is none
  /// What save() writes from now on, so that whoever opens the model writes conversations as it was trained on them.
  void set_chat_template(const std::string& source);

  /// Adds tokens at the end of the vocabulary (present ones are left alone); returns how many are new.
  std::int64_t add_tokens(const std::vector<std::string>& tokens, bool special = false);
  /// Writes tokenizer.json and what stood beside it (tokenizer_config.json, special_tokens_map.json, vocab files) into
  /// `folder`, so that transformers' AutoTokenizer opens it.
  void save(const std::filesystem::path& folder) const;
  /// The text of tokenizer.json that it was read from, or made from other files; tokens added since are not in it.
  const std::string& source() const;
  /// A hash of all that decides the ids: a cache key.
  std::uint64_t fingerprint() const;

 private:
  struct State;
  explicit Tokenizer(std::shared_ptr<State> state);
  std::shared_ptr<State> state_;
};

}  // namespace luthier
