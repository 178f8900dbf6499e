#pragma once
// What every entry into the torch side does: set the allocator up, find the command, print errors.
#include <span>
#include <string>
#include <vector>

namespace luthier {

struct EngineCommand {
  const char* name;
  int (*run)(const std::vector<std::string>& words);  ///< the words after the command's name; returns the exit code
};

/// Runs the command that words[0] names. Errors are printed as what, where and what to do on standard error, and with
/// --json as {"error": {...}} on standard output. Exit codes: 0 done, 1 failed, 2 wrong input.
int run_engine_command(const std::vector<std::string>& words, std::span<const EngineCommand> commands);

}  // namespace luthier
