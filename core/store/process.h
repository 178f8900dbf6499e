#pragma once
// Starting other programs: the supervisor by the window or the command line, the trainer by the supervisor.
#include <sys/types.h>

#include <filesystem>
#include <optional>
#include <string>
#include <vector>

namespace luthier {

/// How a process ended: `signal` > 0 when one killed it, else its exit code.
struct ProcessEnd {
  int exit_code = -1;
  int signal = 0;
};

/// A started program. It goes on when this value is dropped: only wait and stop look at it.
class Process {
 public:
  /// Starts `program` with `arguments` in a session of its own (closing the terminal or the window does not end it),
  /// standard input empty, standard output and error appended to `log` ("" = thrown away). not_found or io when it
  /// cannot be started.
  static Process start(const std::filesystem::path& program, const std::vector<std::string>& arguments,
                       const std::filesystem::path& log = {});

  pid_t id() const { return id_; }
  /// Waits up to `seconds` (negative: for ever) for its end; nullopt when it still runs then, or when a signal handler
  /// ran.
  std::optional<ProcessEnd> wait(double seconds = -1);
  void send_signal(int signal) const;

 private:
  explicit Process(pid_t id) : id_(id) {}
  pid_t id_;
  std::optional<ProcessEnd> end_;
};

/// The running program's own file.
std::filesystem::path this_program();

/// "killed by signal 9 (SIGKILL ...)" or "ended with exit code 3".
std::string describe_end(const ProcessEnd& end);

}  // namespace luthier
