#include "engine/finish.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "device/device.h"
#include "engine/data_profile.h"
#include "export/exporter.h"
#include "recipe/catalog.h"

namespace luthier {

namespace {

/// The export's folder: as the recipe says, else in the run's folder; a number is added where the name is taken.
fs::path export_folder(const ExportOptions& options, const Recipe& recipe, const fs::path& run_folder) {
  const fs::path wanted =
      options.path.empty() ? run_folder / ("export-" + options.format) : resolve_path(options.path, recipe.folder);
  if (options.overwrite) return wanted;
  fs::path free = wanted;
  for (int i = 2; fs::exists(free) && !fs::is_empty(free); ++i) free = wanted.string() + "-" + std::to_string(i);
  return free;
}

/// Where the run has exported to since its newest checkpoint, in the recipe's order: one that was interrupted behind
/// an export does not make it again.
std::vector<fs::path> exported_already(const Store& store, const std::string& id) {
  std::vector<fs::path> folders;
  for (const EventRow& event : store.events(id)) {
    if (event.kind == "checkpoint") folders.clear();
    if (event.kind == "exported")
      folders.emplace_back(parse_json(event.detail_json, "event").at("path").get<fs::path>());
  }
  return folders;
}

/// The objective's first metric that has a value on these rows.
std::string watched_metric(const Recipe& recipe, const Json& evaluation) {
  const std::string objective = kind_of(recipe.objective), modality = modality_of(recipe.data);
  const std::vector<std::string>& names = metrics_of(objective_entry(objective), modality);
  if (evaluation.is_null()) return names.front();
  const auto found = std::find_if(names.begin(), names.end(),
                                  [&](const std::string& name) { return evaluation.at("metrics").contains(name); });
  return found == names.end() ? names.front() : *found;
}
}  // namespace

std::pair<const EncodedSplit*, std::string> judging_split(const Dataset& data) {
  if (data.test.size() > 0) return {&data.test, "test"};
  return {&data.validation, "validation"};
}

void record_stop(Store& store, const std::string& id, const TrainResult& result, RunLog& log) {
  const bool kept = result.end != TrainEnd::discarded;
  log.event(result.state.step, "stopped",
            kept ? "stopped on demand; the checkpoint is kept" : "stopped on demand; no checkpoint is kept",
            {{"kept", kept}});
  log.flush();
  const std::string resume = "luthier-cli train --resume " + id;
  store.set_status(id, RunStatus::stopped, kept ? "stopped on demand" : "stopped and discarded",
                   kept ? "continue with: " + resume : "begin anew with: " + resume);
}

Json evaluate_split(Prepared& parts, const EncodedSplit& split, const std::string& name, const std::string& prefix,
                    std::int64_t step, RunLog& log) {
  EvaluateOptions options;
  options.device = parts.device;
  options.precision = parts.precision;
  options.progress = [&log](double) { log.flush_if_due(); };
  const Evaluation result = evaluate(*parts.model, split, parts.collate, parts.data.label_names, options);
  Json metrics = Json::object();
  log.supersede(prefix + "." + name + ".");  // of a run that was interrupted behind this
  for (const auto& [metric, value] : result.metrics) {
    metrics[metric] = value;
    log.metric(step, 0, prefix + "." + name + "." + metric, value);
  }
  const Json detail = result.detail_json.empty() ? Json() : parse_json(result.detail_json, "evaluation");
  log.event(step, "evaluation", prefix + " model on " + std::to_string(result.rows) + " " + name + " rows",
            {{"split", name}, {"model", prefix}, {"metrics", metrics}});
  log.flush();
  return {{"split", name}, {"rows", result.rows}, {"metrics", metrics}, {"detail", detail}};
}

void finish(Store& store, const std::string& id, Prepared& parts, const Json& base, const TrainResult& result,
            RunLog& log) {
  const std::int64_t step = result.state.step;
  const std::uint64_t peak_bytes = process_memory().peak_resident_bytes;  // before evaluation and export
  const auto [split, name] = judging_split(parts.data);
  Json tuned;
  if (split->size() > 0) {
    log.event(step, "stage", "evaluating the tuned model");
    tuned = evaluate_split(parts, *split, name, "tuned", step, log);
  }
  const auto metrics_of = [](const Json& evaluation) {
    return evaluation.is_null() ? Json() : evaluation.at("metrics");
  };
  Json summary = {{"base", metrics_of(base)},
                  {"tuned", metrics_of(tuned)},
                  {"split", name},
                  {"best_step", result.state.best_step},
                  {"steps", step},
                  {"stopped_early", result.state.stopped_early},
                  {"skipped_steps", result.state.skipped_steps},
                  {"rows_per_second", result.rows_per_second},
                  {"tokens_per_second", result.tokens_per_second},
                  {"peak_resident_bytes", peak_bytes},
                  {"watch", watched_metric(parts.recipe, tuned)}};
  write_json(store.run_folder(id) / "evaluation.json", Json{{"base", base}, {"tuned", tuned}});

  const EncodedSplit& proof_split = split->size() > 0 ? *split : parts.data.train;
  const auto* written = std::get_if<Seq2SeqOptions>(&parts.recipe.objective);
  const std::string prefix = written ? written->prefix : "";
  const std::vector<fs::path> done = exported_already(store, id);
  for (std::size_t i = 0; i < parts.recipe.exports.size(); ++i) {
    const ExportOptions& wanted = parts.recipe.exports[i];
    if (i < done.size() && fs::exists(done[i])) continue;
    log.event(step, "stage", "exporting: " + wanted.format);
    log.flush();
    ExportInputs inputs{parts.tokenizer.get(),
                        resolve_path(parts.recipe.model.path, parts.recipe.folder),
                        parts.recipe.name,
                        recipe_to_json(parts.recipe).dump(2),
                        summary.dump(),
                        proof_rows(*parts.model, proof_split, rows_of_export(wanted), prefix),
                        parts.recipe.data.max_tokens,
                        {},
                        parts.processors};
    inputs.data_json = data_profile(parts.data, parts.processors.modality(), parts.processors.rate()).dump();
    const Exported exported =
        export_model(*parts.model, inputs, wanted, export_folder(wanted, parts.recipe, store.run_folder(id)));
    ArtefactRow artefact;
    artefact.kind = exported.format;
    artefact.path = exported.path.string();
    artefact.proof_json = exported.proof_json;
    artefact.created = wall_seconds();
    store.add_artefact(id, artefact);
    log.event(step, "exported",
              exported.format + (exported.proven ? ", proven equal: " : ", NOT equal to the model: ") +
                  exported.path.string(),
              {{"format", exported.format}, {"path", exported.path.string()}, {"proven", exported.proven}});
    log.flush();
  }
  log.event(step, "finished", result.state.stopped_early ? "finished early: no more improvement" : "finished");
  log.flush();
  RunRow row = store.run(id);
  row.summary_json = summary.dump();
  row.status = RunStatus::success;
  row.reason.clear();
  row.hint.clear();
  row.ended = wall_seconds();
  store.update_run(row);
}

}  // namespace luthier
