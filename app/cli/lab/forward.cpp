// `luthier-cli lab forward`: logits and loss of one batch, to be held against transformers.
#include <ATen/core/grad_mode.h>

#include <iostream>
#include <nlohmann/json.hpp>

#include "cli/arguments.h"
#include "cli/lab/inputs.h"
#include "cli/lab/lab.h"
#include "methods/method.h"
#include "nn/precision.h"

namespace luthier {

int lab_forward(const std::vector<std::string>& words) {
  const Arguments arguments(words,
                            "luthier-cli lab forward --model DIR [--adapter DIR] --inputs F.safetensors [--prefix P] "
                            "--out F.safetensors [--device cpu|cuda|auto]",
                            {"--model", "--adapter", "--inputs", "--prefix", "--out", "--device"}, {});
  arguments.at_most(0);
  const std::string folder = arguments.required("--model"), file = arguments.required("--inputs"),
                    out = arguments.required("--out");
  const c10::Device device(nn::choose_device(arguments.value("--device").value_or("cpu")));

  const auto model = open_lab_model(folder);
  if (const auto adapter = arguments.value("--adapter")) load_adapter(*model, *adapter);
  model->to(device);
  model->eval();
  LabInputs inputs = lab_inputs(read_tensors(file), arguments.value("--prefix").value_or(""), *model, file);
  for (Tensor* tensor :
       {&inputs.batch.input_ids, &inputs.batch.attention_mask, &inputs.batch.token_type_ids, &inputs.labels})
    if (tensor->defined()) *tensor = tensor->to(device);

  const at::NoGradGuard no_grad;
  const Tensor logits = model->logits(inputs.batch);
  NamedTensors results = {{"logits", logits}};
  Json told = {{"logits", logits.sizes().vec()}};
  if (inputs.labels.defined()) {
    const Tensor loss = lab_loss(*model, logits, inputs);
    results.emplace_back("loss", loss.reshape({1}));
    told["loss"] = loss.item<double>();
  }
  write_tensors(out, results, "fp32");
  if (arguments.json()) std::cout << told.dump() << std::endl;
  return 0;
}

}  // namespace luthier
