#pragma once
// Whole entities in sequences of tags: which tag sets spell entities, where they begin and end, and how many were
// found.
#include <cstdint>
#include <map>
#include <optional>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "eval/metrics.h"

namespace luthier {

/// What the letter of "B-PER" says. IOB1 and IOB2 use inside and begin; IOBES and BILOU name the last word of an entity
/// (E, L) and an entity of one word (S, U) as well.
enum class TagPart { outside, begin, inside, end, single };

struct Tag {
  TagPart part = TagPart::outside;
  std::string type;  ///< "PER"; "_" where the tag is the letter alone
};

/// "B-PER"; nullopt for what is spelled otherwise ("NN"). E and L, S and U are the same.
std::optional<Tag> parse_tag(std::string_view tag);

/// The tags by id where all of them are spelled so and at least one is a B or an I; nullopt for any other set, such as
/// parts of speech.
std::optional<std::vector<Tag>> entity_tags(const std::vector<std::string>& names);

struct Entity {
  std::size_t begin = 0, end = 0;  ///< words, [begin, end)
  std::string type;
  bool operator==(const Entity&) const = default;
};

/// By seqeval's default rules (those of conlleval, which read every scheme and forgive wrong beginnings): an entity
/// begins at B and S, at I and E after something that is outside, over or of another type; it ends at E and S, before
/// the next beginning and before what is outside.
std::vector<Entity> entities_of(std::span<const Tag* const> tags);

/// Entities that are right have the right words and type.
class EntityCounts {
 public:
  void add(std::span<const Tag* const> truth, std::span<const Tag* const> predicted);
  /// Over entities of all types together (seqeval's average="micro"); `support` and `predicted` count entities.
  ClassScores scores() const;
  std::vector<std::pair<std::string, ClassScores>> by_type() const;

 private:
  struct Counts {
    std::int64_t right = 0, truth = 0, predicted = 0;
    ClassScores scores() const;
  };
  std::map<std::string, Counts> types_;
};

}  // namespace luthier
