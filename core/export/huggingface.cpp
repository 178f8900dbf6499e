#include "base/files.h"
#include "export/formats.h"
#include "export/merge.h"

namespace luthier {

void write_huggingface(Model& model, const ExportInputs& inputs, const ExportOptions& options, const fs::path& folder) {
  save_model(*merged_copy(model), folder, options.precision);
  inputs.tokenizer.save(folder);
}

}  // namespace luthier
