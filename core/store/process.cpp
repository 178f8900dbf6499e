#include "store/process.h"

#include <fcntl.h>
#include <poll.h>
#include <signal.h>
#include <spawn.h>
#include <sys/syscall.h>
#include <sys/wait.h>
#include <unistd.h>

#include <cerrno>
#include <cmath>
#include <cstring>

#include "base/error.h"

namespace luthier {

namespace {
/// What posix_spawn wants set up and taken down.
struct SpawnSettings {
  SpawnSettings() {
    ::posix_spawnattr_init(&attributes);
    ::posix_spawn_file_actions_init(&files);
  }
  ~SpawnSettings() {
    ::posix_spawnattr_destroy(&attributes);
    ::posix_spawn_file_actions_destroy(&files);
  }
  SpawnSettings(const SpawnSettings&) = delete;
  SpawnSettings& operator=(const SpawnSettings&) = delete;
  posix_spawnattr_t attributes;
  posix_spawn_file_actions_t files;
};
}  // namespace

Process Process::start(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                       const std::filesystem::path& log) {
  std::vector<std::string> words = {program.string()};
  words.insert(words.end(), arguments.begin(), arguments.end());
  std::vector<char*> pointers;
  for (std::string& word : words) pointers.push_back(word.data());
  pointers.push_back(nullptr);

  SpawnSettings settings;
  // Neither a blocked nor an ignored signal of this process may be handed on.
  sigset_t none, all;
  ::sigemptyset(&none);
  ::sigfillset(&all);
  ::posix_spawnattr_setsigmask(&settings.attributes, &none);
  ::posix_spawnattr_setsigdefault(&settings.attributes, &all);
  ::posix_spawnattr_setflags(&settings.attributes, POSIX_SPAWN_SETSID | POSIX_SPAWN_SETSIGMASK | POSIX_SPAWN_SETSIGDEF);
  const std::string output = log.empty() ? "/dev/null" : log.string();
  ::posix_spawn_file_actions_addopen(&settings.files, STDIN_FILENO, "/dev/null", O_RDONLY, 0);
  ::posix_spawn_file_actions_addopen(&settings.files, STDOUT_FILENO, output.c_str(), O_WRONLY | O_CREAT | O_APPEND,
                                     0666);
  ::posix_spawn_file_actions_adddup2(&settings.files, STDOUT_FILENO, STDERR_FILENO);

  pid_t id = 0;
  const int code = ::posix_spawn(&id, program.c_str(), &settings.files, &settings.attributes, pointers.data(), environ);
  if (code != 0) {
    const bool absent = code == ENOENT && ::access(program.c_str(), F_OK) != 0;
    fail(
        absent ? ErrorKind::not_found : ErrorKind::io,
        std::string("the program cannot be started: ") + std::strerror(code), program.string(),
        absent ? "check the installation" : "check that it may be executed and that its log can be written: " + output);
  }
  return Process(id);
}

std::optional<ProcessEnd> Process::wait(double seconds) {
  if (end_) return end_;
  if (seconds != 0) {
    const int descriptor = static_cast<int>(::syscall(SYS_pidfd_open, id_, 0));
    if (descriptor >= 0) {
      pollfd ready{descriptor, POLLIN, 0};
      const int got = ::poll(&ready, 1, seconds < 0 ? -1 : static_cast<int>(std::ceil(seconds * 1000)));
      ::close(descriptor);
      if (got <= 0) return std::nullopt;
    } else {  // forbidden here: look every now and then instead
      ::usleep(20'000);
    }
  }
  int status = 0;
  const pid_t got = ::waitpid(id_, &status, WNOHANG);
  if (got == 0 || (got < 0 && errno == EINTR)) return std::nullopt;
  if (got < 0) fail_errno("the end of process " + std::to_string(id_) + " cannot be learned", {});
  end_ = WIFSIGNALED(status) ? ProcessEnd{-1, WTERMSIG(status)} : ProcessEnd{WEXITSTATUS(status), 0};
  return end_;
}

void Process::send_signal(int signal) const {
  if (!end_) ::kill(id_, signal);
}

std::filesystem::path this_program() { return std::filesystem::read_symlink("/proc/self/exe"); }

std::string describe_end(const ProcessEnd& end) {
  if (end.signal == 0) return "ended with exit code " + std::to_string(end.exit_code);
  std::string text = "killed by signal " + std::to_string(end.signal);
  switch (end.signal) {
    case SIGKILL:
      return text + " (the system's out-of-memory killer, or kill -9)";
    case SIGSEGV:
      return text + " (segmentation fault)";
    case SIGBUS:
      return text + " (bus error: a mapped file was cut short, or the disk is full)";
    case SIGABRT:
      return text + " (aborted)";
    case SIGFPE:
      return text + " (arithmetic error)";
    case SIGILL:
      return text + " (illegal instruction: built for another processor)";
    case SIGTERM:
      return text + " (asked to end)";
    case SIGXCPU:
      return text + " (CPU time limit)";
    default:
      return text;
  }
}

}  // namespace luthier
