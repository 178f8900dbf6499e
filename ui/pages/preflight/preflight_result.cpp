#include "pages/preflight/preflight_result.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace luthier {

namespace {
double numberIn(const Json& json, const char* key) {
  const auto found = json.is_object() ? json.find(key) : json.end();
  return json.is_object() && found != json.end() && found->is_number() ? found->get<double>() : 0;
}

QString textIn(const Json& json, const char* key) {
  const auto found = json.is_object() ? json.find(key) : json.end();
  return json.is_object() && found != json.end() && found->is_string()
             ? QString::fromStdString(found->get<std::string>())
             : QString();
}

const Json& partIn(const Json& json, const char* key) {
  static const Json nothing;
  const auto found = json.is_object() ? json.find(key) : json.end();
  return json.is_object() && found != json.end() ? *found : nothing;
}

PreflightMemory memoryIn(const Json& json) {
  return {numberIn(json, "weights"), numberIn(json, "gradients"), numberIn(json, "optimizer"),
          numberIn(json, "activations"), numberIn(json, "total")};
}

PreflightResult::Check checkFrom(const Json& json) {
  PreflightResult::Check check{textIn(json, "id"),
                               textIn(json, "group"),
                               textIn(json, "label"),
                               textIn(json, "severity"),
                               textIn(json, "value"),
                               textIn(json, "message"),
                               {}};
  for (const Json& fix : partIn(json, "fixes")) {
    PreflightResult::Fix made{textIn(fix, "label"), {}};
    for (const Json& assignment : partIn(fix, "set"))
      if (assignment.is_string()) made.set << QString::fromStdString(assignment.get<std::string>());
    if (!made.set.isEmpty()) check.fixes.push_back(made);
  }
  return check;
}
}  // namespace

StateKind PreflightResult::Check::state() const {
  return severity == "error" ? StateKind::error : severity == "warning" ? StateKind::warning : StateKind::done;
}

int PreflightResult::count(const QString& severity) const {
  return int(
      std::count_if(checks.begin(), checks.end(), [&](const Check& check) { return check.severity == severity; }));
}

QStringList PreflightResult::blocking() const {
  QStringList names;
  for (const Check& check : checks)
    if (check.severity == "error") names << check.label;
  return names;
}

PreflightResult preflightFrom(const Json& json) {
  PreflightResult result;
  result.verdict = textIn(json, "verdict");
  result.seconds = numberIn(json, "seconds");
  result.stepSeconds = numberIn(json, "step_seconds");
  result.longestStepSeconds = numberIn(json, "longest_step_seconds");
  result.totalSeconds = numberIn(json, "total_seconds");
  result.steps = qint64(numberIn(json, "steps"));
  const Json& memory = partIn(json, "memory");
  result.estimate = memoryIn(partIn(memory, "estimate"));
  result.measured = memoryIn(partIn(memory, "measured"));
  result.memoryAvailable = numberIn(memory, "available");
  const Json& disk = partIn(json, "disk");
  result.diskNeeded = numberIn(disk, "needed");
  result.diskFree = numberIn(disk, "free");
  result.diskFolder = textIn(disk, "folder");
  const Json& tokens = partIn(json, "tokens");
  result.tokens = numberIn(tokens, "total");
  result.rows = qint64(numberIn(tokens, "rows"));
  result.lossTokens = numberIn(tokens, "loss");
  result.contextTokens = numberIn(tokens, "context");
  result.cutTokens = numberIn(tokens, "cut");
  result.paddingShare = numberIn(tokens, "padding_share");
  for (const Json& check : partIn(json, "checks")) result.checks.push_back(checkFrom(check));
  return result;
}

}  // namespace luthier
