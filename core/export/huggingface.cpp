#include "base/files.h"
#include "export/formats.h"
#include "export/merge.h"

namespace luthier {

void write_huggingface(Model& model, const ExportInputs& inputs, const ExportOptions& options, const fs::path& folder) {
  save_model(*merged_copy(model), folder, options.precision);
  if (inputs.tokenizer) inputs.tokenizer->save(folder);
  save_processors(inputs.processors, folder);
}

}  // namespace luthier
