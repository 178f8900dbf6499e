#pragma once
// Complete tokenizer files around a vocabulary.
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"

namespace luthier::text {

/// The file's text from all but the model and the model, which is put in last: an ordered object would search itself
/// for each token.
std::string with_model(OrderedJson file, Json model);

/// BERT's WordPiece over these tokens; the place in the list is the id, empty ones are left out, and of equal ones the
/// last counts. bad_input (naming `where`) unless [UNK], [CLS] and [SEP] are there.
std::string bert_tokenizer_json(const std::vector<std::string>& tokens, const std::vector<std::string>& special_tokens,
                                bool lowercase, std::optional<bool> strip_accents, bool handle_chinese,
                                const std::string& where);

/// GPT-2's byte-level BPE.
std::string byte_level_tokenizer_json(const std::vector<std::string>& tokens,
                                      const std::vector<std::pair<std::string, std::string>>& merges,
                                      const std::vector<std::string>& special_tokens);

}  // namespace luthier::text
