// Wav2Vec2's tokenizer: vocab.json, one character a token, "|" between words; and how its frames become text.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "text/conversions.h"
#include "text/templates.h"
#include "text/tokenizer_state.h"
#include "text/unicode.h"

namespace luthier {

namespace text {

std::string characters_tokenizer_json(std::string_view vocab_json, const Beside& beside) {
  Json vocabulary = parse_json(vocab_json, beside.where);
  // Models of many languages keep a vocabulary for each.
  const bool nested = vocabulary.is_object() && !vocabulary.empty() && vocabulary.begin()->is_object();
  if (nested) {
    const std::string language = beside.text("target_lang", "");
    if (!vocabulary.contains(language))
      fail(ErrorKind::bad_input, "the file holds vocabularies of several languages, but not of \"" + language + "\"",
           beside.where, "name one of them as target_lang in tokenizer_config.json");
    Json chosen = vocabulary[language];
    vocabulary = std::move(chosen);
  }
  if (!vocabulary.is_object() || vocabulary.empty())
    fail(ErrorKind::bad_input, "expected an object of tokens and ids", beside.where, "download the tokenizer again");
  const auto id_of = [&](const std::string& token) -> std::optional<std::int64_t> {
    const auto found = vocabulary.find(token);
    return found == vocabulary.end() || !found->is_number_integer() ? std::nullopt
                                                                    : std::optional(found->get<std::int64_t>());
  };
  OrderedJson own = OrderedJson::array();
  const std::string unknown = beside.token("unk_token", "<unk>");
  const std::vector<std::string> special{beside.token("bos_token", "<s>"), beside.token("eos_token", "</s>"), unknown,
                                         beside.token("pad_token", "<pad>")};
  std::int64_t next = 0;
  for (const auto& [token, id] : vocabulary.items()) {
    if (!id.is_number_integer()) continue;
    const auto value = id.get<std::int64_t>();
    next = std::max(next, std::min(value, std::int64_t{1} << 40) + 1);
    const bool named = std::find(special.begin(), special.end(), token) != special.end();
    if (!named && count_code_points(token) < 2) continue;
    own.push_back(added_entry(value, token, named));
    if (count_code_points(token) > 1) own.back()["lstrip"] = own.back()["rstrip"] = true;
  }
  OrderedJson declared = declared_tokens(std::move(own), id_of, next, beside);
  for (const std::string& token : special) {
    const bool there =
        std::any_of(declared.begin(), declared.end(), [&](const auto& e) { return e["content"] == token; });
    if (there || token.empty()) continue;
    declared.push_back(added_entry(next++, token, true));
  }
  const std::string delimiter = beside.text("word_delimiter_token", "|");
  OrderedJson head;
  head["version"] = "1.0";
  head["added_tokens"] = std::move(declared);
  OrderedJson normalizers = OrderedJson::array();
  if (beside.flag("do_lower_case", false)) normalizers.push_back({{"type", "Uppercase"}});
  normalizers.push_back({{"type", "Replace"}, {"pattern", {{"String", " "}}}, {"content", delimiter}});
  head["normalizer"] = {{"type", "Sequence"}, {"normalizers", normalizers}};
  head["pre_tokenizer"] = {
      {"type", "Split"}, {"pattern", {{"Regex", R"([\s\S])"}}}, {"behavior", "Isolated"}, {"invert", false}};
  head["decoder"] = {{"type", "Sequence"},
                     {"decoders", OrderedJson::array({{{"type", "Replace"},
                                                       {"pattern", {{"String", delimiter}}},
                                                       {"content", beside.text("replace_word_delimiter_char", " ")}},
                                                      {{"type", "Fuse"}}})}};
  if (delimiter.empty()) fail(ErrorKind::bad_input, "word_delimiter_token is empty", beside.where, "use \"|\"");
  Json model{{"type", "WordLevel"}, {"unk_token", unknown}};
  model["vocab"] = std::move(vocabulary);
  return with_model(std::move(head), std::move(model));
}

}  // namespace text

std::string Tokenizer::ctc_decode(const std::vector<std::int64_t>& ids) const {
  std::vector<std::int64_t> kept;
  std::vector<std::string> names;
  names.reserve(ids.size());
  for (const std::int64_t id : ids) names.push_back(token_of(id));
  const std::string blank = pad_id() ? token_of(*pad_id()) : "";
  for (std::size_t i = 0; i < ids.size(); ++i) {
    if (i > 0 && names[i] == names[i - 1]) continue;
    if (names[i].empty() || names[i] == blank) continue;
    kept.push_back(ids[i]);
  }
  std::string result = decode(kept, false);
  const std::size_t begin = result.find_first_not_of(" \t\n\r\f\v");
  if (begin == std::string::npos) return {};
  result = result.substr(begin, result.find_last_not_of(" \t\n\r\f\v") + 1 - begin);
  if (!state_->lowers_output) return result;
  text::AlignedText aligned(result);
  text::lower_case(aligned);
  return aligned.text;
}

}  // namespace luthier
