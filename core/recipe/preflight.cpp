#include "recipe/preflight.h"

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>

namespace luthier {

namespace {

Json parts_to_json(const MemoryParts& parts) {
  return {{"weights", parts.weights},
          {"gradients", parts.gradients},
          {"optimizer", parts.optimizer},
          {"activations", parts.activations},
          {"total", parts.total}};
}

Json check_to_json(const PreflightCheck& check) {
  Json fixes = Json::array();
  for (const PreflightFix& fix : check.fixes) fixes.push_back({{"label", fix.label}, {"set", fix.set}});
  return {{"id", check.id},       {"group", check.group},     {"label", check.label},     {"severity", check.severity},
          {"value", check.value}, {"message", check.message}, {"fixes", std::move(fixes)}};
}

}  // namespace

MemoryParts parts_of(const MemoryEstimate& estimate) {
  return {estimate.weights_bytes, estimate.gradients_bytes, estimate.optimizer_bytes, estimate.activations_share(),
          estimate.total()};
}

std::int64_t RowLengths::rows() const { return rows_above(-1); }

std::int64_t RowLengths::tokens() const { return tokens_above(0); }

std::int64_t RowLengths::longest() const { return rows_by_length.empty() ? 0 : rows_by_length.rbegin()->first; }

std::int64_t RowLengths::rows_above(std::int64_t length) const {
  std::int64_t sum = 0;
  for (auto at = rows_by_length.upper_bound(length); at != rows_by_length.end(); ++at) sum += at->second;
  return sum;
}

std::int64_t RowLengths::tokens_above(std::int64_t length) const {
  std::int64_t sum = 0;
  for (auto at = rows_by_length.upper_bound(length); at != rows_by_length.end(); ++at)
    sum += at->second * (at->first - length);
  return sum;
}

std::int64_t RowLengths::length_of(double share) const {
  const double all = static_cast<double>(rows());
  std::int64_t below = 0;
  for (const auto& [length, count] : rows_by_length) {
    below += count;
    if (static_cast<double>(below) >= share * all) return length;
  }
  return longest();
}

std::string PreflightReport::verdict() const {
  const auto any = [&](const char* severity) {
    return std::any_of(checks.begin(), checks.end(), [&](const auto& check) { return check.severity == severity; });
  };
  return any("error") ? "blocked" : any("warning") ? "warnings" : "ready";
}

Json preflight_to_json(const PreflightReport& report) {
  Json checks = Json::array();
  for (const PreflightCheck& check : report.checks) checks.push_back(check_to_json(check));
  return {{"verdict", report.verdict()},
          {"seconds", report.seconds},
          {"steps", report.steps},
          {"epochs", report.epochs},
          {"step_seconds", report.step_seconds},
          {"longest_step_seconds", report.longest_step_seconds},
          {"total_seconds", report.total_seconds},
          {"evaluations", report.evaluations},
          {"checkpoints", report.checkpoints},
          {"memory",
           {{"estimate", parts_to_json(report.estimate)},
            {"measured", parts_to_json(report.measured)},
            {"available", report.memory_available_bytes},
            {"limit", report.memory_limit_bytes}}},
          {"disk",
           {{"needed", report.disk_needed_bytes}, {"free", report.disk_free_bytes}, {"folder", report.disk_folder}}},
          {"tokens",
           {{"total", report.tokens},
            {"rows", report.rows},
            {"loss", report.loss_tokens},
            {"context", report.context_tokens},
            {"cut", report.cut_tokens},
            {"cut_rows", report.cut_rows},
            {"padding_share", report.padding_share}}},
          {"checks", std::move(checks)}};
}

std::string size_text(std::int64_t bytes) {
  static constexpr const char* kUnits[] = {"B", "kB", "MB", "GB", "TB", "PB"};
  double value = static_cast<double>(bytes);
  std::size_t unit = 0;
  while (value >= 999.5 && unit + 1 < std::size(kUnits)) {
    value /= 1000;
    ++unit;
  }
  char text[64];
  std::snprintf(text, sizeof text, unit > 1 && value < 99.95 ? "%.1f %s" : "%.0f %s", value, kUnits[unit]);
  return text;
}

std::string grouped(std::int64_t number) {
  std::string text = std::to_string(number);
  for (auto at = static_cast<std::ptrdiff_t>(text.size()) - 3; at > (number < 0 ? 1 : 0); at -= 3)
    text.insert(static_cast<std::size_t>(at), ",");
  return text;
}

std::string percent_text(double share) {
  char text[64];
  std::snprintf(text, sizeof text, share > 0 && share < 0.0995 ? "%.2g%%" : "%.0f%%", 100 * share);
  return text;
}

}  // namespace luthier
