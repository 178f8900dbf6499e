#pragma once
// The part of the program that needs LibTorch: a shared library beside the executable, loaded when a command asks for
// it.
#include <string>
#include <vector>

namespace luthier {

/// Runs one of the library's commands (words[0] is its name) and returns its exit code; io when the library cannot be
/// loaded.
int run_in_engine(const std::vector<std::string>& words);

/// The same for the libraries with libllama and ONNX Runtime, which must not meet LibTorch in one process; `words`
/// without the command's name. Their errors are thrown.
int run_in_llamacpp(const std::vector<std::string>& words);
int run_in_onnxruntime(const std::vector<std::string>& words);

}  // namespace luthier
