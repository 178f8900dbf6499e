// Unigram language model (Kudo 2018): of all ways to cut a piece into tokens the one with the highest sum of scores.
#include <array>
#include <cmath>
#include <cstdio>
#include <nlohmann/json.hpp>

#include "text/byte_trie.h"
#include "text/models.h"
#include "text/unicode.h"

namespace luthier::text {

namespace {

constexpr double unknown_penalty = 10;  // an unknown character costs so much more than the worst token

/// The best way to reach a position; kept by each thread.
struct Reached {
  double score = 0;
  std::int32_t from = -1;
  std::uint32_t id = 0;
};

class Unigram : public Model {
 public:
  Unigram(const Place& place, Vocabulary vocabulary, std::vector<double> scores)
      : Model(std::move(vocabulary)), scores_(std::move(scores)), where_(place.where()) {
    if (place.has("unk_id"))
      unknown_ = static_cast<std::uint32_t>(place.at("unk_id").whole(0, vocabulary_.bound() - 1));
    fallback_ = place.flag("byte_fallback", false);
    unknown_score_ = scores_[0];
    for (const double score : scores_) unknown_score_ = std::min(unknown_score_, score);
    unknown_score_ -= unknown_penalty;
    std::vector<std::pair<std::string_view, std::uint32_t>> keys;
    keys.reserve(scores_.size());
    for (std::int64_t id = 0; id < vocabulary_.bound(); ++id)
      keys.emplace_back(vocabulary_.token_of(id), *vocabulary_.id_of(vocabulary_.token_of(id)));
    trie_ = ByteTrie(std::move(keys));
    for (std::size_t byte = 0; byte < 256; ++byte) {
      char name[8];
      std::snprintf(name, sizeof name, "<0x%02X>", static_cast<unsigned>(byte));
      const auto id = vocabulary_.id_of(name);
      bytes_[byte] = id ? static_cast<std::int64_t>(*id) : -1;
    }
  }

  void tokenize(std::string_view piece, std::vector<ModelToken>& out) const override {
    thread_local std::vector<Reached> best;
    best.assign(piece.size() + 1, {});
    for (std::size_t start = 0; start < piece.size();) {
      const double before = best[start].score;
      const std::size_t character = sequence_length(piece[start]);
      bool single = false;
      const auto reach = [&](std::size_t end, double score, std::uint32_t id) {
        Reached& target = best[end];
        if (target.from < 0 || score > target.score) target = {score, static_cast<std::int32_t>(start), id};
      };
      trie_.prefixes(piece.substr(start), [&](std::size_t length, std::uint32_t id) {
        reach(start + length, before + scores_[id], id);
        single = single || length == character;
      });
      if (!single) {
        if (!unknown_)
          fail(ErrorKind::bad_input, "a character is not in the vocabulary, and there is no unknown token", where_,
               "use a model whose tokenizer has unk_id");
        reach(start + character, before + unknown_score_, *unknown_);
      }
      start += character;
    }
    const std::size_t first = out.size();
    for (auto end = static_cast<std::uint32_t>(piece.size()); end > 0;) {
      const auto from = static_cast<std::uint32_t>(best[end].from);
      const std::uint32_t id = best[end].id;
      // Unknown characters side by side are one token.
      if (out.size() > first && unknown_ && id == *unknown_ && out.back().id == id)
        out.back().begin = from;
      else
        out.push_back({id, from, end});
      end = from;
    }
    std::reverse(out.begin() + static_cast<std::ptrdiff_t>(first), out.end());
    if (fallback_) fall_back(piece, first, out);
  }

  std::optional<std::string> unknown_token() const override {
    return unknown_ ? std::optional(vocabulary_.token_of(*unknown_)) : std::nullopt;
  }

 private:
  /// Unknown text becomes bytes; each of them stands for the whole of it.
  void fall_back(std::string_view piece, std::size_t first, std::vector<ModelToken>& out) const {
    std::vector<ModelToken> result;
    for (std::size_t i = first; i < out.size(); ++i) {
      const ModelToken& token = out[i];
      const std::string_view part = piece.substr(token.begin, token.end - token.begin);
      const bool spelled =
          unknown_ && token.id == *unknown_ && !vocabulary_.id_of(part) &&
          std::all_of(part.begin(), part.end(), [this](char c) { return bytes_[static_cast<unsigned char>(c)] >= 0; });
      if (!spelled) {
        result.push_back(token);
        continue;
      }
      for (const char byte : part)
        result.push_back(
            {static_cast<std::uint32_t>(bytes_[static_cast<unsigned char>(byte)]), token.begin, token.end});
    }
    out.resize(first);
    out.insert(out.end(), result.begin(), result.end());
  }

  std::vector<double> scores_;  // by id
  std::optional<std::uint32_t> unknown_;
  double unknown_score_ = 0;
  bool fallback_ = false;
  ByteTrie trie_;
  std::array<std::int64_t, 256> bytes_;  // the id of <0xNN>, -1 for none
  std::string where_;
};

}  // namespace

std::unique_ptr<Model> read_unigram(const Place& place) {
  std::vector<double> scores;
  Vocabulary vocabulary = Vocabulary::read_scored(place.at("vocab"), scores);
  return std::make_unique<Unigram>(place, std::move(vocabulary), std::move(scores));
}

}  // namespace luthier::text
