#pragma once
// The fields of a JSON request, read strictly: what is of the wrong type or out of range is refused by name.
#include <cstdint>
#include <nlohmann/json.hpp>
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"

namespace luthier {

class Fields {
 public:
  /// `body` must outlive this. bad_input when it is no object or has a key that is not `known` (the closest one is
  /// named). null counts as absent everywhere.
  Fields(const Json& body, const std::vector<std::string>& known);

  bool has(const std::string& key) const { return find(key) != nullptr; }
  std::string text(const std::string& key) const;  ///< bad_input when absent
  std::string text(const std::string& key, const std::string& fallback) const;
  /// A list of at most `most` texts; one text alone counts as a list of one. Empty when absent.
  std::vector<std::string> texts(const std::string& key, std::size_t most) const;
  double number(const std::string& key, double fallback, double low, double high) const;
  std::int64_t integer(const std::string& key, std::int64_t fallback, std::int64_t low, std::int64_t high) const;
  bool flag(const std::string& key, bool fallback) const;
  /// Refuses (unsupported) any value but null and those in `allowed`: options of other servers that change the answer.
  void only(const std::string& key, const std::vector<Json>& allowed) const;

 private:
  const Json* find(const std::string& key) const;
  const Json& body_;
};

}  // namespace luthier
