#include "pages/preflight/preflight_result.h"

#include <algorithm>
#include <nlohmann/json.hpp>

namespace luthier {

namespace {
double figureIn(const Json& json, const char* key) {
  const auto found = json.is_object() ? json.find(key) : json.end();
  return json.is_object() && found != json.end() && found->is_number() ? found->get<double>() : 0;
}

QString wordsIn(const Json& json, const char* key) {
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
  return {figureIn(json, "weights"), figureIn(json, "gradients"), figureIn(json, "optimizer"),
          figureIn(json, "activations"), figureIn(json, "total")};
}

PreflightResult::Check checkFrom(const Json& json) {
  PreflightResult::Check check{wordsIn(json, "id"),
                               wordsIn(json, "group"),
                               wordsIn(json, "label"),
                               wordsIn(json, "severity"),
                               wordsIn(json, "value"),
                               wordsIn(json, "message"),
                               {}};
  for (const Json& fix : partIn(json, "fixes")) {
    PreflightResult::Fix made{wordsIn(fix, "label"), {}};
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
  result.verdict = wordsIn(json, "verdict");
  result.seconds = figureIn(json, "seconds");
  result.stepSeconds = figureIn(json, "step_seconds");
  result.longestStepSeconds = figureIn(json, "longest_step_seconds");
  result.totalSeconds = figureIn(json, "total_seconds");
  result.steps = qint64(figureIn(json, "steps"));
  const Json& memory = partIn(json, "memory");
  result.estimate = memoryIn(partIn(memory, "estimate"));
  result.measured = memoryIn(partIn(memory, "measured"));
  result.memoryAvailable = figureIn(memory, "available");
  const Json& disk = partIn(json, "disk");
  result.diskNeeded = figureIn(disk, "needed");
  result.diskFree = figureIn(disk, "free");
  result.diskFolder = wordsIn(disk, "folder");
  const Json& tokens = partIn(json, "tokens");
  result.tokens = figureIn(tokens, "total");
  result.rows = qint64(figureIn(tokens, "rows"));
  result.lossTokens = figureIn(tokens, "loss");
  result.contextTokens = figureIn(tokens, "context");
  result.cutTokens = figureIn(tokens, "cut");
  result.paddingShare = figureIn(tokens, "padding_share");
  for (const Json& check : partIn(json, "checks")) result.checks.push_back(checkFrom(check));
  return result;
}

}  // namespace luthier
