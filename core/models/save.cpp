#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "models/model.h"
#include "models/stored.h"

namespace luthier {

namespace {
std::string dtype_of(const std::string& precision) {
  if (precision == "fp32") return "float32";
  if (precision == "fp16") return "float16";
  if (precision == "bf16") return "bfloat16";
  fail(ErrorKind::bad_input, "there is no precision \"" + precision + "\"", {}, "use fp32, fp16 or bf16");
}
}  // namespace

void save_model(const Model& model, const fs::path& folder, const std::string& precision) {
  Json config = model.config();
  config["dtype"] = dtype_of(precision);
  const NamedTensors tensors = stored_tensors(model);
  for (const auto& [name, tensor] : tensors)
    if (name.find(".lora_") != std::string::npos)
      fail(ErrorKind::internal, "a model with an adapter still attached cannot be saved whole", name);
  fs::create_directories(folder);
  write_tensors(folder / "model.safetensors", tensors, precision);
  write_json(folder / "config.json", config);
}

}  // namespace luthier
