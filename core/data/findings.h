#pragma once
// Findings while a file is read: what was noticed is counted under its id, with the first affected lines.
#include <cstdint>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "data/table.h"

namespace luthier {

class FindingLog {
 public:
  /// One more row or line of the finding `id` (one of the table in findings.cpp). `line` counts from 1; 0: none to
  /// name. `detail` is counted apart and listed in the message ("2 wrong number of fields, 1 unclosed quote").
  void add(const std::string& id, std::int64_t line = 0, const std::string& detail = {}, std::int64_t count = 1);
  /// Takes over all counts of another log.
  void merge(const FindingLog& other);
  bool empty() const { return entries_.empty(); }
  std::int64_t count(const std::string& id) const;
  /// In the order of the table: errors first, then warnings, then notes.
  std::vector<Finding> list() const;

 private:
  struct Entry {
    std::int64_t count = 0;
    std::vector<std::int64_t> lines;
    std::map<std::string, std::int64_t> details;
  };
  std::map<std::string, Entry> entries_;
};

}  // namespace luthier
