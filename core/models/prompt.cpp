#include "models/prompt.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/empty_like.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/tanh.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/zeros.h>

#include <cmath>

#include "nn/tracing.h"

namespace luthier {

namespace {
class Table : public torch::nn::Module {
 public:
  explicit Table(const Tensor& weight, const Tensor& bias = {}) {
    register_parameter("weight", weight);
    if (bias.defined()) register_parameter("bias", bias);
  }
};
class Sequence : public torch::nn::Module {};

/// torch's own start of a linear layer.
Tensor drawn(at::IntArrayRef shape, std::int64_t inputs, const at::Generator& generator) {
  const double bound = 1 / std::sqrt(static_cast<double>(inputs));
  return at::empty(shape, at::kFloat).uniform_(-bound, bound, generator).requires_grad_(true);
}
}  // namespace

Prompt::Prompt(Kind kind, const Tensor& values)
    : kind_(kind), embedding_(values.detach().clone().requires_grad_(true)) {
  register_module("embedding", std::make_shared<Table>(embedding_));
}

Prompt::Prompt(const Tensor& start, std::int64_t channels, std::int64_t inner, bool from_nothing,
               const at::Generator& generator)
    : kind_(Kind::keys_and_values), inner_(inner) {
  const std::int64_t outputs = start.size(1);
  start_ = register_buffer("start", start.detach().clone());
  embedding_ = at::empty({start.size(0), channels}, at::kFloat).normal_(0, 1, generator).requires_grad_(true);
  in_ = drawn({inner, channels}, channels, generator);
  in_bias_ = drawn({inner}, channels, generator);
  out_ = from_nothing ? at::zeros({outputs, inner}).requires_grad_(true) : drawn({outputs, inner}, inner, generator);
  out_bias_ = from_nothing ? at::zeros({outputs}).requires_grad_(true) : drawn({outputs}, inner, generator);
  register_module("embedding", std::make_shared<Table>(embedding_));
  const auto transform = register_module("transform", std::make_shared<Sequence>());
  transform->register_module("0", std::make_shared<Table>(in_, in_bias_));
  transform->register_module("2", std::make_shared<Table>(out_, out_bias_));
}

Tensor Prompt::values() const {
  if (inner_ == 0) return embedding_;
  return start_ + at::linear(at::tanh(at::linear(embedding_, in_, in_bias_)), out_, out_bias_);
}

std::int64_t PassSettings::prompt_tokens() const {
  if (prompt.defined()) return prompt.size(0);
  return keys.empty() ? 0 : keys.front().size(1);
}

std::int64_t prefix_pair(std::int64_t layer, std::int64_t layers, bool is_encoder_decoder) {
  return is_encoder_decoder ? 2 * layer % layers : layer;
}

void cut_prefix(const Tensor& values, const PromptPlaces& places, bool is_encoder_decoder, PassSettings& settings) {
  const Tensor parts = values.view({values.size(0), 2 * places.layers, places.key_heads, places.head_size})
                           .permute({1, 2, 0, 3});  // [2 layers, H_kv, P, D]
  for (std::int64_t layer = 0; layer < places.layers; ++layer) {
    const std::int64_t pair = prefix_pair(layer, places.layers, is_encoder_decoder);
    settings.keys.push_back(parts.select(0, 2 * pair));
    settings.values.push_back(parts.select(0, 2 * pair + 1));
  }
}

Tensor with_virtual(const Tensor& mask, std::int64_t count) {
  if (!mask.defined() || count == 0) return mask;
  return at::cat({nn::for_every_row(at::ones({1, count}, mask.options()), mask), mask}, 1);
}

Tensor after_prompt(const Tensor& embeddings, const Tensor& prompt) {
  return at::cat({nn::for_every_row(prompt.to(embeddings.scalar_type()).unsqueeze(0), embeddings), embeddings}, 1);
}

Tensor after_prefix(const Tensor& own, const Tensor& prefix) {
  if (!prefix.defined()) return own;
  return at::cat({nn::for_every_row(prefix.to(own.scalar_type()).unsqueeze(0), own), own}, 2);
}

std::int64_t positions_before(KeyValueCache* cache, std::size_t layers, const PassSettings& settings,
                              std::int64_t rows) {
  if (!cache) return settings.prompt.defined() ? 0 : settings.prompt_tokens();
  if (cache->keys.empty()) {
    cache->keys.resize(layers);
    cache->values.resize(layers);
    // Copies with plain strides: append_to_cache reads from them how much room there is.
    const auto placed = [&](const Tensor& prefix) {
      return prefix.unsqueeze(0).expand({rows, -1, -1, -1}).clone(at::MemoryFormat::Contiguous);
    };
    for (std::size_t layer = 0; layer < settings.keys.size(); ++layer) {
      cache->keys[layer] = placed(settings.keys[layer]);
      cache->values[layer] = placed(settings.values[layer]);
    }
  }
  return cache->length();
}

Tensor with_noise(const Tensor& embeddings, const Tensor& mask, double alpha,
                  const std::vector<std::int64_t>& segments) {
  if (alpha <= 0) return embeddings;
  const Tensor noise = at::empty_like(embeddings).uniform_(-1, 1);
  const auto channels = static_cast<double>(embeddings.size(2));
  if (!segments.empty()) {
    const Tensor lengths = at::tensor(segments, at::kLong).to(embeddings.device());
    const Tensor scale = lengths.mul(channels).to(at::kFloat).rsqrt().mul(alpha).repeat_interleave(lengths);  // [T]
    return embeddings + noise * scale.to(embeddings.scalar_type()).view({1, -1, 1});
  }
  if (!mask.defined())
    return embeddings + noise * (alpha / std::sqrt(static_cast<double>(embeddings.size(1)) * channels));
  const Tensor scale = mask.sum(1).clamp_min(1).mul(channels).to(at::kFloat).rsqrt().mul(alpha);  // [B]
  return embeddings + noise * scale.to(embeddings.scalar_type()).view({-1, 1, 1});
}

}  // namespace luthier
