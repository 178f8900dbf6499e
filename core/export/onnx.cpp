// A model as ONNX files: its recorded graphs (export/traced.h) in ONNX's operations.
#include <torch/csrc/jit/api/module.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "export/companions.h"
#include "export/formats.h"
#include "export/merge.h"
#include "export/onnx_conversion.h"
#include "export/onnx_ranges.h"
#include "export/traced.h"
#include "methods/method.h"
#include "onnx/file.h"
#include "onnx/half.h"
#include "onnx/quantise.h"

namespace luthier {

namespace {

/// A file, and the recording that it holds.
struct RecordedFile {
  const char* name;
  const TracedGraph* graph;
};

std::vector<RecordedFile> files_of(const TracedModel& traced) {
  const auto named = [&](const std::string& name) -> const TracedGraph* {
    for (const TracedGraph& graph : traced.graphs)
      if (graph.name == name) return &graph;
    return nullptr;
  };
  const TracedGraph *encode = named("encode"), *decode = named("decode");
  if (encode && decode) return {{"encoder_model.onnx", encode}, {"decoder_model.onnx", decode}};
  // Whoever wants everything at once gives a past of nothing.
  return {{"model.onnx", decode ? decode : named("forward")}};
}

/// "past_key_3" as other programs that run ONNX language models call it: "past_key_values.3.key", and with an encoder
/// "past_key_values.3.decoder.key".
std::map<std::string, std::string> names_of(const TracedGraph& graph, bool has_encoder) {
  std::map<std::string, std::string> names;
  const auto add = [&](const std::string& name, bool is_output) {
    const auto last = name.rfind('_');
    const std::string number = last == std::string::npos ? "" : name.substr(last + 1);
    if (number.empty() || number.find_first_not_of("0123456789") != std::string::npos) return;
    const bool crosses = name.starts_with("cross_");
    const std::string side = has_encoder ? (crosses ? ".encoder" : ".decoder") : "";
    const std::string part = name.find("key") != std::string::npos ? ".key" : ".value";
    names[name] = (is_output ? "present." : "past_key_values.") + number + side + part;
  };
  for (const TracedValue& input : graph.inputs) add(input.name, false);
  for (const TracedValue& output : graph.outputs) add(output.name, true);
  if (has_encoder && graph.name == "encode") names["encoder_states"] = "last_hidden_state";
  if (has_encoder && graph.name == "decode") names["attention_mask"] = "encoder_attention_mask";
  return names;
}

}  // namespace

void write_onnx(Model& model, const ExportInputs& inputs, const ExportOptions& options, const fs::path& folder) {
  // What cannot be merged is recorded as it is.
  const std::shared_ptr<Model> merged = is_mergeable(model) ? merged_copy(model) : nullptr;
  Model& whole = merged ? *merged : model;
  const TracedModel traced = trace_model(whole);
  const std::vector<RecordedFile> recordings = files_of(traced);
  const auto converted = [&](const RecordedFile& recording) {
    const auto names = names_of(*recording.graph, recordings.size() > 1);
    return OnnxFile{recording.name, OnnxConversion(*traced.module, *recording.graph, names).run()};
  };
  write_json(folder / "config.json", whole.config());
  if (inputs.tokenizer) inputs.tokenizer->save(folder);
  save_processors(inputs.processors, folder);
  write_generation_config(model, inputs, folder);
  if (options.calibrate) {
    // Decoders compute with what encoders give: their ranges are found together.
    std::vector<OnnxFile> files;
    for (const RecordedFile& recording : recordings) files.push_back(converted(recording));
    const std::vector<onnx::Ranges> ranges = activation_ranges(files, inputs, options, folder);
    for (std::size_t i = 0; i < files.size(); ++i) {
      onnx::to_int8(files[i].graph, ranges[i]);
      onnx::write_graph(files[i].graph, folder / files[i].name);
    }
    return;
  }
  for (std::size_t i = 0; i < recordings.size(); ++i) {
    if (inputs.progress) inputs.progress("writing", static_cast<double>(i) / static_cast<double>(recordings.size()));
    OnnxFile file = converted(recordings[i]);
    if (options.precision == "fp16") onnx::to_fp16(file.graph);
    if (options.precision == "int8") onnx::to_int8(file.graph);
    onnx::write_graph(file.graph, folder / file.name);
  }
}

std::map<std::string, std::string> checksums_of_onnx(const fs::path& folder) { return onnx::graph_checksums(folder); }

}  // namespace luthier
