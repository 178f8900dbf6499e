#pragma once
// The commands that need LibTorch. Each takes the words after its name and returns the exit code; errors are thrown.
#include <string>
#include <vector>

namespace luthier {

int command_evaluate(const std::vector<std::string>& words);
int command_export(const std::vector<std::string>& words);
int command_generate(const std::vector<std::string>& words);
int command_merge(const std::vector<std::string>& words);
int command_import(const std::vector<std::string>& words);
int command_predict(const std::vector<std::string>& words);
int command_serve(const std::vector<std::string>& words);
int command_preflight(const std::vector<std::string>& words);
int command_train_worker(const std::vector<std::string>& words);

}  // namespace luthier
