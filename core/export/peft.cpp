#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "export/formats.h"
#include "export/row_logits.h"
#include "methods/bottleneck.h"
#include "methods/method.h"
#include "nn/adapted_layer.h"

namespace luthier {

namespace {
bool has_adapter(const Model& model) {
  if (has_bottlenecks(model) || model.prompt()) return true;
  const auto modules = model.modules(/*include_self=*/false);
  return std::any_of(modules.begin(), modules.end(), [](const auto& module) {
    const auto layer = std::dynamic_pointer_cast<nn::AdaptedLayer>(module);
    return layer && layer->has_adapter();
  });
}
}  // namespace

void write_peft(Model& model, const ExportInputs& inputs, const ExportOptions& options, const fs::path& folder) {
  if (!has_adapter(model))
    fail(ErrorKind::unsupported, "the model has no adapter, so there is nothing to write as " + options.format,
         "export", "train with a method that makes an adapter, such as lora, or export the format huggingface");
  const fs::path base = fs::absolute(inputs.base_model).lexically_normal();
  if (!fs::exists(base / "model.safetensors") && !fs::exists(base / "model.safetensors.index.json"))
    fail(ErrorKind::unsupported, "the base model has no weights on the disk, and an adapter is nothing without them",
         base.string(), "export the format huggingface");
  save_adapter(model, folder, base.string());
  if (inputs.tokenizer) inputs.tokenizer->save(folder);
  save_processors(inputs.processors, folder);
}

std::map<std::string, std::string> checksums_of_peft(const fs::path& folder) {
  if (!fs::exists(folder / "adapter.safetensors")) return tensor_checksums(folder);
  // The adapters library's: an adapter, and where it was trained with one a head.
  std::map<std::string, std::string> sums = tensor_checksums(folder / "adapter.safetensors");
  if (fs::exists(folder / "model_head.safetensors")) sums.merge(tensor_checksums(folder / "model_head.safetensors"));
  return sums;
}

}  // namespace luthier
