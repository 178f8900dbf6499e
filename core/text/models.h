#pragma once
// Models: how a piece of text becomes tokens of a vocabulary.
#include <cstdint>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "text/place.h"
#include "text/string_table.h"

namespace luthier::text {

/// A token and the bytes [begin, end) of the piece that it stands for; several may stand for the same ones.
struct ModelToken {
  std::uint32_t id = 0, begin = 0, end = 0;
};

/// Tokens by text and by id. Ids are unique and not scattered: at most four times as high as there are tokens.
class Vocabulary {
 public:
  /// From {"token": id, ...}.
  static Vocabulary read(const Place& place);
  /// From [["token", score], ...] in the order of ids; a token that stands there twice has the later id. Never empty.
  static Vocabulary read_scored(const Place& place, std::vector<double>& scores);

  std::optional<std::uint32_t> id_of(std::string_view token) const {
    const auto* found = ids_.find(token);
    return found ? std::optional(*found) : std::nullopt;
  }
  bool holds(std::int64_t id) const { return id >= 0 && id < bound() && present_[static_cast<std::size_t>(id)]; }
  const std::string& token_of(std::int64_t id) const { return tokens_[static_cast<std::size_t>(id)]; }
  /// Highest id + 1.
  std::int64_t bound() const { return static_cast<std::int64_t>(tokens_.size()); }
  std::size_t size() const { return ids_.size(); }

 private:
  StringTable ids_;
  std::vector<std::string> tokens_;
  std::vector<bool> present_;
};

class Model {
 public:
  explicit Model(Vocabulary vocabulary) : vocabulary_(std::move(vocabulary)) {}
  virtual ~Model() = default;
  /// Appends the tokens of a piece. Thread-safe.
  virtual void tokenize(std::string_view piece, std::vector<ModelToken>& out) const = 0;
  /// Whether take_raw_bytes() is possible.
  virtual bool can_take_raw_bytes() const { return false; }
  /// From now on pieces come as plain bytes instead of their printable stand-ins.
  virtual void take_raw_bytes() {}
  /// Whether remembering a piece's tokens is cheaper than finding them again.
  virtual bool worth_remembering() const { return true; }
  virtual std::optional<std::string> unknown_token() const { return std::nullopt; }

  const Vocabulary& vocabulary() const { return vocabulary_; }

 protected:
  Vocabulary vocabulary_;
};

std::unique_ptr<Model> read_model(const Place& place);
std::unique_ptr<Model> read_wordpiece(const Place& place);
std::unique_ptr<Model> read_wordlevel(const Place& place);
std::unique_ptr<Model> read_bpe(const Place& place);
std::unique_ptr<Model> read_unigram(const Place& place);

}  // namespace luthier::text
