#include <cstdio>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "models/model.h"
#include "models/sharded.h"
#include "models/stored.h"

namespace luthier {

namespace {
std::string dtype_of(const std::string& precision) {
  if (precision == "fp32") return "float32";
  if (precision == "fp16") return "float16";
  if (precision == "bf16") return "bfloat16";
  fail(ErrorKind::bad_input, "there is no precision \"" + precision + "\"", {}, "use fp32, fp16 or bf16");
}
/// Bytes of a tensor as it will be written.
std::uint64_t written_bytes(const Tensor& tensor, const std::string& precision) {
  const bool half = tensor.is_floating_point() && (precision == "fp16" || precision == "bf16");
  const bool whole = tensor.is_floating_point() && precision == "fp32";
  return static_cast<std::uint64_t>(tensor.numel()) * (half ? 2 : whole ? 4 : tensor.element_size());
}

std::string shard_name(std::size_t index, std::size_t count) {
  char name[64];
  std::snprintf(name, sizeof name, "model-%05zu-of-%05zu.safetensors", index + 1, count);
  return name;
}

/// In the given order, each file as full as it gets.
std::vector<NamedTensors> cut_into_shards(const NamedTensors& tensors, const std::string& precision,
                                          std::uint64_t shard_bytes) {
  std::vector<NamedTensors> shards(1);
  std::uint64_t filled = 0;
  for (const auto& one : tensors) {
    const std::uint64_t bytes = written_bytes(one.second, precision);
    if (shard_bytes > 0 && !shards.back().empty() && filled + bytes > shard_bytes) {
      shards.emplace_back();
      filled = 0;
    }
    shards.back().push_back(one);
    filled += bytes;
  }
  return shards;
}

}  // namespace

void write_sharded(const fs::path& folder, const NamedTensors& tensors, const std::string& precision,
                   std::uint64_t shard_bytes) {
  const std::vector<NamedTensors> shards = cut_into_shards(tensors, precision, shard_bytes);
  if (shards.size() == 1) return write_tensors(folder / "model.safetensors", tensors, precision);
  Json places = Json::object();
  std::uint64_t bytes = 0;
  std::int64_t numbers = 0;
  for (std::size_t i = 0; i < shards.size(); ++i) {
    const std::string name = shard_name(i, shards.size());
    write_tensors(folder / name, shards[i], precision);
    for (const auto& [tensor_name, tensor] : shards[i]) {
      places[tensor_name] = name;
      bytes += written_bytes(tensor, precision);
      numbers += tensor.numel();
    }
  }
  write_json(folder / "model.safetensors.index.json",
             Json{{"metadata", {{"total_parameters", numbers}, {"total_size", bytes}}}, {"weight_map", places}});
}

void save_model(const Model& model, const fs::path& folder, const std::string& precision) {
  save_model_sharded(model, folder, precision, 0);
}

void save_model_sharded(const Model& model, const fs::path& folder, const std::string& precision,
                        std::uint64_t shard_bytes) {
  Json config = model.config();
  config["dtype"] = dtype_of(precision);
  const NamedTensors tensors = stored_tensors(model);
  for (const auto& [name, tensor] : tensors)
    if (name.find(".lora_") != std::string::npos || name.find(".adapters.") != std::string::npos ||
        name.ends_with(".ia3_l") || name.starts_with("prompt_encoder."))
      fail(ErrorKind::internal, "a model with an adapter still attached cannot be saved whole", name);
  fs::create_directories(folder);
  write_sharded(folder, tensors, precision, shard_bytes);
  write_json(folder / "config.json", config);
}

}  // namespace luthier
