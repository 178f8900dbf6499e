// luthier-cli hub: models of the Hugging Face hub, in its own cache.
#include <unistd.h>

#include <atomic>
#include <chrono>
#include <csignal>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/json.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "cli/terminal.h"
#include "hub/api.h"
#include "hub/cache.h"
#include "hub/download.h"

namespace luthier {

namespace {

constexpr double kTellSeconds = 0.25;

std::atomic<bool> interrupted = false;

void print_json(const Json& value) {
  std::cout << value.dump(-1, ' ', false, Json::error_handler_t::replace) << std::endl;
}

/// Prints at most four times a second: a line that replaces itself on a terminal, else a JSON object a line.
class Teller {
 public:
  explicit Teller(bool json) : json_(json), shows_(!json && is_terminal(STDERR_FILENO)) {}

  void tell(const HubProgress& progress) {
    const auto now = std::chrono::steady_clock::now();
    if (now - last_ < std::chrono::duration<double>(kTellSeconds) && progress.bytes != progress.total_bytes) return;
    last_ = now;
    if (json_)
      print_json({{"progress",
                   {{"stage", progress.file},
                    {"share", progress.total_bytes > 0
                                  ? static_cast<double>(progress.bytes) / static_cast<double>(progress.total_bytes)
                                  : 0.0},
                    {"file", progress.file},
                    {"file_number", progress.file_number},
                    {"files", progress.files},
                    {"bytes", progress.bytes},
                    {"total_bytes", progress.total_bytes}}}});
    if (shows_)
      std::cerr << "\r\x1b[K" << bytes_text(progress.bytes) << " of " << bytes_text(progress.total_bytes) << ", "
                << one_line(progress.file, 50) << std::flush;
  }

  void end() const {
    if (shows_) std::cerr << "\r\x1b[K" << std::flush;
  }

 private:
  bool json_, shows_;
  std::chrono::steady_clock::time_point last_;
};

int download(const Arguments& arguments, const HubSettings& settings) {
  const ModelName name = parse_model_name(arguments.position(1, "ORG/NAME"));
  arguments.at_most(2);
  std::signal(SIGINT, [](int) { interrupted = true; });
  std::signal(SIGTERM, [](int) { interrupted = true; });
  Teller teller(arguments.json());
  const auto progress = [&](const HubProgress& now) {
    teller.tell(now);
    return !interrupted;
  };
  const HubDownload model = [&] {
    try {
      return download_model(settings, name, progress);
    } catch (...) {
      teller.end();
      throw;
    }
  }();
  teller.end();
  if (arguments.json())
    print_json({{"model",
                 {{"id", name.id},
                  {"path", model.folder.string()},
                  {"commit", model.commit},
                  {"bytes", model.bytes},
                  {"fetched_bytes", model.fetched_bytes}}}});
  else
    std::cout << model.folder.string() << "\n";
  return 0;
}

int list(const Arguments& arguments, const HubSettings& settings) {
  arguments.at_most(1);
  Json models = Json::array();
  std::vector<std::vector<std::string>> rows = {{"MODEL", "REVISION", "SIZE", "FOLDER"}};
  for (const CachedModel& model : cached_models(settings)) {
    models.push_back({{"id", model.id},
                      {"commit", model.commit},
                      {"revisions", model.revisions},
                      {"path", model.folder.string()},
                      {"bytes", model.bytes},
                      {"complete", model.is_complete}});
    const std::string revision = model.revisions.empty() ? model.commit.substr(0, 12) : model.revisions.front();
    rows.push_back({one_line(model.id), one_line(revision, 30),
                    bytes_text(model.bytes) + (model.is_complete ? "" : ", in part"), one_line(model.folder.string())});
  }
  if (arguments.json())
    print_json({{"cache", settings.cache.string()}, {"models", std::move(models)}});
  else if (rows.size() == 1)
    std::cout << "no models in " << settings.cache.string() << "\n";
  else
    std::cout << table_text(rows);
  return 0;
}

int search(const Arguments& arguments, const HubSettings& settings) {
  HubSearch wanted;
  for (std::size_t i = 1; i < arguments.positions().size(); ++i)
    wanted.words += (i > 1 ? " " : "") + arguments.positions()[i];
  if (wanted.words.empty()) arguments.position(1, "WORDS");
  wanted.library = arguments.value("--library").value_or(wanted.library);
  if (wanted.library == "any") wanted.library.clear();
  wanted.task = arguments.value("--task").value_or("");
  wanted.limit = arguments.integer("--limit", wanted.limit);
  if (wanted.limit < 1 || wanted.limit > 1000)
    fail(ErrorKind::bad_input, "a search gives 1 to 1,000 models", "--limit");
  Json models = Json::array();
  std::vector<std::vector<std::string>> rows = {{"MODEL", "TASK", "DOWNLOADS", "LIKES"}};
  for (const FoundModel& model : search_models(settings, wanted)) {
    models.push_back({{"id", model.id},
                      {"task", model.task},
                      {"library", model.library},
                      {"downloads", model.downloads},
                      {"likes", model.likes},
                      {"gated", model.gated}});
    rows.push_back({one_line(model.id, 60) + (model.gated ? " (gated)" : ""), one_line(model.task, 40),
                    count_text(model.downloads), count_text(model.likes)});
  }
  if (arguments.json())
    print_json({{"models", std::move(models)}});
  else if (rows.size() == 1)
    std::cout << "the hub finds no such model\n";
  else
    std::cout << table_text(rows);
  return 0;
}

}  // namespace

int command_hub(const std::vector<std::string>& words) {
  const Arguments arguments(words, usage::hub, {"--library", "--task", "--limit"}, {});
  const std::string what = arguments.position(0, "download, list or search");
  const HubSettings settings = HubSettings::from_environment();
  if (what == "download") return download(arguments, settings);
  if (what == "list") return list(arguments, settings);
  if (what == "search") return search(arguments, settings);
  fail(ErrorKind::bad_input, "hub has no command \"" + one_line(what, 40) + "\"", {},
       std::string("usage: ") + usage::hub);
}

}  // namespace luthier
