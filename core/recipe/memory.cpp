#include "recipe/memory.h"

#include <algorithm>
#include <set>
#include <string>

namespace luthier {

namespace {

/// What the linear layers of a transformer layer read. Layers that read the same tensor keep it once.
enum class Input { attention, mixed, feed_forward, inner, other };

Input input_of(const std::string& module) {
  static const std::pair<const char*, Input> endings[] = {{".attention.self.query", Input::attention},
                                                          {".attention.self.key", Input::attention},
                                                          {".attention.self.value", Input::attention},
                                                          {".attention.attention.query", Input::attention},
                                                          {".attention.attention.key", Input::attention},
                                                          {".attention.attention.value", Input::attention},
                                                          {".attention.output.dense", Input::mixed},
                                                          {".intermediate.dense", Input::feed_forward},
                                                          {".output.dense", Input::inner},
                                                          {".q_lin", Input::attention},
                                                          {".k_lin", Input::attention},
                                                          {".v_lin", Input::attention},
                                                          {".out_lin", Input::mixed},
                                                          {".lin1", Input::feed_forward},
                                                          {".lin2", Input::inner},
                                                          {".q_proj", Input::attention},
                                                          {".k_proj", Input::attention},
                                                          {".v_proj", Input::attention},
                                                          {".o_proj", Input::mixed},
                                                          {".gate_proj", Input::feed_forward},
                                                          {".up_proj", Input::feed_forward},
                                                          {".down_proj", Input::inner}};
  for (const auto& [ending, input] : endings)
    if (module.ends_with(ending)) return input;
  return Input::other;
}

/// One layer's linear modules, from the model's first layer: layers are all alike.
std::vector<const ParameterOutline*> first_layer(const ModelOutline& model) {
  std::vector<const ParameterOutline*> found;
  for (const ParameterOutline& one : model.parameters)
    if (one.kind == ParameterOutline::Kind::linear && one.name.find(".0.") != std::string::npos &&
        input_of(one.module()) != Input::other)
      found.push_back(&one);
  return found;
}

/// Numbers a token that one layer keeps for the backward pass whatever trains: queries, keys and values, the inputs of
/// both norms, and the inner projections before their activation.
double always_kept(const std::vector<const ParameterOutline*>& layer, const ModelSizes& sizes) {
  double kept = 2.0 * static_cast<double>(sizes.channels);
  for (const ParameterOutline* one : layer) {
    const Input input = input_of(one->module());
    if (input == Input::attention || input == Input::feed_forward) kept += static_cast<double>(one->shape[0]);
  }
  return kept;
}

/// Numbers a token kept because a layer's weight, or its adapter, needs its input. Dropout in an adapter makes a copy
/// of its own.
double inputs_kept(const std::vector<const ParameterOutline*>& layer, const ModelOutline& model,
                   const MethodOptions& method, bool fused_attention) {
  const auto* lora = std::get_if<LoraOptions>(&method);
  std::set<std::string> adapted;
  if (lora)
    for (const std::string& module : lora_layers(model, *lora)) adapted.insert(module);
  double kept = 0;
  std::set<Input> seen;
  // The fused attention keeps its own output, which is what the layer behind it reads.
  if (fused_attention) {
    seen.insert(Input::mixed);
    for (const ParameterOutline* one : layer)
      if (input_of(one->module()) == Input::mixed) kept += static_cast<double>(one->shape[1]);
  }
  for (const ParameterOutline* one : layer) {
    if (lora && !adapted.count(one->module())) continue;
    const bool copies = lora && lora->dropout > 0;
    if (seen.insert(input_of(one->module())).second || copies) kept += static_cast<double>(one->shape[1]);
    if (lora) kept += static_cast<double>(lora->rank);
  }
  return kept;
}

/// Whether a language model's projection to the vocabulary trains: its gradient is made before anything is freed.
bool output_trains(const ModelOutline& model, const MethodOptions& method) {
  if (std::holds_alternative<LoraOptions>(method)) return false;
  const auto* full = std::get_if<FullOptions>(&method);
  for (const ParameterOutline& one : model.parameters)
    if (one.is_output && !one.tied_to.empty()) return full && full->train_embeddings;
  return true;
}

/// Hostile configs and huge batches reach numbers that no integer holds.
std::int64_t whole_bytes(double bytes) { return static_cast<std::int64_t>(std::min(bytes, 1e17)); }

constexpr double kChunkRows = 256;  // rows of logits that exist at once in a language-model loss
constexpr double kMaskedShare = 0.15;
constexpr std::int64_t kFixedBytes = 4'000'000;  // measured: what OpenBLAS and LibTorch keep after a first step
// Measured: holes in the heap between tensors of unlike size. A frozen network frees at once what it makes, so that
// its holes are larger.
constexpr double kHoles = 1.08, kHolesOfFrozen = 1.6;

}  // namespace

std::int64_t MemoryEstimate::total() const {
  const std::int64_t computing = activations_bytes + output_bytes + passing_bytes;
  return weights_bytes + optimizer_bytes + fixed_bytes +
         (accumulates ? gradients_bytes + computing : std::max(gradients_bytes, computing));
}

MemoryEstimate estimate_memory(const ModelOutline& model, const MethodOptions& method, const TrainingOptions& training,
                               std::int64_t tokens, bool two_byte_computation) {
  const std::int64_t trained = trainable_parameters(model, method);
  const ModelSizes& s = model.sizes;
  const double rows = static_cast<double>(training.batch_size),
               width = static_cast<double>(model.sizes.row_tokens > 0 ? model.sizes.row_tokens : tokens);
  const double bytes = two_byte_computation ? 2 : 4;
  const double channels = static_cast<double>(s.channels), inner = static_cast<double>(s.feed_forward);
  const bool features_only = std::holds_alternative<FeatureExtractionOptions>(method);

  MemoryEstimate need;
  const std::int64_t added =
      std::holds_alternative<LoraOptions>(method) ? lora_parameters(model, std::get<LoraOptions>(method)) : 0;
  need.weights_bytes = 4 * (model.total_parameters + added);
  need.mapped_bytes = 4 * std::max<std::int64_t>(0, model.total_parameters + added - trained);
  need.gradients_bytes = 4 * trained;
  need.optimizer_bytes = 8 * trained;
  need.fixed_bytes = kFixedBytes;
  need.accumulates = training.gradient_accumulation > 1;

  if (s.map_values > 0) {
    const double pixels = rows * static_cast<double>(s.image_size) * static_cast<double>(s.image_size);
    need.activations_bytes = whole_bytes(kHoles * (features_only ? 2 * s.largest_map : s.map_values) * pixels * bytes);
    need.passing_bytes = whole_bytes((features_only ? kHolesOfFrozen : kHoles) * 2 * s.largest_map * pixels * bytes);
    return need;
  }
  const double dropout = training.dropout >= 0 ? training.dropout : s.attention_dropout;
  const double pairs = dropout > 0 ? static_cast<double>(s.heads) * width : 0;  // attention weights a token, if kept
  // While a layer computes: its inner projections and their slopes, or its attention weights and theirs.
  const double passing = 2 * channels + std::max((s.gated ? 4 : 2) * inner, 3 * pairs);
  if (features_only) {
    need.activations_bytes = whole_bytes(kHoles * 2 * channels * rows * width * bytes);  // in and out of a layer
  } else {
    const auto layer = first_layer(model);
    const double kept = always_kept(layer, s) + inputs_kept(layer, model, method, dropout <= 0) + pairs;
    need.activations_bytes =
        whole_bytes(kHoles * (kept * static_cast<double>(s.layers) + 2 * channels) * rows * width * bytes);
  }
  need.passing_bytes = whole_bytes((features_only ? kHolesOfFrozen : kHoles) * passing * rows * width * bytes);
  if (model.head != "masked_lm" && model.head != "causal_lm") return need;
  // The rows that carry loss and their gradient, a chunk of logits and its gradient, the projection's gradient.
  const double loss_rows = rows * width * (model.head == "masked_lm" ? kMaskedShare : 1);
  const double vocabulary = static_cast<double>(s.vocabulary);
  const double projection = output_trains(model, method) ? vocabulary * channels : 0;
  need.output_bytes =
      whole_bytes(4 * (2 * loss_rows * channels + 2 * std::min(loss_rows, kChunkRows) * vocabulary + projection));
  return need;
}

}  // namespace luthier
