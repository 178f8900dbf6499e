// luthier-cli runs: what there is in the run store, and what to do with it.
#include <algorithm>
#include <iostream>
#include <map>
#include <nlohmann/json.hpp>
#include <sstream>

#include "base/error.h"
#include "base/files.h"
#include "base/options.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/run_view.h"
#include "cli/terminal.h"
#include "recipe/amendment.h"
#include "store/supervisor.h"

namespace luthier {

namespace {
void print(const Json& json) { std::cout << json.dump(2, ' ', false, Json::error_handler_t::replace) << "\n"; }

/// "accuracy 0.51 -> 0.91": the metric that the run watched.
std::string result_text(const RunRow& run) {
  const Json summary = json_or_null(run.summary_json);
  if (!summary.is_object()) return one_line(run.reason, 50);
  const std::string watch = summary.value("watch", "");
  const auto number = [&](const char* part) {
    const Json metrics = summary.value(part, Json());
    return metrics.is_object() && metrics.contains(watch) && metrics[watch].is_number()
               ? number_text(metrics[watch].get<double>())
               : std::string("-");
  };
  return watch.empty() ? "" : one_line(watch) + " " + number("base") + " -> " + number("tuned");
}

int list(const Store& store, bool json) {
  const std::vector<RunRow> runs = store.runs();
  if (json) {
    Json all = Json::array();
    for (const RunRow& run : runs) all.push_back(run_json(store, run));
    print(all);
    return 0;
  }
  if (runs.empty()) {
    std::cout << "no runs yet; luthier-cli train RECIPE makes one\n";
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {{"ID", "NAME", "STATUS", "STEP", "DEVICE", "CREATED", "RESULT"}};
  for (const RunRow& run : runs)
    rows.push_back({run.id, one_line(run.name, 30), to_string(run.status),
                    run.total_steps > 0 ? std::to_string(run.step) + "/" + std::to_string(run.total_steps) : "",
                    one_line(run.device, 12), time_text(run.created), result_text(run)});
  std::cout << table_text(rows);
  return 0;
}

/// The newest value of every metric.
std::map<std::string, MetricRow> last_metrics(const Store& store, const std::string& id) {
  std::map<std::string, MetricRow> last;
  for (MetricRow& metric : store.metrics(id)) {
    const std::string name = metric.name;
    last[name] = std::move(metric);
  }
  return last;
}

int show(const Store& store, const RunRow& run, bool json) {
  const std::vector<EventRow> events = store.events(run.id);
  const auto metrics = last_metrics(store, run.id);
  if (json) {
    Json all = run_json(store, run);
    all["alive"] = store.is_alive(run.id);
    all["metrics"] = Json::object();
    for (const auto& [name, metric] : metrics) all["metrics"][name] = metric_json(metric);
    all["events"] = Json::array();
    for (const EventRow& event : events) all["events"].push_back(event_json(event));
    all["artefacts"] = Json::array();
    for (const ArtefactRow& artefact : store.artefacts(run.id)) all["artefacts"].push_back(artefact_json(artefact));
    all["log_tail"] = log_tail(store, run.id);
    print(all);
    return 0;
  }
  std::vector<std::vector<std::string>> rows = {{"run", run.id},
                                                {"name", one_line(run.name)},
                                                {"status", to_string(run.status)},
                                                {"device", one_line(run.device)},
                                                {"created", time_text(run.created)},
                                                {"started", time_text(run.started)},
                                                {"ended", time_text(run.ended)}};
  if (run.total_steps > 0)
    rows.push_back({"step", std::to_string(run.step) + " of " + std::to_string(run.total_steps) + ", epoch " +
                                number_text(run.epoch)});
  if (run.signal != 0) rows.push_back({"signal", std::to_string(run.signal)});
  if (run.exit_code > 0) rows.push_back({"exit code", std::to_string(run.exit_code)});
  rows.push_back({"folder", store.run_folder(run.id).string()});
  std::erase_if(rows, [](const auto& row) { return row[1].empty(); });
  std::cout << table_text(rows);
  if (const std::string reason = reason_text(run); !reason.empty()) std::cout << "\n" << reason << "\n";
  if (const std::string summary = summary_text(store, run); !summary.empty()) std::cout << "\n" << summary;
  if (!metrics.empty()) {
    std::vector<std::vector<std::string>> table = {{"METRIC", "LAST", "STEP"}};
    for (const auto& [name, metric] : metrics)
      table.push_back({one_line(name), number_text(metric.value), std::to_string(metric.step)});
    std::cout << "\n" << table_text(table);
  }
  std::cout << (events.empty() ? "" : "\nEVENTS\n");
  const std::size_t first = events.size() > 20 ? events.size() - 20 : 0;
  for (std::size_t i = first; i < events.size(); ++i)
    if (const std::string text = event_text(events[i]); !text.empty())
      std::cout << "  " << time_text(events[i].time) << "  " << text << "\n";
  if (run.status == RunStatus::interrupted || run.status == RunStatus::failed)
    if (const std::string tail = log_tail(store, run.id, 10); !tail.empty()) {
      std::cout << "\nLOG\n";
      std::istringstream lines(tail);
      for (std::string line; std::getline(lines, line);) std::cout << "  " << one_line(line) << "\n";
    }
  return 0;
}

/// {"training.epochs": 3, ...}: every option by its path.
void flatten(const Json& value, const std::string& path, std::map<std::string, Json>& flat) {
  if (value.is_object() && !value.empty()) {
    for (const auto& [key, inner] : value.items()) flatten(inner, path.empty() ? key : path + "." + key, flat);
  } else {
    flat[path] = value;
  }
}

int compare(const Store& store, const RunRow& left, const RunRow& right, bool json) {
  const auto options_of = [&](const RunRow& run) {
    std::map<std::string, Json> flat;
    flatten(read_json(store.run_folder(run.id) / "recipe.json"), "", flat);
    return flat;
  };
  const auto results_of = [&](const RunRow& run) {
    std::map<std::string, Json> flat;
    const Json summary = json_or_null(run.summary_json);
    if (summary.is_object())
      flatten({{"base", summary.value("base", Json())}, {"tuned", summary.value("tuned", Json())}}, "", flat);
    flat["status"] = to_string(run.status);
    if (run.started > 0 && run.ended > 0) flat["seconds"] = run.ended - run.started;
    return flat;
  };
  // Options: those that differ. Results: all.
  const auto beside = [](std::map<std::string, Json> a, std::map<std::string, Json> b, bool all) {
    Json both = Json::object();
    for (const auto& [key, value] : b) a.try_emplace(key, nullptr);
    for (const auto& [key, value] : a) {
      const auto other = b.find(key);
      const Json second = other == b.end() ? Json() : other->second;
      if (all || value != second) both[key] = {value, second};
    }
    return both;
  };
  const Json options = beside(options_of(left), options_of(right), false);
  const Json results = beside(results_of(left), results_of(right), true);
  if (json) {
    print({{"runs", {left.id, right.id}}, {"options", options}, {"results", results}});
    return 0;
  }
  const auto cell = [](const Json& value) {
    if (value.is_null()) return std::string("-");
    if (value.is_number_float()) return number_text(value.get<double>());
    return one_line(value.is_string() ? value.get<std::string>() : value.dump(), 50);
  };
  std::vector<std::vector<std::string>> rows = {{"", left.id, right.id}};
  for (const Json* part : {&results, &options})
    for (const auto& [key, values] : part->items()) rows.push_back({one_line(key), cell(values[0]), cell(values[1])});
  std::cout << table_text(rows) << (options.empty() ? "the recipes are equal\n" : "");
  return 0;
}

int answer(bool json, const RunRow& run, const std::string& action, const std::string& text) {
  if (json)
    print({{"run", run.id}, {"done", action}});
  else
    std::cout << text << "\n";
  return 0;
}

int command(Store& store, const RunRow& run, const std::string& action, const Json& detail, bool json) {
  const auto refuse = [&](const std::string& hint) {
    fail(ErrorKind::conflict, "the run is " + to_string(run.status) + ": it cannot " + action, run.id, hint);
  };
  const bool queued = run.status == RunStatus::queued, paused = run.status == RunStatus::paused;
  if (action == "resume" && is_final(run.status) && run.status != RunStatus::success)
    refuse("luthier-cli train --resume " + run.id + " continues from its last checkpoint");
  if (action == "pause" && queued) refuse("stop it instead: luthier-cli runs stop " + run.id);
  if (action == "amend" && run.status == RunStatus::running) refuse("first: luthier-cli runs pause " + run.id);
  const bool fits = action == "pause"                         ? run.status == RunStatus::running
                    : action == "resume" || action == "amend" ? paused
                    : action == "stop"                        ? !is_final(run.status)
                                                              : !is_final(run.status) && !queued;
  if (!fits) refuse("luthier-cli runs show " + run.id + " tells how it stands");
  store.send_command(run.id, action, detail);
  static const std::map<std::string, std::string> then = {
      {"pause", "it will pause after its present step"},
      {"resume", "it goes on"},
      {"checkpoint", "it will write a checkpoint after its present step"},
      {"sample", "it will answer its prompts after its present step"},
      {"amend", "it will change what can be changed; luthier-cli runs show " + run.id + " tells"},
  };
  const bool discard = detail.contains("discard");
  const std::string stops = queued    ? "it will leave the queue"
                            : discard ? "it will stop after its present step and keep no checkpoint"
                                      : "it will stop after its present step and keep its checkpoint";
  return answer(json, run, action, run.id + ": " + (action == "stop" ? stops : then.at(action)));
}

/// {"training.learning_rate": 1e-4}: what --set asks for, checked against the run's recipe.
Json amendments(const Store& store, const RunRow& run, const std::vector<std::string>& assignments) {
  if (assignments.empty())
    fail(ErrorKind::bad_input, "nothing to change is given", run.id,
         "luthier-cli runs amend " + run.id + " --set training.learning_rate=1e-4");
  Json changes = Json::object();
  for (const std::string& assignment : assignments) {
    Json one = Json::object();
    set_path(one, assignment);
    const std::string path = assignment.substr(0, assignment.find('='));
    const Json* at = &one;
    std::istringstream keys(path);
    for (std::string key; std::getline(keys, key, '.');) at = &at->at(key);
    changes[path] = *at;
  }
  amended(read_recipe(store.run_folder(run.id) / "recipe.json"), changes);
  return changes;
}

int remove(Store& store, const RunRow& run, bool json) {
  if (!is_final(run.status) && store.is_alive(run.id))
    fail(ErrorKind::conflict, "the run is " + to_string(run.status), run.id,
         "stop it first: luthier-cli runs stop " + run.id);
  const std::uint64_t freed = store.delete_run(run.id);
  if (json)
    print({{"run", run.id}, {"done", "delete"}, {"freed_bytes", freed}});
  else
    std::cout << run.id << " is deleted, " << bytes_text(freed) << " freed\n";
  return 0;
}
}  // namespace

int command_runs(const std::vector<std::string>& words) {
  const Arguments arguments(words, usage::runs, {"--set"}, {"--discard"});
  Store store(luthier_home());
  store.mark_interrupted();
  const std::string action = arguments.positions().empty() ? "list" : arguments.positions()[0];
  const bool json = arguments.json();
  const auto run = [&](std::size_t index) { return store.run(arguments.position(index, "ID")); };
  if (action == "list") {
    arguments.at_most(1);
    return list(store, json);
  }
  if (action == "compare") {
    arguments.at_most(3);
    return compare(store, run(1), run(2), json);
  }
  arguments.at_most(2);
  if (action == "show") return show(store, run(1), json);
  if (action == "delete") return remove(store, run(1), json);
  if (action == "amend") {
    const RunRow row = run(1);
    return command(store, row, action, amendments(store, row, arguments.values("--set")), json);
  }
  if (action == "stop" && arguments.flag("--discard")) return command(store, run(1), action, {{"discard", true}}, json);
  for (const char* one : {"pause", "resume", "stop", "checkpoint", "sample"})
    if (action == one) return command(store, run(1), action, Json::object(), json);
  const std::string meant = closest(
      action, {"list", "show", "compare", "pause", "resume", "stop", "checkpoint", "sample", "amend", "delete"});
  fail(ErrorKind::bad_input, "\"" + one_line(action, 40) + "\" is nothing that runs can do", {},
       meant.empty() ? std::string("usage: ") + usage::runs : "did you mean " + meant + "?");
}

}  // namespace luthier
