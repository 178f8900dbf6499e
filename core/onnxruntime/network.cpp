#include "onnxruntime/network.h"

#include <algorithm>
#include <cstring>

#include "base/error.h"
#include "base/files.h"
#include "onnx/calibration.h"
#include "onnx/file.h"

namespace luthier::onnx {

namespace {

constexpr const char* kPast = "past_key_values.";
constexpr const char* kPresent = "present.";
constexpr const char* kLogits = "logits";
constexpr std::int64_t kKeyAxis = 2;  ///< [B, H, past, D]

Array ids_array(const std::vector<std::int64_t>& ids) {
  return array_of({1, static_cast<std::int64_t>(ids.size())}, ids);
}

}  // namespace

Network::Network(const std::filesystem::path& file) : file_(file), graph_(read_graph(file)), session_(file) {
  for (const Value& input : graph_.inputs) {
    if (!input.name.starts_with(kPast)) continue;
    const std::string present = kPresent + input.name.substr(std::string(kPast).size());
    const bool comes_back = std::any_of(graph_.outputs.begin(), graph_.outputs.end(),
                                        [&](const Value& output) { return output.name == present; });
    if (comes_back) pasts_.emplace_back(input, present);
  }
}

bool Network::has_input(const std::string& name) const {
  return std::any_of(graph_.inputs.begin(), graph_.inputs.end(), [&](const Value& one) { return one.name == name; });
}

void Network::watch(std::vector<std::string> values, Watch told) {
  watched_ = std::move(values);
  watch_ = std::move(told);
}

Arrays Network::run(const Arrays& given) const {
  Arrays inputs, results;
  for (const Value& input : graph_.inputs) {
    const auto found = given.find(input.name);
    if (found == given.end())
      fail(ErrorKind::bad_input, "the file wants an input that nobody gives", input.name, "export the model again");
    inputs[input.name] = found->second;
  }
  std::vector<std::string> names;
  for (const Value& output : graph_.outputs) names.push_back(output.name);
  std::vector<Array> arrays = session_.run(inputs, names);
  for (std::size_t i = 0; i < names.size(); ++i) results[names[i]] = std::move(arrays[i]);
  for (const std::string& value : watched_) {
    const auto input = inputs.find(value);
    watch_(value, input != inputs.end() ? input->second : results.at(value));
  }
  return results;
}

Arrays Network::empty_past() const {
  Arrays past;
  for (const auto& [input, output] : pasts_) {
    std::vector<std::int64_t> shape;
    for (const Dimension& dimension : input.shape) shape.push_back(dimension.name.empty() ? dimension.size : 1);
    shape.at(kKeyAxis) = 0;
    past[input.name] = zeros(input.type, shape);
  }
  return past;
}

Array Network::run_in_pieces(const std::vector<std::int64_t>& ids, const Arrays& given) const {
  const std::size_t half = (ids.size() + 1) / 2;
  std::vector<std::size_t> ends = {half};
  if (ids.size() > half + 1) ends.push_back(ids.size() - 1);
  if (ids.size() > half) ends.push_back(ids.size());
  Writing writing(*this, given);
  Array logits;
  std::size_t first = 0;
  for (const std::size_t end : ends) {
    const Array piece = writing.next(
        {ids.begin() + static_cast<std::ptrdiff_t>(first), ids.begin() + static_cast<std::ptrdiff_t>(end)});
    logits.type = piece.type;
    logits.bytes.insert(logits.bytes.end(), piece.bytes.begin(), piece.bytes.end());
    logits.shape = {static_cast<std::int64_t>(end), piece.shape.back()};
    first = end;
  }
  return logits;
}

void Network::take_past(Arrays& made, Arrays& next) const {
  for (const auto& [input, output] : pasts_) next[input.name] = std::move(made.at(output));
}

Writing::Writing(const Network& network, Arrays given)
    : network_(network), now_(std::move(given)), masked_(now_.count("attention_mask") > 0) {
  now_.merge(network.empty_past());
}

Array Writing::next(const std::vector<std::int64_t>& ids) {
  computed_ += ids.size();
  now_["input_ids"] = ids_array(ids);
  // Where the mask covers what was seen, it grows with it.
  if (!masked_) now_["attention_mask"] = ids_array(std::vector<std::int64_t>(computed_, 1));
  Arrays made = network_.run(now_);
  Array logits = std::move(made.at(kLogits));  // [1, T, V]
  logits.shape = {static_cast<std::int64_t>(ids.size()), logits.shape.back()};
  network_.take_past(made, now_);
  return logits;
}

Arrays Network::run_modules(const std::vector<std::string>& modules, const Arrays& given) const {
  Graph graph = graph_;
  std::map<std::string, std::string> last;  // the value that each module gives
  for (const Node& node : graph.nodes)
    if (!node.outputs.empty()) last[node.place()] = node.outputs[0];
  Arrays inputs, results;
  for (const Value& input : graph.inputs) inputs[input.name] = given.at(input.name);
  std::vector<std::string> names, values;
  for (const std::string& module : modules) {
    const auto found = last.find(module);
    if (found == last.end() || std::find(values.begin(), values.end(), found->second) != values.end()) continue;
    names.push_back(module);
    values.push_back(found->second);
  }
  if (values.empty()) return results;
  add_outputs(graph, values);
  const TemporaryFolder folder;
  const std::filesystem::path file = folder.path() / file_.filename();
  write_graph(graph, file);
  const Session session(file);
  std::vector<Array> arrays = session.run(inputs, values);
  for (std::size_t i = 0; i < names.size(); ++i) results[names[i]] = std::move(arrays[i]);
  return results;
}

}  // namespace luthier::onnx
