#pragma once
// The part of the program that needs LibTorch: a shared library beside the executable, loaded when a command asks for
// it.
#include <string>
#include <vector>

namespace luthier {

/// Runs one of the library's commands (words[0] is its name) and returns its exit code; io when the library cannot be
/// loaded.
int run_in_engine(const std::vector<std::string>& words);

}  // namespace luthier
