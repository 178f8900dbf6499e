#pragma once
// What a tokenizer holds: the components of its file, and the files that stood beside it.
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "text/added_tokens.h"
#include "text/decoders.h"
#include "text/models.h"
#include "text/normalizers.h"
#include "text/post_processors.h"
#include "text/pre_tokenizers.h"
#include "text/tokenizer.h"
#include "text/word_cache.h"

namespace luthier {

struct Tokenizer::State {
  struct Truncation {
    std::int64_t max_tokens = 0;
    bool from_left = false;
    enum class Strategy { longest_first, only_first, only_second } strategy = Strategy::longest_first;
  };
  struct Roles {
    std::optional<std::int64_t> pad, unknown, mask, bos, eos, cls, sep;
  };

  std::string source;  ///< the text of tokenizer.json
  std::string where;
  std::unique_ptr<text::Normalizer> normalizer;
  std::unique_ptr<text::PreTokenizer> pre_tokenizer;
  std::unique_ptr<text::Model> model;
  std::unique_ptr<text::PostProcessor> post_processor;
  std::unique_ptr<text::Decoder> decoder;
  text::AddedTokens added;
  std::size_t added_in_file = 0;
  std::optional<Truncation> truncation;
  std::vector<text::Edges> edges;  ///< by id, only where the post-processor trims
  mutable text::WordCache cache;
  std::uint64_t components_hash = 0;

  bool of_characters = false;          ///< Wav2Vec2's, which transformers reads from vocab.json only
  bool lowers_output = false;          ///< ctc_decode gives lower case
  std::string frame_start, frame_end;  ///< tokens that a BERT or RoBERTa post-processor names
  Roles roles;
  std::string chat_template;
  std::map<std::string, std::string> companions;  ///< name -> content of the files beside tokenizer.json

  /// Reads all components; see Tokenizer::from_json.
  static std::shared_ptr<State> read(std::string tokenizer_json, const std::string& where);
  /// Finds roles and the chat template; `companions` must be there.
  void read_companions(const std::filesystem::path& folder);

  /// Cuts a text (valid UTF-8) into pieces as the model will see them.
  text::Pieces pieces(std::string_view text) const;
  /// Appends the tokens of one text. `word` >= 0 counts for all of its tokens; else pieces are numbered. With `cut`,
  /// work stops at the piece that reaches its number of tokens.
  void tokenize(std::string_view text, std::int64_t word, const Truncation* cut, text::Part& out) const;
  /// Puts one or two texts together.
  Encoding finish(std::vector<text::Part> parts, bool add_special_tokens, std::optional<Truncation> cut) const;
  /// What `max_tokens` of the public functions means.
  std::optional<Truncation> truncation_for(std::int64_t max_tokens) const;

  std::optional<std::int64_t> id_of(std::string_view token) const;
  std::int64_t bound() const;

 private:
  void split_added(text::Pieces& out, std::string_view text) const;
  /// Leaves out the pieces before the last ones that make up `most` tokens.
  bool drop_start(text::Pieces& pieces, std::size_t most, text::WordCache::Use& words) const;
  void truncate(std::vector<text::Part>& parts, const Truncation& how) const;
};

}  // namespace luthier
