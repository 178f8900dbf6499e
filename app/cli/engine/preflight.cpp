// `luthier-cli preflight RECIPE`: what a run will need and what is wrong with it, before it starts.
#include "engine/preflight.h"

#include <ATen/Parallel.h>

#include <csignal>
#include <iomanip>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "cli/arguments.h"
#include "cli/engine/commands.h"
#include "device/device.h"
#include "engine/rate_test.h"
#include "recipe/draft.h"
#include "train/run_log.h"

namespace luthier {

namespace {

constexpr double kSecondsBetweenLines = 0.1;

volatile std::sig_atomic_t asked_to_stop = 0;

void stop(int) { asked_to_stop = 1; }

void line(const Json& json) { std::cout << json.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl; }

/// Progress as lines for programs, or on one line of a terminal; stops when asked to.
class ProgressLines {
 public:
  explicit ProgressLines(bool json) : json_(json) {}

  void operator()(const std::string& stage, double share) {
    if (asked_to_stop) fail(ErrorKind::cancelled, "the preflight was stopped");
    const double now = monotonic_seconds();
    if (stage == stage_ && share < 1 && now - last_ < kSecondsBetweenLines) return;
    if (json_)
      line({{"progress", {{"stage", stage}, {"share", share}}}});
    else if (stage != stage_)
      std::cerr << stage << " ..." << std::endl;
    stage_ = stage;
    last_ = now;
  }

 private:
  bool json_;
  std::string stage_;
  double last_ = 0;
};

void print_parts(const char* name, const MemoryParts& parts) {
  std::cout << "  " << std::left << std::setw(10) << name << std::right;
  for (const std::int64_t bytes : {parts.weights, parts.gradients, parts.optimizer, parts.activations, parts.total})
    std::cout << std::setw(12) << size_text(bytes);
  std::cout << "\n";
}

void print_report(const PreflightReport& report) {
  const std::string verdict = report.verdict();
  std::cout << (verdict == "ready"      ? "Ready"
                : verdict == "warnings" ? "Ready, with warnings"
                                        : "Blocked: this should not be started")
            << "\n\n";
  std::cout << "  memory         weights   gradients   optimizer activations       total\n";
  print_parts("estimate", report.estimate);
  if (report.measured.total > 0) print_parts("measured", report.measured);
  std::cout << "\n  tokens    " << grouped(report.tokens) << " in " << grouped(report.rows) << " rows, "
            << grouped(report.loss_tokens) << " carry loss, " << grouped(report.cut_tokens) << " are cut off, "
            << percent_text(report.padding_share) << " of the batches is padding\n";
  std::string group;
  for (const PreflightCheck& check : report.checks) {
    if (check.group != group) std::cout << "\n" << check.group << "\n";
    group = check.group;
    std::cout << "  " << std::left << std::setw(9) << check.severity << std::setw(18) << check.label << std::setw(20)
              << check.value << check.message << "\n";
    for (const PreflightFix& fix : check.fixes) {
      std::cout << std::setw(29) << ""
                << "fix: " << fix.label << "\n"
                << std::setw(34) << "";
      for (const std::string& edit : fix.set) std::cout << "--set '" << edit << "' ";
      std::cout << "\n";
    }
  }
  std::cout << std::flush;
}

void print_rates(const RateTest& test) {
  std::cout << "        rate        loss    smoothed\n" << std::setprecision(4);
  for (const RatePoint& point : test.points)
    std::cout << std::setw(12) << point.rate << std::setw(12) << point.loss << std::setw(12) << point.smoothed << "\n";
  if (test.diverged) std::cout << "then the loss ran away\n";
  if (const auto rate = test.suggested())
    std::cout << "\nsuggested: --set training.learning_rate=" << *rate << "\n";
  else
    std::cout << "\nno rate is suggested: the loss did not fall\n";
  std::cout << std::flush;
}

RateTest test_rates(const Recipe& recipe, const fs::path& cache_folder, ProgressLines& progress) {
  Prepared parts =
      prepare_data(recipe, cache_folder, [&](const std::string& stage, double share) { progress(stage, share); });
  progress("loading the model", 0);
  prepare_model(parts);
  parts.model->to(c10::Device(parts.device));
  return find_rate(parts, {}, [&](double share) { progress("trying rates", share); });
}

}  // namespace

int command_preflight(const std::vector<std::string>& words) {
  const Arguments arguments(words, "luthier-cli preflight RECIPE [--rate-test] [--set path=value]... [--json]",
                            {"--set"}, {"--rate-test"});
  arguments.at_most(1);
  const fs::path file = fs::absolute(arguments.position(0, "RECIPE"));
  Json json = read_json(file);
  for (const std::string& assignment : arguments.values("--set")) set_path(json, assignment);
  Recipe recipe = recipe_from_json(json, file.parent_path(), file.string());
  make_paths_absolute(recipe);
  const std::vector<Problem> missing = missing_inputs(recipe);
  if (!missing.empty()) fail_with(missing, "the recipe names files that do not exist", file.string());

  std::signal(SIGTERM, stop);
  std::signal(SIGINT, stop);
  at::set_num_threads(usable_cores());
  if (arguments.flag("--rate-test")) {
    ProgressLines progress(arguments.json());
    const RateTest test = test_rates(recipe, luthier_home() / "cache", progress);
    if (arguments.json())
      line({{"rate_test", rate_test_to_json(test)}});
    else
      print_rates(test);
    return 0;
  }
  PreflightOptions options;
  options.cache_folder = luthier_home() / "cache";
  options.disk_folder = luthier_home();
  options.progress = ProgressLines(arguments.json());
  const PreflightReport report = run_preflight(recipe, options);
  if (arguments.json())
    line({{"preflight", preflight_to_json(report)}});
  else
    print_report(report);
  return report.verdict() == "blocked" ? 1 : 0;
}

}  // namespace luthier
