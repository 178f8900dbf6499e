#pragma once
// Comparing models with numbers that transformers wrote: a folder with base/ and io.safetensors.
#include <ATen/core/grad_mode.h>
#include <ATen/ops/arange.h>

#include <map>
#include <nlohmann/json.hpp>

#include "base/json.h"
#include "models/families.h"
#include "models/model.h"
#include "models/sequences.h"
#include "models/tensors.h"
#include "nn/adamw.h"
#include "nn/batch_norm.h"
#include "nn/loss.h"
#include "support/testing.h"

namespace luthier::testing {

using Tensors = std::map<std::string, Tensor>;

inline Tensors tensors_of(const fs::path& file) {
  Tensors tensors;
  for (const auto& [name, tensor] : read_tensors(file)) tensors[name] = tensor;
  return tensors;
}

inline Batch batch_of(const Tensors& tensors, const std::string& prefix) {
  Batch batch;
  const std::pair<const char*, Tensor*> inputs[] = {{"input_ids", &batch.input_ids},
                                                    {"pixel_values", &batch.pixel_values},
                                                    {"input_values", &batch.input_values},
                                                    {"input_features", &batch.input_features},
                                                    {"decoder_input_ids", &batch.decoder_input_ids}};
  for (const auto& [name, input] : inputs)
    if (const auto found = tensors.find(prefix + name); found != tensors.end()) *input = found->second;
  if (tensors.count(prefix + "attention_mask")) batch.attention_mask = tensors.at(prefix + "attention_mask").ne(0);
  if (tensors.count(prefix + "token_type_ids")) batch.token_type_ids = tensors.at(prefix + "token_type_ids");
  return batch;
}

/// The batch as this model reads it: decoders get their inputs from the labels.
inline Batch batch_for(const Model& model, const Tensors& tensors, const std::string& prefix) {
  Batch batch = batch_of(tensors, prefix);
  if (model.head_kind() == Head::seq2seq_lm && !batch.decoder_input_ids.defined())
    batch.decoder_input_ids = shifted_right(tensors.at(prefix + "labels"), model.config());
  return batch;
}

/// Largest difference over the positions that are no padding, relative to the largest expected value.
inline double difference(const Tensor& got, const Tensor& expected, const Batch& batch) {
  if (got.sizes() != expected.sizes()) return 1e9;
  Tensor error = (got - expected).abs();
  const bool by_token = expected.dim() == 3 && batch.input_ids.defined() && !batch.decoder_input_ids.defined();
  if (by_token && batch.attention_mask.defined()) error = error * batch.attention_mask.unsqueeze(-1);
  return error.max().item<double>() / expected.abs().max().item<double>();
}

/// The mean loss of transformers: over labels that are not -100; causal models shift by one.
inline Tensor mean_loss(const Model& model, const Tensor& logits, const Tensor& labels) {
  if (labels.is_floating_point()) {  // numbers to predict, or labels that each hold or do not
    const bool several = model.config().value("problem_type", "") == "multi_label_classification";
    const Tensor targets = labels.reshape(logits.sizes());
    return (several ? nn::binary_cross_entropy_sum(logits, targets) : nn::squared_error_sum(logits, targets))
        .div(static_cast<double>(logits.numel()));
  }
  const bool causal = model.head_kind() == Head::causal_lm;
  const std::int64_t tokens = causal ? logits.size(1) - 1 : 0;
  const Tensor rows = causal ? logits.narrow(1, 0, tokens) : logits;
  const Tensor targets = (causal ? labels.narrow(1, 1, tokens) : labels).flatten();
  return nn::cross_entropy_sum(rows.reshape({-1, rows.size(-1)}), targets).div(nn::label_count(targets));
}

/// The batch's loss as transformers computes it, CTC's too.
inline Tensor loss_of(Model& model, const Tensor& logits, const Batch& batch, const Tensor& labels) {
  if (model.head_kind() != Head::ctc) return mean_loss(model, logits, labels);
  const Json& config = model.config();
  const Tensor rows = nn::ctc_loss(logits, model.frame_lengths(batch, logits.size(1)), labels, ctc_blank(config),
                                   config.value("ctc_zero_infinity", false));
  if (config.value("ctc_loss_reduction", "sum") != "mean") return rows.sum();
  return rows.div(labels.ge(0).sum(-1).clamp_min(1)).mean();
}

/// CTC's logits of frames that are no padding; all others as they are.
inline Tensor counted(Model& model, const Tensor& logits, const Batch& batch) {
  if (model.head_kind() != Head::ctc || !batch.attention_mask.defined()) return logits;
  const Tensor frames = model.frame_lengths(batch, logits.size(1)).unsqueeze(1);
  return logits.masked_fill(at::arange(logits.size(1)).unsqueeze(0).ge(frames).unsqueeze(-1), 0);
}

inline std::shared_ptr<Model> open_model(const fs::path& folder, LoadReport* report = nullptr) {
  LoadOptions options;
  options.head = head_of_config(read_json(folder / "config.json"));
  return load_model(folder, options, report);
}

/// Logits and loss of every batch in the folder against what transformers gave; an empty text when all agree.
inline std::string disagreement(const fs::path& folder) {
  const auto model = open_model(folder / "base");
  const Tensors tensors = tensors_of(folder / "io.safetensors");
  const at::NoGradGuard no_grad;
  for (int i = 0; tensors.count("batch" + std::to_string(i) + ".expect.logits"); ++i) {
    const std::string prefix = "batch" + std::to_string(i) + ".";
    const Batch batch = batch_for(*model, tensors, prefix);
    const Tensor logits = model->logits(batch);
    const double relative =
        difference(counted(*model, logits, batch), counted(*model, tensors.at(prefix + "expect.logits"), batch), batch);
    if (!(relative < 1e-4)) return prefix + "logits differ by " + std::to_string(relative);
    const double loss = loss_of(*model, logits, batch, tensors.at(prefix + "labels")).item<double>();
    const double expected = tensors.at(prefix + "expect.loss").item<double>();
    if (!(std::abs(loss - expected) < 1e-5 * std::max(1.0, expected)))
      return prefix + "loss is " + std::to_string(loss) + ", not " + std::to_string(expected);
    if (i > 0) return {};
  }
  return "fewer than two batches in " + folder.string();
}

/// Ten AdamW steps over the folder's batches in turn, all parameters in one group, against expect.json; an empty text
/// when losses (1e-4 relative), gradient norms and the final logits agree.
inline std::string training_disagreement(const fs::path& folder) {
  const auto model = open_model(folder / "base");
  const Tensors tensors = tensors_of(folder / "io.safetensors");
  const Json expected = read_json(folder / "expect.json"), rule = expected["optimizer"];
  const Rename in_memory = modules_of(model->config()).in_memory;
  const auto set_norms = [&](bool training) {
    for (const auto& module : model->modules())
      if (auto* norm = module->as<nn::BatchNorm2d>()) norm->train(training);
  };
  set_norms(rule["batch_norm_training"].get<bool>());
  std::vector<Tensor> parameters;
  std::int64_t count = 0;
  for (const auto& [name, parameter] : model->unique_parameters()) {
    parameters.push_back(parameter);
    count += parameter.numel();
  }
  if (count != expected["trainable_parameters"]) return "the model has " + std::to_string(count) + " parameters";
  nn::AdamW optimizer(parameters, std::vector<bool>(parameters.size(), false),
                      {.learning_rate = rule["lr"],
                       .beta1 = rule["betas"][0],
                       .beta2 = rule["betas"][1],
                       .epsilon = rule["eps"],
                       .weight_decay = rule["weight_decay"]});
  // A squared error near 0 is the small difference of two numbers near 1: it is no surer than they are (fp32).
  const auto off = [](double got, double wanted, double tolerance) {
    return !(std::abs(got - wanted) <= tolerance * std::max(std::abs(wanted), 1e-3));
  };
  for (int step = 0; step < 10; ++step) {
    const std::string prefix = step % 2 == 0 ? "batch0." : "batch1.", at = "step " + std::to_string(step) + ": ";
    const Batch batch = batch_for(*model, tensors, prefix);
    const Tensor loss = loss_of(*model, model->logits(batch), batch, tensors.at(prefix + "labels"));
    loss.backward();
    if (off(loss.item<double>(), expected["losses"][step], 1e-4))
      return at + "loss is " + std::to_string(loss.item<double>());
    if (step == 0)
      for (const auto& [name, parameter] : model->unique_parameters()) {
        const auto wanted = expected["grad_norm_per_parameter"].find(in_memory ? in_memory(name) : name);
        const bool has = parameter.grad().defined(), should = wanted != expected["grad_norm_per_parameter"].end();
        if (has != should) return "gradient of " + name + (has ? " not expected" : " missing");
        if (has && std::abs(parameter.grad().norm().item<double>() - wanted->get<double>()) >
                       1e-3 * wanted->get<double>() + 1e-6)
          return "gradient norm of " + name + " is " + std::to_string(parameter.grad().norm().item<double>()) +
                 ", not " + wanted->dump();
      }
    const Tensor norm = nn::gradient_norm(parameters);
    if (off(norm.item<double>(), expected["grad_norms_before_clipping"][step], 1e-3))
      return at + "gradient norm is " + std::to_string(norm.item<double>());
    nn::clip_gradients(parameters, norm, rule["max_grad_norm"]);
    optimizer.step(rule["lr"]);
    optimizer.zero_grad();
  }
  set_norms(false);
  const at::NoGradGuard no_grad;
  const Batch batch = batch_for(*model, tensors, "batch0.");
  const double relative = difference(counted(*model, model->logits(batch), batch),
                                     counted(*model, tensors.at("final.expect.logits"), batch), batch);
  return relative < 1e-3 ? "" : "logits after training differ by " + std::to_string(relative);
}

}  // namespace luthier::testing
