#pragma once
#include <string>
#include <vector>

namespace luthier {

/// `luthier-cli lab WHAT ...`: forward, replay, preference, quantise. Returns the exit code; throws Error.
int run_lab(const std::vector<std::string>& words);

int lab_forward(const std::vector<std::string>& words);
int lab_replay(const std::vector<std::string>& words);
int lab_preference(const std::vector<std::string>& words);
int lab_quantise(const std::vector<std::string>& words);

}  // namespace luthier
