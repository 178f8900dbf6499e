#include "data/split.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <unordered_map>

#include "base/error.h"
#include "base/random.h"

namespace luthier {

namespace {
/// Rows of equal content.
struct Group {
  std::int64_t rows = 0;
  Split split = Split::train;
};

struct Stratum {
  std::vector<std::size_t> groups;  ///< in drawing order
  std::int64_t rows = 0;
  std::int64_t quota = 0;
  std::int64_t room(const std::vector<Group>& all) const {
    std::int64_t free_groups = 0, free_rows = 0;
    for (const auto g : groups)
      if (all[g].split == Split::train) ++free_groups, free_rows += all[g].rows;
    return free_groups > 1 ? free_rows - 1 : 0;
  }
};

/// Divides `total` rows among the strata in proportion to their size.
void set_quotas(std::map<std::int32_t, Stratum>& strata, const std::vector<Group>& groups, std::int64_t total,
                std::int64_t rows) {
  struct Part {
    double remainder;
    Stratum* stratum;
    std::int64_t room;
  };
  std::vector<Part> parts;
  std::int64_t given = 0;
  for (auto& [label, stratum] : strata) {
    const double exact = static_cast<double>(total) * static_cast<double>(stratum.rows) / static_cast<double>(rows);
    const std::int64_t room = stratum.room(groups);
    stratum.quota = std::min(static_cast<std::int64_t>(exact), room);
    given += stratum.quota;
    parts.push_back({exact - std::floor(exact), &stratum, room});
  }
  std::stable_sort(parts.begin(), parts.end(), [](const Part& a, const Part& b) { return a.remainder > b.remainder; });
  bool grown = true;
  while (given < total && grown) {
    grown = false;
    for (auto& part : parts)
      if (given < total && part.stratum->quota < part.room) {
        ++part.stratum->quota;
        ++given;
        grown = true;
      }
  }
}

void draw(std::map<std::int32_t, Stratum>& strata, std::vector<Group>& groups, double share, std::int64_t rows,
          Split split) {
  if (share <= 0) return;
  const auto total = std::max<std::int64_t>(1, std::llround(share * static_cast<double>(rows)));
  set_quotas(strata, groups, total, rows);
  std::int64_t drawn = 0;
  for (auto& [label, stratum] : strata) {
    auto left = static_cast<std::int64_t>(std::count_if(stratum.groups.begin(), stratum.groups.end(),
                                                        [&](auto g) { return groups[g].split == Split::train; }));
    for (const auto g : stratum.groups) {
      if (groups[g].split != Split::train || groups[g].rows > stratum.quota || left <= 1) continue;
      groups[g].split = split;
      stratum.quota -= groups[g].rows;
      drawn += groups[g].rows;
      --left;
    }
  }
  if (drawn > 0) return;
  // Every group was larger than its stratum's quota: the smallest one that leaves something to learn from.
  std::optional<std::size_t> smallest;
  for (const auto& [label, stratum] : strata) {
    if (stratum.room(groups) == 0) continue;
    for (const auto g : stratum.groups)
      if (groups[g].split == Split::train && (!smallest || groups[g].rows < groups[*smallest].rows)) smallest = g;
  }
  if (smallest) groups[*smallest].split = split;
}
}  // namespace

std::optional<Split> split_by_name(const std::string& name) {
  std::string small = name;
  for (char& c : small)
    if (c >= 'A' && c <= 'Z') c = static_cast<char>(c + 32);
  if (small == "train" || small == "training") return Split::train;
  if (small == "validation" || small == "valid" || small == "val" || small == "dev" || small == "eval")
    return Split::validation;
  if (small == "test" || small == "testing") return Split::test;
  return std::nullopt;
}

std::vector<Split> split_by_share(const std::vector<SplitRow>& rows, SplitShares shares, std::uint64_t seed) {
  if (!(shares.validation >= 0) || !(shares.test >= 0) || shares.validation + shares.test >= 1)
    fail(ErrorKind::bad_input, "the shares for validation and test must be 0 or more and together below 1",
         "validation_share, test_share", "0.1 each is usual");
  std::vector<Group> groups;
  std::unordered_map<std::uint64_t, std::size_t> by_content;
  std::vector<std::size_t> group_of(rows.size());
  std::map<std::int32_t, Stratum> strata;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const auto [known, fresh] = by_content.try_emplace(rows[i].content, groups.size());
    Stratum& stratum = strata[rows[i].stratum];
    if (fresh) {
      groups.emplace_back();
      stratum.groups.push_back(known->second);
    }
    group_of[i] = known->second;
    ++groups[known->second].rows;
    ++stratum.rows;
  }
  for (auto& [label, stratum] : strata) {
    const std::vector<std::size_t> in_order = stratum.groups;
    const auto order =
        permutation(static_cast<std::int64_t>(in_order.size()), seed, mix(0x5b117, static_cast<std::uint64_t>(label)));
    for (std::size_t i = 0; i < order.size(); ++i) stratum.groups[i] = in_order[static_cast<std::size_t>(order[i])];
  }
  const auto count = static_cast<std::int64_t>(rows.size());
  draw(strata, groups, shares.test, count, Split::test);
  draw(strata, groups, shares.validation, count, Split::validation);
  std::vector<Split> splits(rows.size());
  for (std::size_t i = 0; i < rows.size(); ++i) splits[i] = groups[group_of[i]].split;
  return splits;
}

}  // namespace luthier
