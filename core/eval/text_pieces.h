#pragma once
// How metrics of text cut it: each by the rules of the tool whose numbers it gives.
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace luthier {

/// What stands between white space, as Python's str.split() sees it. Broken UTF-8 becomes U+FFFD.
std::vector<std::string> words_of(std::string_view text);
/// Without white space at both ends.
std::string trimmed(std::string_view text);
/// The code points; `spaces` false leaves white space out.
std::u32string letters_of(std::string_view text, bool spaces = true);
/// mteval-v13a's tokens, sacreBLEU's default: punctuation stands alone, full stops and commas in numbers do not.
std::vector<std::string> tokens_13a(std::string_view text);
/// rouge_score's tokens without stemming: lower case, runs of a-z and 0-9.
std::vector<std::string> rouge_tokens(std::string_view text);

/// Two lists of words as letters, equal words as equal ones: what counts letters then counts words.
std::pair<std::u32string, std::u32string> numbered(const std::vector<std::string>& a,
                                                   const std::vector<std::string>& b);

}  // namespace luthier
