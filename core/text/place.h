#pragma once
// A value inside a tokenizer file that knows its path, so that every complaint names file and place.
#include <cstdint>
#include <memory>
#include <string>
#include <string_view>
#include <vector>

#include "base/error.h"
#include "base/json.h"

namespace luthier::text {

class Place {
 public:
  Place(const Json& value, std::string file, std::string path = {});

  const Json& json() const { return *value_; }
  const std::string& path() const { return path_; }
  std::string where() const;

  /// Whether an object holds `key` with something else than null.
  bool has(const std::string& key) const;
  /// bad_input when absent or null.
  Place at(const std::string& key) const;
  /// The elements of an array (bad_input for anything else).
  std::vector<Place> items() const;

  // The value itself; bad_input for another type.
  std::string text() const;
  bool flag() const;
  std::int64_t whole(std::int64_t least, std::int64_t most) const;

  // A member of an object, with a default where it is absent or null.
  std::string text(const std::string& key, const std::string& otherwise) const;
  bool flag(const std::string& key, bool otherwise) const;
  std::int64_t whole(const std::string& key, std::int64_t otherwise, std::int64_t least, std::int64_t most) const;
  /// The "type" member of a component.
  std::string type() const;

  [[noreturn]] void bad(const std::string& message, const std::string& hint = {}) const;
  /// unsupported: `what` ("normalizer", ...) of the type that stands here.
  [[noreturn]] void unknown_type(const std::string& what) const;

 private:
  void require_object() const;

  const Json* value_;
  std::string file_, path_;
};

}  // namespace luthier::text
