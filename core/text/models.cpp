#include "text/models.h"

#include <nlohmann/json.hpp>

#include "text/json_scores.h"
#include "text/unicode.h"

namespace luthier::text {

namespace {

/// The whole piece or nothing.
class WordLevel : public Model {
 public:
  explicit WordLevel(const Place& place)
      : Model(Vocabulary::read(place.at("vocab"))),
        unknown_name_(place.text("unk_token", "<unk>")),
        unknown_(vocabulary_.id_of(unknown_name_)),
        where_(place.where()) {}

  void tokenize(std::string_view piece, std::vector<ModelToken>& out) const override {
    const auto id = vocabulary_.id_of(piece);
    if (!id && !unknown_)
      fail(ErrorKind::bad_input, "a word is not in the vocabulary, and neither is the unknown token " + unknown_name_,
           where_, "add " + unknown_name_ + " to the vocabulary");
    out.push_back({id ? *id : *unknown_, 0, static_cast<std::uint32_t>(piece.size())});
  }
  bool worth_remembering() const override { return false; }
  std::optional<std::string> unknown_token() const override { return unknown_name_; }

 private:
  std::string unknown_name_;
  std::optional<std::uint32_t> unknown_;
  std::string where_;
};

}  // namespace

Vocabulary Vocabulary::read(const Place& place) {
  const Json& entries = place.json();
  if (!entries.is_object())
    place.bad("expected an object of tokens and ids, found " + std::string(entries.type_name()));
  Vocabulary result;
  result.ids_ = StringTable(entries.size());
  const auto most = static_cast<std::int64_t>(entries.size()) * 4 + (1 << 16);
  std::int64_t highest = -1;
  for (const auto& [token, id] : entries.items()) {
    const std::int64_t value = Place(id, place.where(), token.substr(0, 80)).whole(0, most);
    highest = std::max(highest, value);
    result.ids_.insert(token, static_cast<std::uint32_t>(value));
  }
  result.tokens_.resize(static_cast<std::size_t>(highest + 1));
  result.present_.resize(result.tokens_.size());
  for (const auto& [token, id] : entries.items()) {
    const auto at = id.get<std::size_t>();
    if (result.present_[at])
      place.bad("the id " + std::to_string(at) + " is given to two tokens, \"" + result.tokens_[at].substr(0, 80) +
                "\" and \"" + token.substr(0, 80) + "\"");
    result.present_[at] = true;
    result.tokens_[at] = token;
  }
  return result;
}

Vocabulary Vocabulary::read_scored(const Place& place, std::vector<double>& scores) {
  const Json& entries = place.json();
  if (!entries.is_array() || entries.empty())
    place.bad("expected a list of tokens and scores that is not empty, found " + std::string(entries.type_name()));
  Vocabulary result;
  result.ids_ = StringTable(entries.size());
  result.tokens_.reserve(entries.size());
  scores.reserve(entries.size());
  for (const Json& entry : entries) {
    const auto id = static_cast<std::uint32_t>(result.tokens_.size());
    if (!entry.is_array() || entry.size() != 2 || !entry[0].is_string() || !entry[1].is_number())
      Place(entry, place.where() + "[" + std::to_string(id) + "]").bad("expected [token, score]");
    const auto& token = entry[0].get_ref<const std::string&>();
    if (!result.ids_.insert(token, id)) *result.ids_.find(token) = id;
    result.tokens_.push_back(token);
    scores.push_back(read_by_tokenizers(entry[1].get<double>()));
  }
  result.present_.resize(result.tokens_.size(), true);
  return result;
}

std::unique_ptr<Model> read_wordlevel(const Place& place) { return std::make_unique<WordLevel>(place); }

std::unique_ptr<Model> read_model(const Place& place) {
  // Files of older versions leave the type out; what else is there tells.
  std::string type = place.text("type", "");
  if (type.empty()) {
    if (place.has("merges"))
      type = "BPE";
    else if (place.has("continuing_subword_prefix") || place.has("max_input_chars_per_word"))
      type = "WordPiece";
    else if (place.at("vocab").json().is_array())
      type = "Unigram";
    else
      type = "WordLevel";
  }
  if (type == "WordPiece") return read_wordpiece(place);
  if (type == "BPE") return read_bpe(place);
  if (type == "WordLevel") return read_wordlevel(place);
  if (type == "Unigram") return read_unigram(place);
  place.unknown_type("model");
}

}  // namespace luthier::text
