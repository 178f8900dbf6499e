#include "gguf/convert.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "export/formats.h"
#include "export/merge.h"

namespace luthier {

namespace {
constexpr double kRoomForBoth = 2.2;  // the merged weights as they are, and the file, both there for a while
}

void write_gguf(Model& model, const ExportInputs& inputs, const ExportOptions& options, const fs::path& folder) {
  double bytes = 0;
  for (const auto& [name, parameter] : model.unique_parameters()) bytes += 4 * static_cast<double>(parameter.numel());
  if (static_cast<double>(free_space_bytes(folder)) < kRoomForBoth * bytes)
    fail(
        ErrorKind::disk_full, "there is not enough room for the export and what it is made from", folder.string(),
        "free " + std::to_string(static_cast<std::int64_t>(kRoomForBoth * bytes / 1e6)) + " MB or choose another disk");
  const TemporaryFolder merged(folder.parent_path(), ".merged-");
  ExportOptions whole = options;
  whole.precision = "fp32";
  write_huggingface(model, inputs, whole, merged.path());
  GgufOptions made;
  made.type = options.precision;
  made.name = inputs.run_name;
  if (inputs.progress) made.progress = [&](double share) { inputs.progress("writing", share); };
  convert_to_gguf(merged.path(), folder / ("model-" + options.precision + ".gguf"), made);
}

std::map<std::string, std::string> checksums_of_gguf(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".gguf") return gguf_checksums(entry.path());
  fail(ErrorKind::not_found, "there is no GGUF file", folder.string());
}

}  // namespace luthier
