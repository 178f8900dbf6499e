#include "export/traced_signature.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>
#include <ATen/ops/ones.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "models/config.h"
#include "recipe/catalog.h"
#include "recipe/vision_shapes.h"

namespace luthier {

namespace {

// Sizes of the examples: all different and none 1, which LibTorch may take for something else.
constexpr std::int64_t kExampleRows = 2, kTokens = 5, kSeen = 3, kTargets = 4, kSamples = 16000, kPixels = 64;

using TensorList = std::vector<Tensor>;

class Examples {
 public:
  explicit Examples(Model& model)
      : model_(model), weights_(model.parameters().front().options().requires_grad(false)) {}

  NamedExample ids(const std::string& name, std::int64_t tokens, const std::string& axis) const {
    const std::int64_t count = std::min(tokens, model_.max_positions());
    const Tensor some =
        at::arange(kExampleRows * count, numbers()).remainder(model_.vocabulary()).view({kExampleRows, count});
    return {name, some, {"batch", axis}};
  }
  NamedExample mask(std::int64_t length, const std::string& axis) const {
    return {"attention_mask", at::ones({kExampleRows, length}, numbers()), {"batch", axis}};
  }
  NamedExample floats(const std::string& name, at::IntArrayRef shape, std::vector<std::string> axes) const {
    return {name, at::zeros(shape, weights_), std::move(axes)};
  }

 private:
  at::TensorOptions numbers() const { return weights_.dtype(at::kLong); }
  Model& model_;
  at::TensorOptions weights_;
};

/// What the model reads, but for what a decoder reads.
std::vector<NamedExample> source_inputs(Model& model) {
  const Examples examples(model);
  const Json& config = model.config();
  const std::string& family = model.family();
  const std::string modality = family_of_model_type(config.at("model_type")).modality;
  if (modality == "image") {
    if (family != "vit") {
      const std::int64_t channels = config_size(config, "num_channels", 3);
      return {examples.floats("pixel_values", {kExampleRows, channels, kPixels, kPixels},
                              {"batch", "", "height", "width"})};
    }
    const VitShape shape = vit_shape(config);
    return {examples.floats("pixel_values", {kExampleRows, shape.image_channels, shape.image_height, shape.image_width},
                            {"batch"})};
  }
  if (family == "whisper")
    return {examples.floats(
        "input_features",
        {kExampleRows, config_size(config, "num_mel_bins", 80), 2 * config_size(config, "max_source_positions", 1500)},
        {"batch"})};
  if (family == "wav2vec2")
    return {examples.floats("input_values", {kExampleRows, kSamples}, {"batch", "samples"}),
            examples.mask(kSamples, "samples")};
  std::vector<NamedExample> inputs = {examples.ids("input_ids", kTokens, "length")};
  inputs.push_back(examples.mask(inputs.front().tensor.size(1), "length"));
  if (model.named_parameters().contains("bert.embeddings.token_type_embeddings.weight")) {
    NamedExample types = inputs.back();
    types.name = "token_type_ids";
    types.tensor = types.tensor.sub(1);
    inputs.push_back(types);
  }
  return inputs;
}

/// Puts a named input where the model reads it.
void give(Batch& batch, const std::string& name, const Tensor& value) {
  if (name == "attention_mask")
    batch.attention_mask = value.ne(0);
  else if (name == "input_ids")
    batch.input_ids = value;
  else if (name == "token_type_ids")
    batch.token_type_ids = value;
  else if (name == "pixel_values")
    batch.pixel_values = value;
  else if (name == "input_values")
    batch.input_values = value;
  else if (name == "input_features")
    batch.input_features = value;
  else if (name == "decoder_input_ids")
    batch.decoder_input_ids = value;
  else
    fail(ErrorKind::internal, "no model reads " + name);
}

Batch batch_of(const std::vector<NamedExample>& inputs, const TensorList& values) {
  Batch batch;
  for (std::size_t i = 0; i < inputs.size(); ++i) give(batch, inputs[i].name, values[i]);
  return batch;
}

/// The names of the logits' dimensions.
std::vector<std::string> logit_axes(const Model& model, const std::string& tokens) {
  if (classifies_rows(model.head_kind())) return {"batch"};
  return {"batch", model.head_kind() == Head::ctc ? "frames" : tokens};
}

TracedSignature whole(Model& model) {
  TracedSignature signature{"forward", source_inputs(model), {}};
  std::string tokens = "length";
  if (model.is_encoder_decoder() && model.head_kind() == Head::seq2seq_lm) {
    tokens = "target_length";
    signature.inputs.push_back(Examples(model).ids("decoder_input_ids", kTargets, tokens));
  }
  signature.compute = [&model, inputs = signature.inputs, tokens](const TensorList& values) {
    return std::vector<NamedExample>{{"logits", model.logits(batch_of(inputs, values)), logit_axes(model, tokens)}};
  };
  return signature;
}

/// One tensor of every layer, under "<prefix>_key_0", "<prefix>_value_0", "<prefix>_key_1" ...
void add_layers(std::vector<NamedExample>& to, const std::string& prefix, const TensorList& keys,
                const TensorList& values, const std::string& axis) {
  for (std::size_t i = 0; i < keys.size(); ++i) {
    const std::string number = std::to_string(i);
    to.push_back({prefix + "key_" + number, keys[i], {"batch", "", axis}});
    to.push_back({prefix + "value_" + number, values[i], {"batch", "", axis}});
  }
}

/// The other way round: takes the layers from `first` on.
void take_layers(const TensorList& from, std::size_t& first, std::size_t layers, TensorList& keys, TensorList& values) {
  for (std::size_t i = 0; i < layers; ++i) {
    keys.push_back(from[first++]);
    values.push_back(from[first++]);
  }
}

TracedSignature encoding(Model& model) {
  TracedSignature signature{"encode", source_inputs(model), {}};
  const std::string axis = model.family() == "whisper" ? "" : "length";
  const Tensor start = Examples(model).ids("decoder_input_ids", 1, "").tensor;
  signature.compute = [&model, inputs = signature.inputs, axis, start](const TensorList& values) {
    Batch batch = batch_of(inputs, values);
    batch.encoder_states = model.encode(batch);
    batch.decoder_input_ids = start;  // what the decoder makes of it is left out of the graph
    KeyValueCache cache;
    model.hidden(batch, &cache);
    std::vector<NamedExample> outputs = {{"encoder_states", batch.encoder_states, {"batch", axis}}};
    add_layers(outputs, "cross_", cache.cross_keys, cache.cross_values, axis);
    return outputs;
  };
  return signature;
}

TracedSignature decoding(Model& model) {
  const Examples examples(model);
  const bool crosses = model.is_encoder_decoder();
  const std::string source_axis = model.family() == "whisper" ? "" : "source_length";
  // A first pass shows how the cache is made up.
  std::vector<NamedExample> source = source_inputs(model);
  TensorList given;
  for (const NamedExample& one : source) given.push_back(one.tensor);
  Batch batch = batch_of(source, given);
  const Tensor seen = examples.ids("input_ids", kSeen, "").tensor;
  if (crosses) {
    batch.decoder_input_ids = seen;
  } else {
    batch.input_ids = seen;
    batch.attention_mask.reset();
  }
  KeyValueCache first;
  model.hidden(batch, &first);
  for (TensorList* list : {&first.keys, &first.values, &first.cross_keys, &first.cross_values})
    for (Tensor& one : *list) one = one.contiguous();  // some are views of larger ones

  TracedSignature signature{"decode", {examples.ids("input_ids", kTokens, "length")}, {}};
  const std::int64_t total = seen.size(1) + signature.inputs.front().tensor.size(1);
  bool masked = true;
  if (!crosses)
    signature.inputs.push_back(examples.mask(total, "total_length"));
  else if (masked = batch.attention_mask.defined(); masked)
    signature.inputs.push_back(examples.mask(batch.attention_mask.size(1), source_axis));
  add_layers(signature.inputs, "past_", first.keys, first.values, "past_length");
  add_layers(signature.inputs, "cross_", first.cross_keys, first.cross_values, source_axis);
  signature.compute = [&model, crosses, masked, layers = first.keys.size()](const TensorList& values) {
    Batch next;
    (crosses ? next.decoder_input_ids : next.input_ids) = values[0];
    if (masked) next.attention_mask = values[1].ne(0);
    std::size_t at = masked ? 2 : 1;
    KeyValueCache cache;
    take_layers(values, at, layers, cache.keys, cache.values);
    if (crosses) take_layers(values, at, layers, cache.cross_keys, cache.cross_values);
    const Tensor hidden = model.hidden(next, &cache);
    std::vector<NamedExample> outputs = {{"logits", model.token_logits(hidden), {"batch", "length"}}};
    add_layers(outputs, "", cache.keys, cache.values, "total_length");
    return outputs;
  };
  return signature;
}

}  // namespace

std::vector<TracedSignature> traced_signatures(Model& model) {
  const at::NoGradGuard no_grad;
  std::vector<TracedSignature> signatures = {whole(model)};
  if (model.prompt()) return signatures;  // what writes token by token would have to give the prompt only once
  if (model.head_kind() == Head::seq2seq_lm) signatures.push_back(encoding(model));
  if (model.head_kind() == Head::seq2seq_lm || model.head_kind() == Head::causal_lm)
    signatures.push_back(decoding(model));
  return signatures;
}

}  // namespace luthier
