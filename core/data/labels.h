#pragma once
// Label names and their ids.
#include <cstdint>
#include <optional>
#include <string>
#include <unordered_map>
#include <vector>

namespace luthier {

/// Numbers in the order of their value, if all are numbers; else by bytes. With `outside_first` the tag "O" comes
/// first.
std::vector<std::string> sorted_labels(std::vector<std::string> values, bool outside_first);

class LabelSet {
 public:
  /// `given`: display names in the order of ids; may be empty: then the training values themselves, sorted. Values in
  /// the data map by name if every one is a name; else whole numbers map by value (0 .. n-1, or 1 .. n when n itself
  /// occurs), and as many other whole numbers as there are names map in sorted order.
  LabelSet(const std::vector<std::string>& given, const std::vector<std::string>& training_values,
           const std::vector<std::string>& all_values, bool tagging);

  const std::vector<std::string>& names() const { return names_; }
  /// The data's numbers map by value but would also fit when counted from 1 (1 .. n-1 occur, neither 0 nor n).
  bool ambiguous() const { return ambiguous_; }
  /// nullopt: the value is no label.
  std::optional<std::int32_t> id(const std::string& value) const;

 private:
  std::vector<std::string> names_;
  std::unordered_map<std::string, std::int32_t> ids_;
  bool ambiguous_ = false;
};

}  // namespace luthier
