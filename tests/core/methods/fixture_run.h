#pragma once
// Fixture batches, their loss as transformers computes it, and AdamW steps over them.
#include <torch/nn/functional/loss.h>
#include <torch/types.h>

#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/json.h"
#include "methods/method.h"
#include "models/sequences.h"
#include "models/tensors.h"
#include "nn/adamw.h"
#include "nn/loss.h"
#include "support/testing.h"

namespace luthier::testing {

struct FixtureBatch {
  Batch inputs;
  torch::Tensor labels, expected_logits;
};

inline torch::Tensor find_tensor(const NamedTensors& tensors, const std::string& name) {
  for (const auto& [key, tensor] : tensors)
    if (key == name) return tensor;
  return {};
}

/// `which`: "batch0" or "batch1" of tests/fixtures/<name>/io.safetensors.
inline FixtureBatch fixture_batch(const std::string& name, const std::string& which) {
  const NamedTensors tensors = read_tensors(fixture(name) / "io.safetensors");
  FixtureBatch batch;
  batch.inputs.input_ids = find_tensor(tensors, which + ".input_ids");
  batch.inputs.pixel_values = find_tensor(tensors, which + ".pixel_values");
  batch.inputs.input_values = find_tensor(tensors, which + ".input_values");
  batch.inputs.input_features = find_tensor(tensors, which + ".input_features");
  const torch::Tensor mask = find_tensor(tensors, which + ".attention_mask");
  if (mask.defined()) batch.inputs.attention_mask = mask.ne(0);
  batch.labels = find_tensor(tensors, which + ".labels");
  const Json config = read_json(fixture(name) / "base/config.json");
  if (config.value("is_encoder_decoder", false)) batch.inputs.decoder_input_ids = shifted_right(batch.labels, config);
  batch.expected_logits = find_tensor(tensors, which + ".expect.logits");
  return batch;
}

inline std::shared_ptr<Model> fixture_model(const std::string& name, LoadOptions options = {}) {
  const fs::path folder = fixture(name) / "base";
  options.head = head_of_config(read_json(folder / "config.json"));
  return load_model(folder, options);
}

/// Mean cross entropy over the labels that are not -100; causal models predict the next token, CTC spells.
inline torch::Tensor mean_loss(Model& model, const FixtureBatch& batch) {
  torch::Tensor logits = model.logits(batch.inputs), labels = batch.labels;
  if (model.head_kind() == Head::ctc) {
    const torch::Tensor rows = nn::ctc_loss(logits, model.frame_lengths(batch.inputs, logits.size(1)), labels,
                                            ctc_blank(model.config()), /*skip_impossible=*/true);
    return rows.div(labels.ge(0).sum(-1).clamp_min(1)).mean();
  }
  if (model.head_kind() == Head::causal_lm) {
    logits = logits.slice(1, 0, -1);
    labels = labels.slice(1, 1);
  }
  return torch::nn::functional::cross_entropy(logits.reshape({-1, logits.size(-1)}), labels.reshape({-1}));
}

/// `steps` AdamW steps with gradients clipped at 1; the losses before each.
inline std::vector<double> train(Model& model, const Attached& attached, const std::string& name, int steps,
                                 double rate) {
  std::vector<torch::Tensor> parameters;
  for (const auto& [key, parameter] : attached.trainable) parameters.push_back(parameter);
  nn::AdamW optimizer(parameters, std::vector<bool>(parameters.size(), false), {.learning_rate = rate});
  std::vector<double> losses;
  for (int step = 0; step < steps; ++step) {
    const torch::Tensor loss = mean_loss(model, fixture_batch(name, step % 2 == 0 ? "batch0" : "batch1"));
    loss.backward();
    nn::clip_gradients(parameters, nn::gradient_norm(parameters), 1.0);
    optimizer.step(rate);
    optimizer.zero_grad();
    losses.push_back(loss.item<double>());
  }
  return losses;
}

/// Largest difference, relative to the largest expected magnitude, over the positions that are tokens.
inline double relative_difference(const torch::Tensor& got, const torch::Tensor& expected, const Batch& inputs) {
  torch::Tensor difference = (got - expected).abs();
  if (expected.dim() == 3 && inputs.attention_mask.defined() && inputs.input_ids.defined() &&
      !inputs.decoder_input_ids.defined())
    difference = difference * inputs.attention_mask.unsqueeze(-1);
  return difference.max().item<double>() / expected.abs().max().item<double>();
}

}  // namespace luthier::testing
