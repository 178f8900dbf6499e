#include "cli/run_view.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "cli/terminal.h"

namespace luthier {

namespace {
std::string number_of(const Json& values, const std::string& key) {
  const auto found = values.is_object() ? values.find(key) : values.end();
  return values.is_object() && found != values.end() && found->is_number() ? number_text(found->get<double>()) : "-";
}

std::string text_of(const Json& object, const char* key) {
  const auto found = object.is_object() ? object.find(key) : object.end();
  return object.is_object() && found != object.end() && found->is_string() ? found->get<std::string>() : "";
}

std::string metrics_text(const Json& metrics) {
  std::string text;
  for (const auto& [name, value] : metrics.items())
    if (value.is_number()) text += (text.empty() ? "" : "  ") + name + " " + number_text(value.get<double>());
  return text;
}
}  // namespace

Json json_or_null(const std::string& text) { return Json::accept(text) ? Json::parse(text) : Json(); }

Json run_json(const Store& store, const RunRow& run) {
  return {{"id", run.id},
          {"name", run.name},
          {"status", to_string(run.status)},
          {"device", run.device},
          {"reason", run.reason},
          {"hint", run.hint},
          {"exit_code", run.exit_code},
          {"signal", run.signal},
          {"created", run.created},
          {"started", run.started},
          {"ended", run.ended},
          {"heartbeat", run.heartbeat},
          {"step", run.step},
          {"total_steps", run.total_steps},
          {"epoch", run.epoch},
          {"summary", json_or_null(run.summary_json)},
          {"folder", store.run_folder(run.id).string()}};
}

Json event_json(const EventRow& event) {
  return {{"id", event.id},     {"time", event.time},       {"step", event.step},
          {"kind", event.kind}, {"message", event.message}, {"detail", json_or_null(event.detail_json)}};
}

Json metric_json(const MetricRow& metric) {
  return {{"id", metric.id},
          {"step", metric.step},
          {"epoch", metric.epoch},
          {"name", metric.name},
          {"value", metric.value}};
}

Json artefact_json(const ArtefactRow& artefact) {
  return {{"kind", artefact.kind},
          {"path", artefact.path},
          {"created", artefact.created},
          {"proof", json_or_null(artefact.proof_json)}};
}

std::string proof_text(const ArtefactRow& artefact) {
  const Json proof = json_or_null(artefact.proof_json);
  if (!proof.is_object()) return "none";
  const bool passed = proof.value("proven", false) || proof.value("passed", false);
  std::string text = passed ? "passed" : "FAILED";
  for (const char* key : {"max_abs_difference", "max_difference"})
    if (proof.contains(key) && proof[key].is_number())
      return text + " (largest difference " + number_text(proof[key].get<double>()) + ")";
  return text;
}

std::string event_text(const EventRow& event) {
  const Json detail = json_or_null(event.detail_json);
  const std::string message = one_line(event.message);
  if (event.kind == "finding") {
    const std::string hint = one_line(text_of(detail, "hint")), severity = text_of(detail, "severity");
    return (severity.empty() ? "note" : severity) + ": " + message + (hint.empty() ? "" : "; " + hint);
  }
  if (event.kind == "evaluation" && detail.is_object() && detail.contains("metrics")) {
    const std::string model = text_of(detail, "model");
    return "step " + std::to_string(event.step) + ": " + (model.empty() ? "" : one_line(model) + " model, ") +
           one_line(text_of(detail, "split")) + "  " + metrics_text(detail["metrics"]);
  }
  if (event.kind == "paused") {
    const std::string hint = one_line(text_of(detail, "hint"));
    return "paused: " + message + (hint.empty() ? "" : "; " + hint);
  }
  if (event.kind == "error") return {};  // told at the end, with where and what to do
  const bool says_itself = event.kind == "log" || event.kind == "stage" || message.starts_with(event.kind);
  return says_itself ? message : event.kind + ": " + message;
}

std::string reason_text(const RunRow& run) {
  if (run.reason.empty()) return {};
  return one_line(run.reason) + (run.hint.empty() ? "" : "\n  do: " + one_line(run.hint));
}

std::string summary_text(const Store& store, const RunRow& run) {
  const Json summary = json_or_null(run.summary_json);
  std::string text;
  if (summary.is_object()) {
    const Json base = summary.value("base", Json()), tuned = summary.value("tuned", Json());
    const std::string watch = text_of(summary, "watch");
    std::vector<std::string> names;
    for (const Json* metrics : {&tuned, &base})
      if (metrics->is_object())
        for (const auto& [name, value] : metrics->items())
          if (value.is_number() && std::find(names.begin(), names.end(), name) == names.end()) names.push_back(name);
    std::stable_partition(names.begin(), names.end(), [&](const std::string& name) { return name == watch; });
    const std::string split = text_of(summary, "split");
    std::vector<std::vector<std::string>> rows = {{split.empty() ? "" : "on " + split, "before", "after"}};
    for (const std::string& name : names)
      rows.push_back({one_line(name), number_of(base, name), number_of(tuned, name)});
    if (rows.size() > 1) text += table_text(rows, 2);
  }
  std::vector<std::vector<std::string>> artefacts;
  for (const ArtefactRow& artefact : store.artefacts(run.id))
    artefacts.push_back({one_line(artefact.kind), one_line(artefact.path), "proof " + proof_text(artefact)});
  if (!artefacts.empty()) text += table_text(artefacts, 2);
  return text;
}

}  // namespace luthier
