#include "data/labels.h"

#include <algorithm>
#include <charconv>
#include <set>

#include "base/error.h"

namespace luthier {

namespace {
template <class Number>
std::optional<Number> number_of(const std::string& text) {
  Number number{};
  const auto [end, error] = std::from_chars(text.data(), text.data() + text.size(), number);
  if (error != std::errc() || end != text.data() + text.size()) return std::nullopt;
  return number;
}
}  // namespace

std::vector<std::string> sorted_labels(std::vector<std::string> values, bool outside_first) {
  const bool numbers =
      std::all_of(values.begin(), values.end(), [](const std::string& v) { return number_of<double>(v).has_value(); });
  std::sort(values.begin(), values.end(), [&](const std::string& a, const std::string& b) {
    if (outside_first && (a == "O") != (b == "O")) return a == "O";
    if (!numbers) return a < b;
    const double x = *number_of<double>(a), y = *number_of<double>(b);
    return x != y ? x < y : a < b;
  });
  return values;
}

LabelSet::LabelSet(const std::vector<std::string>& given, const std::vector<std::string>& training_values,
                   const std::vector<std::string>& all_values, bool tagging)
    : names_(given.empty() ? sorted_labels(training_values, tagging) : given) {
  for (std::size_t i = 0; i < names_.size(); ++i)
    if (!ids_.emplace(names_[i], static_cast<std::int32_t>(i)).second)
      fail(ErrorKind::bad_input, "the label '" + names_[i] + "' is listed twice", "labels", "name each label once");
  if (std::all_of(all_values.begin(), all_values.end(), [&](const std::string& v) { return ids_.contains(v); })) return;

  std::set<std::int64_t> numbers;
  for (const auto& value : all_values) {
    const auto number = number_of<std::int64_t>(value);
    if (!number) return;
    numbers.insert(*number);
  }
  const auto count = static_cast<std::int64_t>(names_.size());
  if (given.empty()) return;
  const bool from_zero = *numbers.begin() >= 0 && *numbers.rbegin() < count;
  const bool from_one = *numbers.begin() >= 1 && *numbers.rbegin() <= count;
  const bool in_order = static_cast<std::int64_t>(numbers.size()) == count;
  if (!from_zero && !from_one && !in_order) return;
  ambiguous_ = from_zero && from_one;
  std::int32_t rank = 0;
  ids_.clear();
  for (const auto number : numbers) {
    const auto id = from_zero ? number : from_one ? number - 1 : rank++;
    for (const auto& value : all_values)
      if (number_of<std::int64_t>(value) == number) ids_[value] = static_cast<std::int32_t>(id);
  }
}

std::optional<std::int32_t> LabelSet::id(const std::string& value) const {
  const auto found = ids_.find(value);
  return found == ids_.end() ? std::nullopt : std::optional(found->second);
}

}  // namespace luthier
