// luthier-cli train: checks the recipe, makes the run, starts its supervisor and follows it.
#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/follow.h"
#include "cli/run_view.h"
#include "cli/terminal.h"
#include "device/device.h"
#include "recipe/draft.h"
#include "store/process.h"
#include "store/supervisor.h"

namespace luthier {

namespace {
Recipe recipe_of(const Arguments& arguments) {
  const fs::path file = fs::absolute(arguments.position(0, "RECIPE"));
  Json json = read_json(file);
  for (const std::string& assignment : arguments.values("--set")) set_path(json, assignment);
  Recipe recipe = recipe_from_json(json, file.parent_path(), file.string());
  if (recipe.name.empty()) recipe.name = file.stem().string();
  make_paths_absolute(recipe);
  const std::vector<Problem> missing = missing_inputs(recipe);
  if (!missing.empty()) fail_with(missing, "the recipe names files that do not exist", file.string());
  return recipe;
}

/// The device that the run will queue for.
std::string device_of(const Recipe& recipe) {
  const std::string& wanted = recipe.training.device;
  if (wanted == "auto") return gpus().empty() ? "cpu" : "cuda:0";
  return wanted == "cuda" ? "cuda:0" : wanted;
}

std::string queue_run(Store& store, const Arguments& arguments) {
  if (const auto resumed = arguments.value("--resume")) {
    arguments.at_most(0);
    if (!arguments.values("--set").empty())
      fail(ErrorKind::bad_input, "a run that continues keeps its recipe: --set does not go with --resume", {},
           "start a new run of the recipe instead");
    const RunRow run = store.run(*resumed);
    if (run.status == RunStatus::success)
      fail(ErrorKind::conflict, "the run has succeeded already", run.id, "luthier-cli runs show " + run.id);
    store.requeue(run.id);
    return run.id;
  }
  arguments.at_most(1);
  const Recipe recipe = recipe_of(arguments);
  return store.create_run(recipe.name, device_of(recipe), recipe_to_json(recipe));
}

void report_end(const Store& store, const RunRow& run, bool json) {
  if (json) {
    Json end = run_json(store, run);
    end["artefacts"] = Json::array();
    for (const ArtefactRow& artefact : store.artefacts(run.id)) end["artefacts"].push_back(artefact_json(artefact));
    std::cout << Json{{"end", end}}.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl;
    return;
  }
  const std::string took =
      run.started > 0 && run.ended > run.started ? " after " + duration_text(run.ended - run.started) : "";
  if (run.status == RunStatus::success) {
    std::cout << "success" << took << "\n"
              << summary_text(store, run) << "  luthier-cli runs show " << run.id << std::endl;
    return;
  }
  std::cerr << "luthier-cli: the run is " << to_string(run.status) << took << ": " << reason_text(run) << std::endl;
  const std::string tail = run.status == RunStatus::interrupted ? log_tail(store, run.id) : "";
  if (!tail.empty()) {
    std::cerr << "  the last lines of " << (store.run_folder(run.id) / "log.txt").string() << ":\n";
    std::size_t begin = 0;
    while (begin < tail.size()) {
      const std::size_t end = std::min(tail.find('\n', begin), tail.size());
      std::cerr << "    " << one_line(tail.substr(begin, end - begin)) << "\n";
      begin = end + 1;
    }
    std::cerr.flush();
  }
}
}  // namespace

int command_train(const std::vector<std::string>& words) {
  const Arguments arguments(words, usage::train, {"--set", "--resume"}, {"--detach"});
  Store store(luthier_home());
  store.mark_interrupted();
  const std::string id = queue_run(store, arguments);
  if (arguments.json())
    std::cout << Json{{"run", id}} << std::endl;
  else
    std::cout << id << std::endl;

  FollowOptions options;
  options.json = arguments.json();
  options.bar = !options.json && is_terminal(STDOUT_FILENO);
  Process supervisor = Process::start(this_program(), {"work", id}, store.run_folder(id) / "log.txt");
  if (arguments.flag("--detach")) return 0;
  options.supervisor = &supervisor;
  const RunRow run = follow_run(store, id, options);
  if (!is_final(run.status)) {
    std::cerr << "the run goes on without this command: luthier-cli runs show " << id << std::endl;
    return 1;
  }
  supervisor.wait(2);  // it still writes down the exit code
  report_end(store, run, options.json);
  return run.status == RunStatus::success ? 0 : 1;
}

}  // namespace luthier
