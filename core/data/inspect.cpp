#include <algorithm>
#include <map>
#include <nlohmann/json.hpp>

#include "data/chat_rows.h"
#include "data/encoding.h"
#include "data/profile.h"
#include "data/table.h"

namespace luthier {

namespace {
constexpr std::size_t kShownRows = 20, kShownBytes = 4000, kMostValues = 200;

/// Number of characters (code points) of valid UTF-8.
std::int64_t characters(const std::string& text) {
  return std::count_if(text.begin(), text.end(), [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; });
}

/// A long value's start, cut between characters.
std::string shortened(const std::string& text) {
  if (text.size() <= kShownBytes) return text;
  std::size_t end = kShownBytes;
  while ((static_cast<unsigned char>(text[end]) & 0xC0) == 0x80) --end;
  return text.substr(0, end) + "…";
}

struct ColumnStatistics {
  std::int64_t missing = 0, present = 0, shortest = 0, longest = 0, total = 0;
  std::map<std::string, std::int64_t> counts;
  bool many = false;  ///< more different values than are worth counting

  void add(const std::string& value, bool null) {
    if (null) {
      ++missing;
      return;
    }
    const std::int64_t length = characters(value);
    shortest = present ? std::min(shortest, length) : length;
    longest = std::max(longest, length);
    total += length;
    ++present;
    if (many) return;
    if (value.size() <= 200) ++counts[value];
    many = counts.size() > kMostValues || value.size() > 200;
    if (many) counts.clear();
  }

  Json to_json(const Column& column) const {
    Json json = {{"name", column.name}, {"type", column.type}, {"missing", missing}};
    if (present > 0 && column.type == "text")
      json["characters"] = {
          {"min", shortest}, {"max", longest}, {"mean", static_cast<double>(total) / static_cast<double>(present)}};
    // As many values as rows are no classes.
    const bool classes = column.type == "text" || column.type == "integer" || column.type == "boolean";
    if (!many && classes && present > 0 && static_cast<std::int64_t>(counts.size()) * 2 <= present)
      json["values"] = counts;
    return json;
  }
};
}  // namespace

Json inspect_data(const std::filesystem::path& path, const ReadOptions& options) {
  const Table table = Table::open(path, options);
  std::vector<ColumnStatistics> statistics(table.columns().size());
  Json first_rows = Json::array();
  table.scan([&](const Row& row) {
    for (std::size_t i = 0; i < statistics.size(); ++i) statistics[i].add(row.values[i], row.null[i]);
    if (first_rows.size() < kShownRows) {
      Json values = Json::array();
      for (std::size_t i = 0; i < row.values.size(); ++i)
        values.push_back(row.null[i] ? Json() : Json(shortened(shown_messages(row.values[i]))));
      first_rows.push_back(std::move(values));
    }
    return true;
  });
  const ReadOptions& detected = table.detected();
  Json columns = Json::array(), findings = Json::array();
  for (std::size_t i = 0; i < statistics.size(); ++i) columns.push_back(statistics[i].to_json(table.columns()[i]));
  for (const auto& finding : table.findings()) findings.push_back(finding_to_json(finding));
  const std::string task = suggest_task(table);
  Json roles = Json::object();
  for (const auto& [role, column] : suggest_roles(table, task)) roles[role] = repair_utf8(column);
  return {{"path", repair_utf8(path.string())}, {"suggested", {{"objective", task}, {"roles", std::move(roles)}}},
          {"format", detected.format},          {"encoding", detected.encoding},
          {"delimiter", detected.delimiter},    {"quote", detected.quote},
          {"header", detected.header},          {"rows", table.count()},
          {"columns", std::move(columns)},      {"first_rows", std::move(first_rows)},
          {"findings", std::move(findings)}};
}

}  // namespace luthier
