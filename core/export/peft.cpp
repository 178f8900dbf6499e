#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "export/formats.h"
#include "methods/method.h"
#include "nn/adapted_layer.h"

namespace luthier {

namespace {
bool has_adapter(const Model& model) {
  const auto modules = model.modules(/*include_self=*/false);
  return std::any_of(modules.begin(), modules.end(), [](const auto& module) {
    const auto layer = std::dynamic_pointer_cast<nn::AdaptedLayer>(module);
    return layer && layer->lora();
  });
}
}  // namespace

void write_peft(Model& model, const ExportInputs& inputs, const ExportOptions& options, const fs::path& folder) {
  if (!has_adapter(model))
    fail(ErrorKind::unsupported, "the model has no adapter, so there is nothing to write as " + options.format,
         "export", "train with the method lora, or export the format huggingface");
  const fs::path base = fs::absolute(inputs.base_model).lexically_normal();
  if (!fs::exists(base / "model.safetensors") && !fs::exists(base / "model.safetensors.index.json"))
    fail(ErrorKind::unsupported, "the base model has no weights on the disk, and an adapter is nothing without them",
         base.string(), "export the format huggingface");
  save_adapter(model, folder, base.string());
  if (inputs.tokenizer) inputs.tokenizer->save(folder);
  save_processors(inputs.processors, folder);
}

}  // namespace luthier
