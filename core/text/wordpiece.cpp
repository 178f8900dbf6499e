// WordPieceModel: the longest piece of the vocabulary first (Schuster and Nakajima 2012; BERT's greedy form).
#include "text/models.h"
#include "text/unicode.h"

namespace luthier::text {

namespace {

class WordPieceModel : public Model {
 public:
  explicit WordPieceModel(const Place& place)
      : Model(Vocabulary::read(place.at("vocab"))),
        unknown_name_(place.text("unk_token", "[UNK]")),
        longest_(static_cast<std::size_t>(place.whole("max_input_chars_per_word", 100, 0, 1 << 20))) {
    const std::string prefix = place.text("continuing_subword_prefix", "##");
    const auto unknown = vocabulary_.id_of(unknown_name_);
    if (!unknown) place.bad("the unknown token \"" + unknown_name_.substr(0, 80) + "\" is not in the vocabulary");
    unknown_ = *unknown;
    for (std::int64_t id = 0; id < vocabulary_.bound(); ++id) {
      if (!vocabulary_.holds(id)) continue;
      const std::string_view token = vocabulary_.token_of(id);
      longest_first_ = std::max(longest_first_, token.size());
      if (!token.starts_with(prefix)) continue;
      const std::string_view rest = token.substr(prefix.size());
      longest_rest_ = std::max(longest_rest_, rest.size());
      rests_.insert(rest, static_cast<std::uint32_t>(id));
    }
  }

  void tokenize(std::string_view piece, std::vector<ModelToken>& out) const override {
    const std::size_t before = out.size();
    const auto whole = static_cast<std::uint32_t>(piece.size());
    if (piece.size() > longest_ && count_code_points(piece) > longest_) {
      out.push_back({unknown_, 0, whole});
      return;
    }
    for (std::size_t start = 0; start < piece.size();) {
      std::size_t end = std::min(piece.size(), start + (start ? longest_rest_ : longest_first_));
      while (end < piece.size() && end > start && is_continuation(piece[end])) --end;
      const std::uint32_t* found = nullptr;
      while (end > start) {
        const std::string_view part = piece.substr(start, end - start);
        if (start) {
          found = rests_.find(part);
        } else if (const auto id = vocabulary_.id_of(part)) {
          out.push_back({*id, static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(end)});
          break;
        }
        if (found) {
          out.push_back({*found, static_cast<std::uint32_t>(start), static_cast<std::uint32_t>(end)});
          break;
        }
        do --end;
        while (end > start && is_continuation(piece[end]));
      }
      if (end <= start) {
        out.resize(before);
        out.push_back({unknown_, 0, whole});
        return;
      }
      start = end;
    }
  }

  std::optional<std::string> unknown_token() const override { return unknown_name_; }

 private:
  std::string unknown_name_;
  std::uint32_t unknown_ = 0;
  std::size_t longest_, longest_first_ = 0, longest_rest_ = 0;  // code points; bytes
  StringTable rests_;                                           // what may continue a word, without the prefix
};

}  // namespace

std::unique_ptr<Model> read_wordpiece(const Place& place) { return std::make_unique<WordPieceModel>(place); }

}  // namespace luthier::text
