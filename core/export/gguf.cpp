#include "gguf/convert.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "export/formats.h"
#include "export/importance.h"
#include "export/merge.h"

namespace luthier {

void write_gguf(Model& model, const ExportInputs& inputs, const ExportOptions& options, const fs::path& folder) {
  if (std::any_of(inputs.proof_rows.begin(), inputs.proof_rows.end(),
                  [](const ProofRow& row) { return !row.text_pair.empty(); }))
    fail(ErrorKind::unsupported, "llama.cpp reads one text, this model was trained on pairs of them", "export.format",
         "export a Hugging Face folder instead");
  const TemporaryFolder merged(folder.parent_path(), ".merged-");
  ExportOptions whole = options;
  whole.precision = "fp32";
  write_huggingface(model, inputs, whole, merged.path());
  GgufOptions made;
  made.type = options.precision;
  made.name = inputs.run_name;
  if (options.importance && is_weighed_by_importance(options.precision) && inputs.tokenizer)
    made.importance = input_importance(model, {inputs.tokenizer, inputs.processors, inputs.max_tokens},
                                       inputs.proof_rows, inputs.progress);
  if (inputs.progress) made.progress = [&](double share) { inputs.progress("writing", share); };
  convert_to_gguf(merged.path(), folder / ("model-" + options.precision + ".gguf"), made);
}

std::map<std::string, std::string> checksums_of_gguf(const fs::path& folder) {
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".gguf") return gguf_checksums(entry.path());
  fail(ErrorKind::not_found, "there is no GGUF file", folder.string());
}

}  // namespace luthier
