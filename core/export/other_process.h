#pragma once
// luthier-cli as another process of an export: the program whose libraries do not share a process with LibTorch.
#include <filesystem>
#include <functional>
#include <string>
#include <vector>

namespace luthier {

/// The program: beside the running one, or in ../bin. not_found otherwise.
std::filesystem::path find_cli();

/// Runs `luthier-cli words...` to its end, what it prints into the file `log`, and returns "" or why it did not come to
/// its end: exit codes above `worst_exit_code`, signals. `ask` is called while it runs; when it throws, the process is
/// ended.
std::string run_cli(std::vector<std::string> words, const std::filesystem::path& log, int worst_exit_code,
                    const std::function<void()>& ask);

/// The last lines of such a log; "" where there is none.
std::string end_of_log(const std::filesystem::path& log);

}  // namespace luthier
