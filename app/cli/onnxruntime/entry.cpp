// The library with ONNX Runtime, in a process without LibTorch: `luthier-cli export --verify` of ONNX files, and what
// an export asks for while it is made, `--activation-ranges` (core/export/onnx_ranges.h).
#include <algorithm>
#include <nlohmann/json.hpp>

#include "cli/arguments.h"
#include "cli/export_words.h"
#include "onnxruntime/activation_ranges.h"
#include "onnxruntime/runner.h"

/// `words`: what stands behind "export". Errors are thrown: the library and the program share one C++ run time.
extern "C" __attribute__((visibility("default"))) int luthier_onnxruntime_main(int count, const char* const* words) {
  using namespace luthier;
  const Arguments arguments({words, words + count}, "luthier-cli export --verify DIR [--progress] [--json]",
                            {"--verify", "--activation-ranges"}, {"--progress"});
  arguments.at_most(0);
  listen_for_signals();
  const ExportProgressLines progress(arguments.flag("--progress"));
  if (const auto place = arguments.value("--activation-ranges")) {
    const std::filesystem::path calibrated = *place;
    write_json(calibrated / "ranges.json", activation_ranges(calibrated, progress));
    return 0;
  }
  const std::string folder = arguments.required("--verify");
  const Json proof = verify_artefact(folder, onnx_format(), progress);
  return report_proof(folder, proof, arguments.json());
}
