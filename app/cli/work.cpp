// luthier-cli work RUN: the supervisor of one run, in a session of its own.
#include <signal.h>
#include <unistd.h>

#include <atomic>
#include <iostream>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "cli/arguments.h"
#include "cli/commands.h"
#include "device/device.h"
#include "store/process.h"
#include "store/supervisor.h"

namespace luthier {

namespace {
std::atomic<bool> stop_asked{false};
static_assert(std::atomic<bool>::is_always_lock_free);  // set from a signal handler

void ask_to_stop(int) { stop_asked = true; }
}  // namespace

int command_work(const std::vector<std::string>& words) {
  const Arguments arguments(words, usage::work, {}, {});
  arguments.at_most(1);
  Store store(luthier_home());
  const std::string id = store.run(arguments.position(0, "RUN")).id;
  ::setsid();  // fails where this already leads a session or a group: then it is away from the window all the same
  struct sigaction action{};
  action.sa_handler = ask_to_stop;
  for (const int number : {SIGINT, SIGTERM}) ::sigaction(number, &action, nullptr);
  ::signal(SIGHUP, SIG_IGN);

  SupervisorOptions options;
  options.trainer = this_program();
  options.trainer_words = {"train-worker", id};
  options.out_of_memory_kills = [] { return out_of_memory_kills(); };
  options.stop_asked = &stop_asked;
  const RunStatus status = supervise(store, id, options);
  if (arguments.json())
    std::cout << Json{{"run", id}, {"status", to_string(status)}} << "\n";
  else
    std::cout << id << " " << to_string(status) << "\n";
  return status == RunStatus::success || status == RunStatus::stopped ? 0 : 1;
}

}  // namespace luthier
