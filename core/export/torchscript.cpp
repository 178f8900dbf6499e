// A model as one TorchScript file: its graphs as methods, its weights under the names of checkpoints.
#include <caffe2/serialize/inline_container.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/serialization/import.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "base/random.h"
#include "export/companions.h"
#include "export/formats.h"
#include "export/merge.h"
#include "export/torchscript.h"
#include "export/traced.h"
#include "methods/method.h"

namespace luthier {

namespace {

/// While alive, a model lies on the processor in another number type; then everything is as it was, bit for bit.
class AsNumbers {
 public:
  AsNumbers(Model& model, at::ScalarType type) {
    for (auto& parameter : model.named_parameters()) change(parameter.value(), type);
    for (auto& buffer : model.named_buffers()) change(buffer.value(), type);
  }
  ~AsNumbers() {  // the last first: a tied weight was changed twice
    for (auto one = before_.rbegin(); one != before_.rend(); ++one) one->first.set_data(one->second);
  }
  AsNumbers(const AsNumbers&) = delete;
  AsNumbers& operator=(const AsNumbers&) = delete;

 private:
  void change(Tensor& tensor, at::ScalarType type) {
    const Tensor values = tensor.tensor_data();
    before_.emplace_back(tensor, values);
    tensor.set_data(values.is_floating_point() ? values.to(at::kCPU, type) : values.to(at::kCPU));
  }
  std::vector<std::pair<Tensor, Tensor>> before_;
};

at::ScalarType number_type(const std::string& precision) {
  if (precision == "fp16") return at::kHalf;
  return precision == "bf16" ? at::kBFloat16 : at::kFloat;
}

/// As config.json and numpy spell it.
std::string spelled(at::ScalarType type) {
  if (type == at::kHalf) return "float16";
  if (type == at::kBFloat16) return "bfloat16";
  return type == at::kLong ? "int64" : "float32";
}

Json described(const std::vector<TracedValue>& values) {
  Json list = Json::array();
  for (const TracedValue& value : values) {
    Json shape = Json::array();
    for (const TracedAxis& axis : value.axes) shape.push_back(axis.name.empty() ? Json(axis.size) : Json(axis.name));
    list.push_back({{"name", value.name}, {"type", spelled(value.type)}, {"shape", shape}});
  }
  return list;
}

Json described(const TracedModel& traced) {
  Json methods = Json::object();
  for (const TracedGraph& graph : traced.graphs)
    methods[graph.name] = {{"inputs", described(graph.inputs)}, {"outputs", described(graph.outputs)}};
  return {{"file", kTorchScriptFile}, {"methods", methods}};
}

std::string checksum_of(const Tensor& tensor) {
  const Tensor bytes = tensor.contiguous();
  std::string kind = c10::toString(tensor.scalar_type());
  for (const std::int64_t size : tensor.sizes()) kind += "," + std::to_string(size);
  return hex(hash_bytes(bytes.const_data_ptr(), bytes.nbytes(), hash_bytes(kind.data(), kind.size())));
}

}  // namespace

std::string why_no_torchscript(const Model& model, const std::string& precision) {
  if (precision == "fp16" && model.family() == "t5") return "what T5 computes on the way is too large for fp16";
  return {};
}

void write_torchscript(Model& model, const ExportInputs& inputs, const ExportOptions& options, const fs::path& folder) {
  // What cannot be merged is recorded as it is.
  const std::shared_ptr<Model> merged = is_mergeable(model) ? merged_copy(model) : nullptr;
  Model& whole = merged ? *merged : model;
  Json config = whole.config();
  config["dtype"] = spelled(number_type(options.precision));
  {
    const AsNumbers converted(whole, number_type(options.precision));
    try {
      const TracedModel traced = trace_model(whole);
      traced.module->save((folder / kTorchScriptFile).string());
      write_json(folder / kTorchScriptMethods, described(traced));
    } catch (const c10::NotImplementedError& error) {
      fail(ErrorKind::unsupported,
           "this processor's LibTorch does not compute the model in " + options.precision + ": " +
               error.what_without_backtrace(),
           "export.precision", "use fp32");
    }
  }
  write_json(folder / "config.json", config);
  if (inputs.tokenizer) inputs.tokenizer->save(folder);
  save_processors(inputs.processors, folder);
  write_generation_config(model, inputs, folder);
}

std::map<std::string, std::string> checksums_of_torchscript(const fs::path& folder) {
  const std::string file = (folder / kTorchScriptFile).string();
  std::map<std::string, std::string> sums;
  try {
    const torch::jit::Module module = torch::jit::load(file);
    for (const auto& parameter : module.named_parameters()) sums[parameter.name] = checksum_of(parameter.value);
    for (const auto& buffer : module.named_buffers()) sums[buffer.name] = checksum_of(buffer.value);
    caffe2::serialize::PyTorchStreamReader reader(file);
    for (const std::string& record : reader.getAllRecords()) {
      // Weights are listed by their names; the rest is what is done with them.
      const bool computes = record.starts_with("code/") && record.ends_with(".py");
      if (!computes && !record.starts_with("constants/")) continue;
      const auto [bytes, size] = reader.getRecord(record);
      sums[record] = hex(hash_bytes(bytes.get(), size));
    }
  } catch (const c10::Error& error) {
    fail(ErrorKind::bad_input, std::string("this is not a TorchScript file: ") + error.what_without_backtrace(), file,
         "export the model again");
  }
  return sums;
}

}  // namespace luthier
