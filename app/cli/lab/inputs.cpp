#include "cli/lab/inputs.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/full.h>
#include <ATen/ops/max.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "models/config.h"
#include "models/sequences.h"
#include "nn/loss.h"

namespace luthier {

namespace {

Tensor find(const NamedTensors& tensors, const std::string& name) {
  for (const auto& [key, tensor] : tensors)
    if (key == name) return tensor;
  return {};
}

/// Whole numbers of shape [B, T] as `ids` has it; undefined where the file has none.
Tensor like_ids(const NamedTensors& tensors, const std::string& name, const Tensor& ids, const std::string& where) {
  const Tensor found = find(tensors, name);
  if (!found.defined()) return {};
  if (found.sizes() != ids.sizes()) fail(ErrorKind::bad_input, name + " must have the shape of input_ids", where);
  return found.to(at::kLong);
}

/// Floating-point numbers of `dimensions` dimensions.
Tensor numbers(const NamedTensors& tensors, const std::string& name, std::int64_t dimensions,
               const std::string& where) {
  const Tensor found = find(tensors, name);
  if (!found.defined()) return {};
  if (found.dim() != dimensions || found.numel() == 0 || !found.is_floating_point())
    fail(ErrorKind::bad_input,
         name + " must hold floating-point numbers in " + std::to_string(dimensions) + " dimensions", where);
  return found.to(at::kFloat);
}

Tensor token_ids(const NamedTensors& tensors, const std::string& name, const Model& model, const std::string& where) {
  const Tensor found = find(tensors, name);
  if (!found.defined()) return {};
  if (found.dim() != 2 || found.numel() == 0 || found.is_floating_point())
    fail(ErrorKind::bad_input, name + " must hold whole numbers, rows by tokens", where);
  const Tensor ids = found.to(at::kLong);
  if (ids.min().item<std::int64_t>() < 0 || ids.max().item<std::int64_t>() >= model.vocabulary())
    fail(ErrorKind::bad_input, name + " go beyond the model's " + std::to_string(model.vocabulary()) + " tokens",
         where);
  return ids;
}

const char* kInputNames[] = {"input_ids", "pixel_values", "input_values", "input_features"};

}  // namespace

LabInputs lab_inputs(const NamedTensors& tensors, const std::string& prefix, Model& model, const std::string& where) {
  LabInputs inputs;
  Batch& batch = inputs.batch;
  batch.input_ids = token_ids(tensors, prefix + "input_ids", model, where);
  batch.pixel_values = numbers(tensors, prefix + "pixel_values", 4, where);
  batch.input_values = numbers(tensors, prefix + "input_values", 2, where);
  batch.input_features = numbers(tensors, prefix + "input_features", 3, where);
  if (std::none_of(std::begin(kInputNames), std::end(kInputNames),
                   [&](const char* name) { return find(tensors, prefix + name).defined(); }))
    fail(ErrorKind::bad_input, "there is no " + prefix + "input_ids, pixel_values, input_values or input_features",
         where, "name the inputs as transformers does");
  const Tensor& input = batch.input();
  const Tensor mask = find(tensors, prefix + "attention_mask");
  if (mask.defined()) {
    if (mask.dim() != 2 || mask.size(0) != input.size(0) || mask.size(1) != input.size(-1))
      fail(ErrorKind::bad_input, prefix + "attention_mask does not fit the input", where);
    if (!mask.ne(0).all().item<bool>()) batch.attention_mask = mask.ne(0);
  }
  if (batch.input_ids.defined())
    batch.token_type_ids = like_ids(tensors, prefix + "token_type_ids", batch.input_ids, where);
  batch.decoder_input_ids = token_ids(tensors, prefix + "decoder_input_ids", model, where);
  batch.virtual_tokens = model.prompt_tokens() > 0 && !classifies_rows(model.head_kind());
  inputs.labels = find(tensors, prefix + "labels");
  if (!inputs.labels.defined()) return inputs;
  const Head head = model.head_kind();
  const bool a_row = classifies_rows(head);
  const bool apart = head == Head::seq2seq_lm || head == Head::ctc;  // as long as they like
  const auto dimensions = a_row ? (inputs.labels.is_floating_point() && inputs.labels.dim() == 2 ? 2 : 1) : 2;
  if (inputs.labels.dim() != dimensions || inputs.labels.size(0) != input.size(0) ||
      (!a_row && (inputs.labels.is_floating_point() || (!apart && inputs.labels.size(1) != input.size(1)))))
    fail(ErrorKind::bad_input, prefix + "labels do not fit this model's head", where,
         a_row ? "one number a row" : "one whole number a token");
  if (!inputs.labels.is_floating_point()) inputs.labels = inputs.labels.to(at::kLong);
  if (head == Head::seq2seq_lm && !batch.decoder_input_ids.defined())
    batch.decoder_input_ids = shifted_right(inputs.labels, model.config());
  return inputs;
}

std::vector<std::string> batch_prefixes(const NamedTensors& tensors) {
  std::vector<std::string> prefixes;
  while (true) {
    const std::string prefix = "batch" + std::to_string(prefixes.size()) + ".";
    if (std::none_of(std::begin(kInputNames), std::end(kInputNames),
                     [&](const char* name) { return find(tensors, prefix + name).defined(); }))
      break;
    prefixes.push_back(prefix);
  }
  return prefixes.empty() ? std::vector<std::string>{""} : prefixes;
}

Tensor lab_loss(Model& model, const Tensor& logits, const LabInputs& inputs) {
  const Tensor& labels = inputs.labels;
  const std::string problem = config_text(model.config(), "problem_type", "");
  if (labels.is_floating_point()) {
    if (labels.numel() != logits.numel())
      fail(ErrorKind::bad_input, "the labels do not fit the model's outputs", "labels");
    // Where config.json does not say, transformers takes several numbers for labels that each hold or do not.
    const bool several = problem == "multi_label_classification" || (problem.empty() && logits.size(-1) > 1);
    return (several ? nn::binary_cross_entropy_sum(logits, labels) : nn::squared_error_sum(logits, labels))
        .div(static_cast<double>(logits.numel()));
  }
  if (model.head_kind() == Head::ctc) {
    const Tensor frames = model.frame_lengths(inputs.batch, logits.size(1));
    const bool mean = config_text(model.config(), "ctc_loss_reduction", "sum") == "mean";
    const bool skip_impossible = config_flag(model.config(), "ctc_zero_infinity", false);
    const Tensor rows = nn::ctc_loss(logits, frames, labels, ctc_blank(model.config()), skip_impossible);  // [B]
    return mean ? rows.div(labels.ge(0).sum(-1).clamp_min(1)).mean() : rows.sum();
  }
  Tensor rows = logits, targets = labels;
  // PEFT's losses count learned tokens of a prompt: they carry none themselves, but the last one foretells the first of
  // the row.
  if (model.head_kind() != Head::seq2seq_lm && logits.dim() == 3 && logits.size(1) > labels.size(1))
    targets = at::cat(
        {at::full({labels.size(0), logits.size(1) - labels.size(1)}, nn::kNoLabel, labels.options()), labels}, 1);
  if (model.head_kind() == Head::causal_lm) {  // token t is predicted at position t - 1
    rows = logits.narrow(1, 0, logits.size(1) - 1);
    targets = targets.narrow(1, 1, targets.size(1) - 1);
  }
  const Tensor flat = targets.reshape({-1});
  const std::int64_t classes = rows.size(-1);
  const Tensor carrying = flat.masked_select(flat.ne(nn::kNoLabel));
  if (carrying.numel() == 0) fail(ErrorKind::bad_input, "no label carries loss", "labels");
  if (carrying.min().item<std::int64_t>() < 0 || carrying.max().item<std::int64_t>() >= classes)
    fail(ErrorKind::bad_input, "the labels go beyond the model's " + std::to_string(classes) + " outputs", "labels");
  return nn::cross_entropy_sum(rows.reshape({-1, classes}), flat).div(static_cast<double>(carrying.numel()));
}

std::shared_ptr<Model> open_lab_model(const std::string& folder, LoadReport* report) {
  LoadOptions options;
  options.head = head_of_config(read_json(fs::path(folder) / "config.json"));
  return load_model(folder, options, report);
}

}  // namespace luthier
