#include "eval/entities.h"

#include <algorithm>

namespace luthier {

namespace {

bool begins(const Tag& before, const Tag& now) {
  switch (now.part) {
    case TagPart::outside:
      return false;
    case TagPart::begin:
    case TagPart::single:
      return true;
    case TagPart::inside:
    case TagPart::end:
      return before.part == TagPart::outside || before.part == TagPart::end || before.part == TagPart::single ||
             before.type != now.type;
  }
  return false;
}

}  // namespace

std::optional<Tag> parse_tag(std::string_view tag) {
  if (tag == "O") return Tag{};
  if (tag.empty() || (tag.size() > 1 && (tag[1] != '-' || tag.size() == 2))) return std::nullopt;
  const std::string type(tag.size() > 1 ? tag.substr(2) : "_");
  switch (tag[0]) {
    case 'B':
      return Tag{TagPart::begin, type};
    case 'I':
      return Tag{TagPart::inside, type};
    case 'E':
    case 'L':
      return Tag{TagPart::end, type};
    case 'S':
    case 'U':
      return Tag{TagPart::single, type};
    default:
      return std::nullopt;
  }
}

std::optional<std::vector<Tag>> entity_tags(const std::vector<std::string>& names) {
  std::vector<Tag> tags;
  bool any = false;
  for (const std::string& name : names) {
    const std::optional<Tag> tag = parse_tag(name);
    if (!tag) return std::nullopt;
    any = any || tag->part == TagPart::begin || tag->part == TagPart::inside;
    tags.push_back(*tag);
  }
  if (!any) return std::nullopt;
  return tags;
}

std::vector<Entity> entities_of(std::span<const Tag* const> tags) {
  static const Tag outside;
  std::vector<Entity> entities;
  bool open = false;
  const Tag* before = &outside;
  for (std::size_t i = 0; i < tags.size(); ++i) {
    const Tag& now = *tags[i];
    const bool starts = begins(*before, now);
    if (open && (starts || now.part == TagPart::outside)) {
      entities.back().end = i;
      open = false;
    }
    if (starts) {
      entities.push_back({i, i + 1, now.type});
      open = true;
    }
    before = &now;
  }
  if (open) entities.back().end = tags.size();
  return entities;
}

void EntityCounts::add(std::span<const Tag* const> truth, std::span<const Tag* const> predicted) {
  const std::vector<Entity> meant = entities_of(truth), said = entities_of(predicted);
  for (const Entity& entity : meant) ++types_[entity.type].truth;
  for (const Entity& entity : said) {
    Counts& counts = types_[entity.type];
    ++counts.predicted;
    const auto same = std::lower_bound(meant.begin(), meant.end(), entity.begin,
                                       [](const Entity& one, std::size_t begin) { return one.begin < begin; });
    counts.right += same != meant.end() && *same == entity;
  }
}

ClassScores EntityCounts::Counts::scores() const { return scores_of(right, truth, predicted); }

ClassScores EntityCounts::scores() const {
  Counts all;
  for (const auto& [type, counts] : types_) {
    all.right += counts.right;
    all.truth += counts.truth;
    all.predicted += counts.predicted;
  }
  return all.scores();
}

std::vector<std::pair<std::string, ClassScores>> EntityCounts::by_type() const {
  std::vector<std::pair<std::string, ClassScores>> scores;
  for (const auto& [type, counts] : types_) scores.emplace_back(type, counts.scores());
  return scores;
}

}  // namespace luthier
