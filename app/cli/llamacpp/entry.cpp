// The library with libllama: `luthier-cli export --verify` of GGUF files, in a process without LibTorch.
#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/arguments.h"
#include "cli/export_words.h"
#include "llamacpp/runner.h"

/// `words`: what stands behind "export". Errors are thrown: the library and the program share one C++ run time.
extern "C" __attribute__((visibility("default"))) int luthier_llamacpp_main(int count, const char* const* words) {
  using namespace luthier;
  const Arguments arguments({words, words + count}, "luthier-cli export --verify DIR [--progress] [--json]",
                            {"--verify"}, {"--progress"});
  arguments.at_most(0);
  listen_for_signals();
  const std::string folder = arguments.required("--verify");
  const Json proof = verify_artefact(folder, gguf_format(), ExportProgressLines(arguments.flag("--progress")));
  return report_proof(folder, proof, arguments.json());
}
