// `luthier-cli serve`: trained models over HTTP, for other programs on this machine and the window's "Try it" page.
#include "serve/server.h"

#include <ATen/Parallel.h>
#include <poll.h>
#include <signal.h>
#include <unistd.h>

#include <iostream>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/error.h"
#include "base/files.h"
#include "cli/engine/commands.h"
#include "cli/engine/data_words.h"
#include "cli/engine/served_models.h"
#include "device/device.h"
#include "nn/precision.h"

namespace luthier {

namespace {

constexpr const char* kServeUsage =
    "luthier-cli serve RUN|DIR [--adapter DIR] [--port N] [--base] [--device auto|cpu|cuda] [--until-stdin-closes]";

int wake_up[2] = {-1, -1};  ///< a pipe: signal handlers may do little more than write

void ask_to_end(int) {
  const char byte = 0;
  [[maybe_unused]] const auto written = ::write(wake_up[1], &byte, 1);
}

/// Returns when a signal asks to end or, if it is watched, when standard input closes.
void wait_for_end(bool watch_input) {
  pollfd watched[2] = {{wake_up[0], POLLIN, 0}, {STDIN_FILENO, POLLIN, 0}};
  char ignored[4096];
  for (;;) {
    if (::poll(watched, watch_input ? 2 : 1, -1) < 0) {
      if (errno == EINTR) continue;
      return;
    }
    if (watched[0].revents) return;
    if (watched[1].revents && ::read(STDIN_FILENO, ignored, sizeof ignored) <= 0) return;
  }
}

ServedModels load_models(const Arguments& arguments, const std::string& device) {
  const std::string source = arguments.position(0, "RUN or DIR");
  const bool base = arguments.flag("--base");
  const std::string adapter = arguments.value("--adapter").value_or("");
  if (fs::is_directory(source)) return models_of_folder(source, adapter, base, device);
  if (!adapter.empty()) fail(ErrorKind::bad_input, "--adapter belongs to a model's folder, not to a run", source);
  const Store store(luthier_home());
  const auto run = store.find_run(source);
  if (!run)
    fail(ErrorKind::not_found, "there is neither a run nor a folder of this name", source,
         "see luthier-cli runs list for the runs there are");
  return models_of_run(store, run->id, base, device);
}

/// `chat`: the model was trained on conversations, or its tokenizer brings a template for them.
void announce(const Server& server, const std::string& kind, bool chat, const std::vector<std::string>& ids,
              bool json) {
  if (json)
    std::cout
        << Json{{"url", server.url()}, {"port", server.port()}, {"kind", kind}, {"chat", chat}, {"models", ids}}.dump();
  else
    std::cout << "serving a " << kind << " model at " << server.url() << " (Ctrl+C ends it)";
  std::cout << std::endl;
}

}  // namespace

int command_serve(const std::vector<std::string>& words) {
  const Arguments arguments(words, kServeUsage, {"--adapter", "--port", "--device"},
                            {"--base", "--until-stdin-closes"});
  arguments.at_most(1);
  const std::int64_t port = arguments.integer("--port", 0);
  if (port < 0 || port > 65535) fail(ErrorKind::bad_input, "--port must be from 0 to 65535");
  at::set_num_threads(usable_cores());
  ServedModels models = load_models(arguments, nn::choose_device(arguments.value("--device").value_or("auto")));
  const std::string kind = objective_of(models.front()->head());
  const bool chat = models.front()->head() == Head::causal_lm && !models.front()->tokenizer().chat_template().empty();
  std::vector<std::string> ids = {"tuned"};
  if (models.size() > 1) ids.insert(ids.begin(), "base");

  Server server(std::move(models), static_cast<int>(port));
  if (::pipe(wake_up) != 0) fail_errno("no pipe can be made", "serve");
  struct sigaction action{};
  action.sa_handler = ask_to_end;
  for (const int number : {SIGINT, SIGTERM}) ::sigaction(number, &action, nullptr);
  std::jthread watcher([&] {
    wait_for_end(arguments.flag("--until-stdin-closes"));
    server.stop();
  });
  announce(server, kind, chat, ids, arguments.json());
  try {
    server.run();
  } catch (...) {
    ask_to_end(0);
    throw;
  }
  ask_to_end(0);
  return 0;
}

}  // namespace luthier
