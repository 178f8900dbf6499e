#include "export/other_process.h"

#include <fcntl.h>
#include <signal.h>
#include <spawn.h>
#include <sys/wait.h>

#include <cerrno>
#include <chrono>
#include <cstring>
#include <thread>

#include "base/error.h"
#include "base/files.h"

extern char** environ;

namespace luthier {

namespace {

constexpr auto kAskEvery = std::chrono::milliseconds(20);

/// Ends a process that nobody waits for any more.
void end_process(pid_t id) {
  ::kill(id, SIGKILL);
  while (::waitpid(id, nullptr, 0) < 0 && errno == EINTR) {
  }
}

}  // namespace

fs::path find_cli() {
  std::error_code error;
  const fs::path self = fs::read_symlink("/proc/self/exe", error);
  const fs::path folder = self.parent_path();
  for (const fs::path& place : {folder / "luthier-cli", folder / "../bin/luthier-cli"})
    if (fs::exists(place, error)) return fs::canonical(place);
  fail(ErrorKind::not_found, "luthier-cli is missing: it checks what was exported", folder.string(),
       "install or build Luthier again, then: luthier-cli export --verify FOLDER");
}

std::string run_cli(std::vector<std::string> words, const fs::path& log, int worst_exit_code,
                    const std::function<void()>& ask) {
  words.insert(words.begin(), find_cli().string());
  std::vector<char*> arguments;
  for (const std::string& word : words) arguments.push_back(const_cast<char*>(word.c_str()));
  arguments.push_back(nullptr);
  posix_spawn_file_actions_t files;
  ::posix_spawn_file_actions_init(&files);
  ::posix_spawn_file_actions_addopen(&files, 0, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&files, 1, log.c_str(), O_WRONLY | O_CREAT | O_TRUNC, 0644);
  ::posix_spawn_file_actions_adddup2(&files, 1, 2);
  pid_t id = 0;
  // Not fork: LibTorch's and OpenMP's threads do not survive it.
  const int failed = ::posix_spawn(&id, words[0].c_str(), &files, nullptr, arguments.data(), environ);
  ::posix_spawn_file_actions_destroy(&files);
  if (failed) return std::string("it cannot be started: ") + std::strerror(failed);
  int status = 0;
  for (pid_t ended = 0; ended != id;) {
    ended = ::waitpid(id, &status, WNOHANG);
    if (ended < 0 && errno != EINTR) return std::string("it cannot be waited for: ") + std::strerror(errno);
    if (ended == id) break;
    try {
      ask();
    } catch (...) {
      end_process(id);
      throw;
    }
    std::this_thread::sleep_for(kAskEvery);
  }
  if (WIFSIGNALED(status)) return "it was ended by signal " + std::to_string(WTERMSIG(status));
  return WEXITSTATUS(status) <= worst_exit_code ? "" : "it ended with exit code " + std::to_string(WEXITSTATUS(status));
}

std::string end_of_log(const fs::path& log) {
  constexpr std::size_t kShown = 2000;
  std::error_code absent;
  if (!fs::exists(log, absent)) return {};
  const std::string text = read_file(log);
  return text.size() > kShown ? text.substr(text.size() - kShown) : text;
}

}  // namespace luthier
