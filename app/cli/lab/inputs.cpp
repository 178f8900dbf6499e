#include "cli/lab/inputs.h"

#include <ATen/ops/max.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
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

}  // namespace

LabInputs lab_inputs(const NamedTensors& tensors, const std::string& prefix, const Model& model,
                     const std::string& where) {
  LabInputs inputs;
  const Tensor ids = find(tensors, prefix + "input_ids");
  if (!ids.defined() || ids.dim() != 2 || ids.numel() == 0 || ids.is_floating_point())
    fail(ErrorKind::bad_input, "there is no " + prefix + "input_ids of whole numbers, rows by tokens", where,
         "name the inputs as transformers does");
  inputs.batch.input_ids = ids.to(at::kLong);
  if (ids.min().item<std::int64_t>() < 0 || ids.max().item<std::int64_t>() >= model.vocabulary())
    fail(ErrorKind::bad_input,
         prefix + "input_ids go beyond the model's " + std::to_string(model.vocabulary()) + " tokens", where);
  const Tensor mask = like_ids(tensors, prefix + "attention_mask", ids, where);
  if (mask.defined() && !mask.ne(0).all().item<bool>()) inputs.batch.attention_mask = mask.ne(0);
  inputs.batch.token_type_ids = like_ids(tensors, prefix + "token_type_ids", ids, where);
  inputs.labels = find(tensors, prefix + "labels");
  if (!inputs.labels.defined()) return inputs;
  const bool a_row = model.head_kind() == Head::sequence_classification;
  if (inputs.labels.is_floating_point() || inputs.labels.dim() != (a_row ? 1 : 2) ||
      inputs.labels.size(0) != ids.size(0) || (!a_row && inputs.labels.size(1) != ids.size(1)))
    fail(ErrorKind::bad_input, prefix + "labels do not fit this model's head", where,
         a_row ? "one whole number a row" : "one whole number a token");
  inputs.labels = inputs.labels.to(at::kLong);
  return inputs;
}

std::vector<std::string> batch_prefixes(const NamedTensors& tensors) {
  std::vector<std::string> prefixes;
  while (true) {
    const std::string prefix = "batch" + std::to_string(prefixes.size()) + ".";
    if (!find(tensors, prefix + "input_ids").defined()) break;
    prefixes.push_back(prefix);
  }
  return prefixes.empty() ? std::vector<std::string>{""} : prefixes;
}

Tensor lab_loss(const Model& model, const Tensor& logits, const Tensor& labels) {
  Tensor rows = logits, targets = labels;
  if (model.head_kind() == Head::causal_lm) {  // token t is predicted at position t - 1
    rows = logits.narrow(1, 0, logits.size(1) - 1);
    targets = labels.narrow(1, 1, labels.size(1) - 1);
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
