#include "engine/data_profile.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <utility>
#include <vector>

namespace luthier {

namespace {
constexpr std::int64_t kMostRows = 200'000;  ///< looked at; of more, evenly spread ones

Json lengths(const EncodedSplit& split, const std::string& modality, std::int64_t sample_rate) {
  const std::int64_t step = std::max<std::int64_t>(1, split.size() / kMostRows);
  std::vector<std::int32_t> all;
  std::int64_t cut = 0;
  for (std::int64_t i = 0; i < split.size(); i += step) {
    all.push_back(split.length(i));
    cut += split.row(i).truncated ? step : 0;
  }
  const auto middle = all.begin() + static_cast<std::ptrdiff_t>(all.size() / 2);
  std::nth_element(all.begin(), middle, all.end());
  const std::int32_t median = *middle, longest = *std::max_element(all.begin(), all.end());
  if (modality == "text") return {{"unit", "tokens"}, {"median", median}, {"longest", longest}, {"cut", cut}};
  const auto seconds = [&](std::int32_t samples) {
    return std::round(100.0 * samples / static_cast<double>(std::max<std::int64_t>(1, sample_rate))) / 100;
  };
  return {{"unit", "seconds"}, {"median", seconds(median)}, {"longest", seconds(longest)}, {"cut", cut}};
}
}  // namespace

Json data_profile(const Dataset& data, const std::string& modality, std::int64_t sample_rate) {
  Json profile = {{"rows", Json::object()}};
  const std::pair<const char*, const EncodedSplit*> parts[] = {
      {"train", &data.train}, {"validation", &data.validation}, {"test", &data.test}};
  for (const auto& [name, split] : parts)
    if (split->size() > 0) profile["rows"][name] = split->size();
  if (data.train.size() == 0) return profile;
  std::vector<std::int64_t> counts(data.label_names.size());
  for (std::int64_t i = 0; i < data.train.size() && !counts.empty(); ++i) {
    const std::int32_t label = data.train.row(i).label;
    if (label >= 0 && static_cast<std::size_t>(label) < counts.size()) ++counts[static_cast<std::size_t>(label)];
  }
  if (std::any_of(counts.begin(), counts.end(), [](std::int64_t count) { return count > 0; }))
    for (std::size_t i = 0; i < counts.size(); ++i) profile["labels"][data.label_names[i]] = counts[i];
  if (modality != "image") profile["length"] = lengths(data.train, modality, sample_rate);
  return profile;
}

}  // namespace luthier
