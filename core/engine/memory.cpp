#include "engine/memory.h"

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "device/device.h"

namespace luthier {

namespace {

std::int64_t first_of(const Json& config, std::initializer_list<const char*> keys, std::int64_t fallback) {
  for (const char* key : keys)
    if (const auto found = config.find(key); found != config.end() && found->is_number_integer())
      return found->get<std::int64_t>();
  return fallback;
}

std::string megabytes(std::uint64_t bytes) { return std::to_string(bytes >> 20) + " MB"; }

std::uint64_t available_bytes(const std::string& device) {
  if (device == "cpu") return memory().available_here_bytes;
  const std::size_t index = device.size() > 5 ? static_cast<std::size_t>(std::stoul(device.substr(5))) : 0;
  const std::vector<Gpu> all = gpus();
  return index < all.size() ? all[index].free_bytes : UINT64_MAX;
}

}  // namespace

std::uint64_t estimate_training_bytes(const Prepared& parts) {
  const Json& config = parts.model->config();
  const std::int64_t hidden = first_of(config, {"hidden_size", "dim"}, 768);
  const std::int64_t layers = first_of(config, {"num_hidden_layers", "n_layers"}, 12);
  const std::int64_t inner = first_of(config, {"intermediate_size", "hidden_dim"}, 4 * hidden);
  const std::int64_t heads = first_of(config, {"num_attention_heads", "n_heads"}, 12);
  std::int64_t longest = 1;
  for (std::int64_t i = 0; i < parts.data.train.size(); ++i)
    longest = std::max<std::int64_t>(longest, parts.data.train.length(i));
  const auto tokens = static_cast<double>(parts.recipe.training.batch_size * longest);
  // What backward keeps of one layer and token: inputs of the linear layers, norms and activations; with attention
  // dropout the probabilities too.
  const double kept = static_cast<double>(8 * hidden + 3 * inner) + 2.0 * static_cast<double>(heads * longest);
  const double activations = parts.attached.frozen_backbone ? tokens * static_cast<double>(4 * hidden + inner)
                                                            : tokens * kept * static_cast<double>(layers);
  const bool language_model =
      parts.model->head_kind() == Head::masked_lm || parts.model->head_kind() == Head::causal_lm;
  const double logits = language_model ? 2.0 * 256.0 * static_cast<double>(parts.model->vocabulary()) : 0;
  // Weights once, gradients and two moments for what trains.
  const double parameters = static_cast<double>(parts.attached.all_parameters) +
                            3.0 * static_cast<double>(parts.attached.trainable_parameters);
  return static_cast<std::uint64_t>(4.0 * (parameters + activations + logits));
}

void check_memory(const Prepared& parts) {
  const std::uint64_t needed = estimate_training_bytes(parts), available = available_bytes(parts.device);
  if (needed <= available) return;
  fail(ErrorKind::out_of_memory,
       "training would need about " + megabytes(needed) + " of memory, " + megabytes(available) + " are available on " +
           parts.device,
       "training.batch_size",
       "halve training.batch_size and double training.gradient_accumulation (the numbers stay the same), lower "
       "data.max_tokens, or choose method lora");
}

}  // namespace luthier
