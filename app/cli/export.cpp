// `luthier-cli export`: the check of a file goes to the library of its next home, as does what an export asks of that
// library while it is made; everything else to the engine.
#include <algorithm>

#include "cli/commands.h"
#include "cli/engine_library.h"
#include "proof/verification.h"

namespace luthier {

int command_export(const std::vector<std::string>& words) {
  if (std::find(words.begin(), words.end(), "--activation-ranges") != words.end()) return run_in_onnxruntime(words);
  const auto asked = std::find(words.begin(), words.end(), "--verify");
  if (asked != words.end() && asked + 1 != words.end() && std::filesystem::is_directory(asked[1])) {
    const std::string format = format_of_artefact(asked[1]);
    if (format == "gguf") return run_in_llamacpp(words);
    if (format == "onnx" || format == "bundle") return run_in_onnxruntime(words);
  }
  std::vector<std::string> all = {"export"};
  all.insert(all.end(), words.begin(), words.end());
  return run_in_engine(all);
}

}  // namespace luthier
