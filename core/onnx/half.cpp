#include "onnx/half.h"

#include <algorithm>
#include <bit>
#include <cmath>
#include <cstring>
#include <set>
#include <string_view>

namespace luthier::onnx {

namespace {

constexpr float kLargest = 65504;

/// Computed in fp32 whatever they read: squares and their sums leave fp16's range, angles need more digits.
bool is_wide(const std::string& op) {
  static const std::set<std::string_view> wide = {"Pow", "ReduceMean", "ReduceSum", "ReduceL2", "Sqrt",  "Reciprocal",
                                                  "Cos", "Sin",        "Log",       "Exp",      "CumSum"};
  return wide.count(op) > 0;
}

TensorData narrowed(const TensorData& tensor) {
  const std::vector<float> numbers = numbers_of(tensor);
  std::vector<std::byte> bytes(2 * numbers.size());
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const float kept = std::isfinite(numbers[i]) ? std::clamp(numbers[i], -kLargest, kLargest) : numbers[i];
    const std::uint16_t bits = to_half(kept);
    std::memcpy(bytes.data() + 2 * i, &bits, 2);
  }
  TensorData made = tensor_of(tensor.name, ElementType::f16, tensor.shape, std::move(bytes));
  made.note = tensor.note;
  made.is_weight = tensor.is_weight;
  return made;
}

class Narrowing {
 public:
  explicit Narrowing(Graph& graph) : graph_(graph) {}

  void run() {
    for (const Value& input : graph_.inputs) graph_.types[input.name] = input.type;
    for (std::size_t i = 0; i < graph_.initializers.size(); ++i) {
      TensorData& tensor = graph_.initializers[i];
      if (tensor.is_weight && tensor.type == ElementType::f32) tensor = narrowed(tensor);
      graph_.types[tensor.name] = tensor.type;
      constants_[tensor.name] = i;
    }
    for (const Value& input : graph_.inputs)
      if (input.type == ElementType::f32) outside_.insert(input.name);
    for (const Value& output : graph_.outputs) results_.insert(output.name);
    std::vector<Node> nodes = std::move(graph_.nodes);
    graph_.nodes.clear();
    for (Node& node : nodes) rewrite(std::move(node));
    for (Node& node : last_) graph_.nodes.push_back(std::move(node));
    for (TensorData& tensor : added_) graph_.initializers.push_back(std::move(tensor));
    drop_unused(graph_);
  }

 private:
  bool has_type(const std::string& value, ElementType type) const {
    const auto found = graph_.types.find(value);
    return found != graph_.types.end() && found->second == type;
  }

  void rewrite(Node node) {
    const auto flows = [&](const std::string& one) { return has_type(one, ElementType::f16) || outside_.count(one); };
    const bool narrow = !is_wide(node.op) && std::any_of(node.inputs.begin(), node.inputs.end(), flows);
    for (std::string& input : node.inputs) {
      if (narrow && has_type(input, ElementType::f32)) input = as_narrow(input, node);
      if (!narrow && has_type(input, ElementType::f16)) input = as_wide(input, node);
      if (const auto other = renamed_.find(input); other != renamed_.end()) input = other->second;
    }
    for (std::string& output : node.outputs) {
      if (!narrow || !has_type(output, ElementType::f32)) continue;
      if (node.op == "Cast") node.attributes = {{"to", static_cast<std::int64_t>(ElementType::f16)}};
      graph_.types[output] = ElementType::f16;
      if (!results_.count(output)) continue;
      last_.push_back(cast(output + "_f16", output, ElementType::f32, node));
      renamed_[output] = output + "_f16";
      output += "_f16";
    }
    graph_.nodes.push_back(std::move(node));
  }

  std::string as_narrow(const std::string& value, const Node& at) {
    const auto [known, is_new] = narrow_of_.try_emplace(value, value + "_f16");
    const std::string& name = known->second;
    if (!is_new) return name;
    if (const auto constant = constants_.find(value); constant != constants_.end()) {
      added_.push_back(narrowed(graph_.initializers[constant->second]));
      added_.back().name = name;
      return name;
    }
    std::string source = value;
    if (!outside_.count(value)) {  // fp32's lowest number would become minus infinity
      source = value + "_within_f16";
      graph_.nodes.push_back({"Clip", at.place() + "/" + source, {value, limit(-kLargest), limit(kLargest)}, {source}});
    }
    graph_.nodes.push_back(cast(source, name, ElementType::f16, at));
    return name;
  }

  std::string as_wide(const std::string& value, const Node& at) {
    const auto [known, is_new] = wide_of_.try_emplace(value, value + "_f32");
    if (is_new) {
      const auto other = renamed_.find(value);
      graph_.nodes.push_back(
          cast(other == renamed_.end() ? value : other->second, known->second, ElementType::f32, at));
    }
    return known->second;
  }

  static Node cast(const std::string& from, const std::string& to, ElementType type, const Node& at) {
    return {"Cast", at.place() + "/Cast to " + to, {from}, {to}, {{"to", static_cast<std::int64_t>(type)}}};
  }

  std::string limit(float value) {
    const std::string name = value < 0 ? "fp16_lowest" : "fp16_largest";
    if (limits_.insert(name).second) added_.push_back(tensor_of(name, {}, std::vector<float>{value}));
    return name;
  }

  Graph& graph_;
  std::set<std::string> outside_;  ///< fp32 inputs of the graph
  std::set<std::string> results_;  ///< its outputs
  std::set<std::string> limits_;
  std::map<std::string, std::size_t> constants_;
  std::map<std::string, std::string> narrow_of_, wide_of_, renamed_;
  std::vector<Node> last_;
  std::vector<TensorData> added_;
};

}  // namespace

std::uint16_t to_half(float number) {
  const auto bits = std::bit_cast<std::uint32_t>(number);
  const auto sign = static_cast<std::uint16_t>(bits >> 16 & 0x8000);
  const std::uint32_t size = bits & 0x7FFFFFFF;
  if (size > 0x7F800000) return static_cast<std::uint16_t>(sign | 0x7E00);   // not a number
  if (size >= 0x477FF000) return static_cast<std::uint16_t>(sign | 0x7C00);  // 65520 and more
  if (size < 0x38800000) {                                                   // below 2^-14: the last bit is worth 2^-24
    const float steps = std::bit_cast<float>(size) * 16777216.0f;
    return static_cast<std::uint16_t>(sign | static_cast<std::uint16_t>(std::nearbyintf(steps)));
  }
  const std::uint32_t rounded = size + 0xFFF + (size >> 13 & 1);
  return static_cast<std::uint16_t>(sign | (rounded - 0x38000000) >> 13);
}

float from_half(std::uint16_t bits) {
  const std::uint32_t sign = static_cast<std::uint32_t>(bits & 0x8000) << 16;
  const std::uint32_t exponent = bits >> 10 & 0x1F, rest = bits & 0x3FF;
  if (exponent == 0) {
    const float size = static_cast<float>(rest) / 16777216.0f;
    return sign ? -size : size;
  }
  const std::uint32_t widened = exponent == 0x1F ? 0x7F800000 : (exponent + 112) << 23;
  return std::bit_cast<float>(sign | widened | rest << 13);
}

void to_fp16(Graph& graph) { Narrowing(graph).run(); }

}  // namespace luthier::onnx
