#include "models/few_bits.h"

#include <ATen/core/grad_mode.h>

#include <ATen/ops/isfinite.h>
#include <ATen/ops/zeros.h>
#ifdef __GLIBC__
#include <malloc.h>
#endif

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "models/quantise.h"
#include "models/stored.h"

namespace luthier {

namespace {
constexpr const char* kConfigKey = "quantization_config";
constexpr const char* kMethod = "luthier";
constexpr const char* kPlace = ".quantised.";  ///< between a layer's name and its tensors'
constexpr std::int64_t kLargestBlock = 1 << 16;
constexpr std::int64_t kWorthTrimming = 1 << 18;  ///< numbers of a layer: a megabyte

/// The tensors of a quantised weight by their names; those that it does not have are undefined.
std::vector<std::pair<const char*, Tensor>> parts_of(const nn::QuantisedWeight& weight) {
  return {{"packed", weight.packed},
          {"absmax", weight.absmax},
          {"absmax_absmax", weight.absmax_absmax},
          {"absmax_offset", weight.absmax_offset}};
}
}  // namespace

Json quantisation_to_json(const nn::QuantiseOptions& how) {
  return {{"type", nn::to_string(how.type)}, {"block", how.block}, {"double", how.double_quantisation}};
}

std::optional<nn::QuantiseOptions> quantisation_from_json(const Json& json) {
  const std::int64_t block = json.at("block");
  if (block < 1 || block > kLargestBlock) return std::nullopt;
  return nn::QuantiseOptions{nn::quantised_type(json.at("type")), block, json.at("double")};
}

std::optional<nn::QuantiseOptions> stored_quantisation(const Json& config, const fs::path& file) {
  const auto told = config.find(kConfigKey);
  if (told == config.end() || told->is_null()) return std::nullopt;
  if (!told->is_object() || told->value("quant_method", Json()) != kMethod)
    fail(ErrorKind::unsupported, "this checkpoint is quantised", file.string(),
         "choose the original in fp32, fp16 or bf16");
  try {
    if (const auto how = quantisation_from_json(*told)) return how;
  } catch (const Json::exception&) {
    // told below
  }
  fail(ErrorKind::bad_input, "config.json does not say how the weights are kept in few bits", file.string(),
       "export the model again");
}

bool is_in_few_bits(const fs::path& folder) {
  const fs::path file = folder / "config.json";
  if (!fs::exists(file)) return false;
  const Json config = read_json(file);
  return config.is_object() && stored_quantisation(config, file).has_value();
}

void save_in_few_bits(const Model& model, const fs::path& folder) {
  const std::optional<nn::QuantiseOptions> how = quantisation_of(model);
  if (!how) fail(ErrorKind::internal, "a model in full precision is not saved in few bits");
  NamedTensors tensors = kept_tensors(model);
  for (auto& [name, values] : tensors)
    if (values.is_floating_point()) values = values.detach().to(at::kHalf);
  for (const auto& buffer : model.named_buffers())
    if (nn::is_quantised_buffer(buffer.key())) tensors.emplace_back(buffer.key(), buffer.value());
  Json config = model.config();
  config["dtype"] = "float16";
  config[kConfigKey] = quantisation_to_json(*how);
  config[kConfigKey]["quant_method"] = kMethod;
  fs::create_directories(folder);
  write_tensors(folder / "model.safetensors", tensors);
  write_json(folder / "config.json", config);
}

bool take_stored_bits(nn::Linear& layer, const std::string& name, const nn::QuantiseOptions& how,
                      const FindStored& find) {
  if (!find(name + kPlace + "packed").defined()) return false;
  const at::NoGradGuard no_grad;
  // This makes parts of the right shapes and types, whose place the stored ones take.
  [[maybe_unused]] const std::int64_t numbers = layer.weight.numel();
  layer.quantise(at::zeros(layer.weight.sizes(), at::kFloat), how);
  for (auto& [part, slot] : parts_of(*layer.quantised())) {
    if (!slot.defined()) continue;
    const std::string full = name + kPlace + part;
    const Tensor stored = find(full);
    if (!stored.defined())
      fail(ErrorKind::bad_input, "the checkpoint lacks \"" + full + "\"", {}, "export the model again");
    if (stored.sizes() != slot.sizes() || stored.scalar_type() != slot.scalar_type())
      fail(ErrorKind::bad_input, "\"" + full + "\" does not have the size or type that config.json asks for", {},
           "config.json and the weights do not belong together: export the model again");
    if (stored.is_floating_point() && !at::isfinite(stored).all().item<bool>())
      fail(ErrorKind::bad_input, "\"" + full + "\" holds numbers that are not finite (NaN or infinity)", {},
           "export the model again");
    slot.set_data(stored);
  }
#ifdef __GLIBC__
  // What those parts took lies free between the weights of other layers, and would stay the process's own.
  if (numbers >= kWorthTrimming) malloc_trim(0);
#endif
  return true;
}

}  // namespace luthier
