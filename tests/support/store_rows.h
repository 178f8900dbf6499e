#pragma once
// What the tests of the store share: rows, and processes of their own that write, hold a lock or are killed.
#include <signal.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cstdio>
#include <nlohmann/json.hpp>

#include "store/store.h"

namespace luthier::testing {

inline const Json kRecipe = {{"luthier", 1}, {"name", "test"}};

inline MetricRow metric(std::int64_t step, const std::string& name, double value) {
  MetricRow row;
  row.step = step;
  row.name = name;
  row.value = value;
  return row;
}

inline EventRow event_of(const std::string& kind) {
  EventRow row;
  row.kind = kind;
  return row;
}

/// Runs `work` in a process of its own; its exit code, or 128 + signal.
template <class Work>
pid_t in_child(Work work) {
  const pid_t child = ::fork();
  if (child == 0) {
    int code = 1;
    try {
      code = work();
    } catch (const std::exception& error) {
      std::fprintf(stderr, "child: %s\n", error.what());
    }
    ::_exit(code);
  }
  return child;
}

inline int end_of(pid_t child) {
  int status = 0;
  ::waitpid(child, &status, 0);
  return WIFSIGNALED(status) ? 128 + WTERMSIG(status) : WEXITSTATUS(status);
}

/// A child that takes the run's lock, then writes a byte and waits to be killed.
inline pid_t holder_of(const fs::path& home, const std::string& id) {
  int ends[2];
  if (::pipe(ends) != 0) return -1;
  const pid_t child = in_child([&] {
    Store store(home);
    const FileLock lock = store.take_lock(id);
    [[maybe_unused]] const ssize_t told = ::write(ends[1], "x", 1);
    while (true) ::pause();
    return 0;
  });
  char byte = 0;
  [[maybe_unused]] const ssize_t got = ::read(ends[0], &byte, 1);
  ::close(ends[0]);
  ::close(ends[1]);
  return child;
}

inline void kill_child(pid_t child) {
  ::kill(child, SIGKILL);
  end_of(child);
}

}  // namespace luthier::testing
