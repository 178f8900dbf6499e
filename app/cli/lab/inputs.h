#pragma once
// Batches of a .safetensors file whose tensors are named as the inputs of transformers' models, and their loss.
#include <string>
#include <vector>

#include "models/model.h"
#include "models/tensors.h"

namespace luthier {

struct LabInputs {
  Batch batch;
  Tensor labels;  ///< as transformers takes them (-100 carries no loss, causal models shift); undefined without
};

/// The tensors under `prefix` ("", "batch0.", ...). Decoder inputs that are not there are made from the labels, shifted
/// right. bad_input, naming `where`, for missing or misshapen ones and for ids beyond the model's vocabulary.
LabInputs lab_inputs(const NamedTensors& tensors, const std::string& prefix, Model& model, const std::string& where);

/// The prefixes "batch0.", "batch1.", ... that are there; {""} for a file with one batch and no prefixes.
std::vector<std::string> batch_prefixes(const NamedTensors& tensors);

/// The mean loss that transformers' models return, 0-d fp32. logits as Model::logits gives them.
Tensor lab_loss(Model& model, const Tensor& logits, const LabInputs& inputs);

/// Opens a model with the head that its config names.
std::shared_ptr<Model> open_lab_model(const std::string& folder, LoadReport* report = nullptr);

}  // namespace luthier
