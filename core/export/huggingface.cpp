#include <nlohmann/json.hpp>

#include "base/files.h"
#include "export/companions.h"
#include "export/formats.h"
#include "export/merge.h"
#include "export/row_logits.h"
#include "methods/method.h"
#include "models/few_bits.h"
#include "models/quantise.h"
#include "models/sharded.h"

namespace luthier {

namespace {
constexpr const char* kAdapterFolder = "adapter";

std::uint64_t shard_bytes(const ExportOptions& options) {
  return static_cast<std::uint64_t>(options.shard_megabytes * 1e6);
}

/// The base model's weights as they are on the disk, ready for the adapter: with the trained model's head, names of
/// labels and vocabulary. A head that is on no disk comes with the adapter.
void write_base(const Model& model, const ExportInputs& inputs, const ExportOptions& options, const fs::path& folder) {
  LoadOptions load;
  load.head = model.head_kind();
  load.labels = model.label_names();
  const std::shared_ptr<Model> base = load_model(inputs.base_model, load);
  if (base->input_embedding().defined() && model.vocabulary() > base->vocabulary())
    base->set_vocabulary(model.vocabulary());
  if (const auto type = model.config().find("problem_type"); type != model.config().end())
    base->mutable_config()["problem_type"] = *type;
  save_model_sharded(*base, folder, options.precision, shard_bytes(options));
}

/// What every folder that LibTorch opens has beside its weights.
void write_companions(const Model& model, const ExportInputs& inputs, const fs::path& folder) {
  if (inputs.tokenizer) inputs.tokenizer->save(folder);
  save_processors(inputs.processors, folder);
  write_generation_config(model, inputs, folder);
}
}  // namespace

void write_huggingface(Model& model, const ExportInputs& inputs, const ExportOptions& options, const fs::path& folder) {
  if (options.merge) {
    save_model_sharded(*merged_copy(model), folder, options.precision, shard_bytes(options));
  } else {
    // The base model is named as seen from the adapter, so that the folder can be moved.
    save_adapter(model, folder / kAdapterFolder, "..");
    write_base(model, inputs, options, folder);
  }
  write_companions(model, inputs, folder);
}

void write_few_bits(Model& model, const ExportInputs& inputs, const ExportOptions& options, const fs::path& folder) {
  const std::shared_ptr<Model> copy = merged_copy(model);
  quantise_layers(*copy, {{.type = nn::quantised_type(options.precision)}, {}});
  save_in_few_bits(*copy, folder);
  write_companions(model, inputs, folder);
}

std::map<std::string, std::string> checksums_of_huggingface(const fs::path& folder) {
  std::map<std::string, std::string> sums = tensor_checksums(folder);
  if (!fs::exists(folder / kAdapterFolder)) return sums;
  for (const auto& [name, sum] : checksums_of_peft(folder / kAdapterFolder))
    sums[std::string(kAdapterFolder) + "/" + name] = sum;
  return sums;
}

}  // namespace luthier
