#include "onnx/quantise.h"

#include <algorithm>
#include <cmath>
#include <set>

namespace luthier::onnx {

namespace {

constexpr std::int64_t kFewest = 16;  ///< rows or columns: narrower weights are kept
/// Weights are 1 .. 255 around this. Not signed numbers: where processors add products of unsigned and signed bytes in
/// 16 bits (AVX2 without VNNI), large ones would be cut off.
constexpr int kMiddle = 128;
constexpr float kWeightSteps = 127;

/// Codes of a matrix, and what each group of it is multiplied by.
struct Codes {
  std::vector<std::byte> codes;  ///< in the order of the numbers
  std::vector<float> scales;
};

/// `group_of` gives the group of the number at a place.
template <class GroupOf>
Codes codes_of(const std::vector<float>& numbers, std::size_t groups, const GroupOf& group_of) {
  Codes made{std::vector<std::byte>(numbers.size()), std::vector<float>(groups, 0)};
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    float& largest = made.scales[group_of(i)];
    largest = std::max(largest, std::abs(numbers[i]));
  }
  for (float& scale : made.scales) scale = scale > 0 ? scale / kWeightSteps : 1;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    const float steps = std::nearbyintf(numbers[i] / made.scales[group_of(i)]);
    made.codes[i] = static_cast<std::byte>(static_cast<int>(std::clamp(steps, -kWeightSteps, kWeightSteps)) + kMiddle);
  }
  return made;
}

/// What becomes of a node.
enum class Treatment { keep, product, turned_product, convolution, table };

class Weights {
 public:
  explicit Weights(const Graph& graph) {
    for (const TensorData& tensor : graph.initializers) by_name_[tensor.name] = &tensor;
  }

  const TensorData& at(const std::string& name) const { return *by_name_.at(name); }

  Treatment treatment_of(const Node& node) const {
    if (node.op == "MatMul" && takes(node, 1, 2)) return Treatment::product;
    if (node.op == "Gemm" && takes(node, 1, 2) && is_rows_times(node)) return Treatment::turned_product;
    if (node.op == "Conv" && takes(node, 1, 3)) return Treatment::convolution;
    if (node.op == "Gather" && takes(node, 0, 2) && node.inputs.size() == 2) {
      const auto* axis = node.attribute<std::int64_t>("axis");
      if (!axis || *axis == 0) return Treatment::table;
    }
    return Treatment::keep;
  }

 private:
  /// Whether that input is a weight of so many dimensions or more, wide enough to be worth it.
  bool takes(const Node& node, std::size_t input, std::size_t dimensions) const {
    if (node.inputs.size() <= input) return false;
    const auto found = by_name_.find(node.inputs[input]);
    if (found == by_name_.end()) return false;
    const TensorData& weight = *found->second;
    if (!weight.is_weight || weight.type != ElementType::f32 || weight.shape.size() < dimensions) return false;
    if (dimensions == 2 && weight.shape.size() != 2) return false;
    const std::int64_t others = weight.elements() / std::max<std::int64_t>(1, weight.shape[0]);
    return weight.shape[0] >= kFewest && others >= kFewest;
  }

  static bool is_rows_times(const Node& node) {
    const auto* turned = node.attribute<std::int64_t>("transB");
    return turned && *turned == 1 && !node.attribute<std::int64_t>("transA") && !node.attribute<float>("alpha") &&
           !node.attribute<float>("beta");
  }

  std::map<std::string, const TensorData*> by_name_;
};

class Quantising {
 public:
  Quantising(Graph& graph, const Ranges& ranges) : graph_(graph), ranges_(ranges), weights_(graph) {}

  void run() {
    std::vector<Node> nodes = std::move(graph_.nodes);
    graph_.nodes.clear();
    for (Node& node : nodes) switch (weights_.treatment_of(node)) {
        case Treatment::product:
          multiply(node, /*rows_are_outputs=*/false);
          break;
        case Treatment::turned_product:
          multiply(node, /*rows_are_outputs=*/true);
          break;
        case Treatment::convolution:
          convolve(node);
          break;
        case Treatment::table:
          look_up(node);
          break;
        case Treatment::keep:
          graph_.nodes.push_back(std::move(node));
      }
    if (!added_.empty()) added_.push_back(tensor_of("int8_middle", ElementType::u8, {}, {std::byte{kMiddle}}));
    for (TensorData& tensor : added_) graph_.initializers.push_back(std::move(tensor));
    drop_unused(graph_);
  }

 private:
  /// Codes of a weight, one scale for each of its rows (or columns of a matrix), as initializers "<name>_codes" and
  /// "<name>_scales".
  void add_codes(const TensorData& weight, bool by_rows, std::vector<std::int64_t> scales_shape) {
    if (!coded_.insert(weight.name).second) return;
    const auto rows = static_cast<std::size_t>(weight.shape[0]);
    const auto others = static_cast<std::size_t>(weight.elements()) / rows;
    const std::vector<float> numbers = numbers_of(weight);
    Codes made = by_rows ? codes_of(numbers, rows, [&](std::size_t i) { return i / others; })
                         : codes_of(numbers, others, [&](std::size_t i) { return i % others; });
    added_.push_back(tensor_of(weight.name + "_codes", ElementType::u8, weight.shape, std::move(made.codes)));
    added_.back().note = weight.note;
    added_.push_back(tensor_of(weight.name + "_scales", std::move(scales_shape), made.scales));
  }

  /// The activation in 8 bits, its scale and its zero, made once for all that read it.
  struct Activation {
    std::string codes, scale, zero;
    bool is_fixed = false;
    std::string rounded{};  ///< the codes as the numbers that they stand for; "": not made yet
  };
  Activation& activation(const std::string& value, const Node& at) {
    const auto [known, is_new] = activations_.try_emplace(value);
    Activation& made = known->second;
    if (!is_new) return made;
    made = {value + "_u8", value + "_u8_scale", value + "_u8_zero"};
    const auto range = ranges_.find(value);
    if (range == ranges_.end()) {
      graph_.nodes.push_back({"DynamicQuantizeLinear",
                              at.place() + "/DynamicQuantizeLinear of " + value,
                              {value},
                              {made.codes, made.scale, made.zero}});
      return made;
    }
    made.is_fixed = true;
    const Codebook codebook = codebook_of(range->second);
    added_.push_back(tensor_of(made.scale, {}, std::vector<float>{codebook.scale}));
    added_.push_back(tensor_of(made.zero, ElementType::u8, {}, {static_cast<std::byte>(codebook.zero)}));
    add(at, "QuantizeLinear", {value, made.scale, made.zero}, made.codes);
    return made;
  }

  std::string add(const Node& at, const char* op, std::vector<std::string> inputs, const std::string& output,
                  std::vector<std::pair<std::string, AttributeValue>> attributes = {}) {
    graph_.nodes.push_back(
        {op, at.place() + "/" + op + " to " + output, std::move(inputs), {output}, std::move(attributes)});
    return output;
  }

  static AttributeValue to_f32() { return static_cast<std::int64_t>(ElementType::f32); }

  /// [..., K] times [K, N], or [M, K] times the turned [N, K].
  void multiply(const Node& node, bool rows_are_outputs) {
    const TensorData& weight = weights_.at(node.inputs[1]);
    const std::int64_t columns = weight.shape[rows_are_outputs ? 0 : 1];
    const std::string& result = node.outputs[0];
    add_codes(weight, rows_are_outputs, {columns});
    Activation& x = activation(node.inputs[0], node);
    std::string codes = weight.name + "_codes";
    if (rows_are_outputs)
      codes = add(node, "Transpose", {codes}, result + "_turned", {{"perm", std::vector<std::int64_t>{1, 0}}});
    const bool biased = node.inputs.size() > 2 && !node.inputs[2].empty();
    const std::string product = biased ? result + "_product" : result;
    // What was a Gemm has two dimensions and a bias: there ONNX Runtime (1.23) makes a Gemm of MatMul and Add before it
    // looks for products of integers, and would turn the codes of the whole matrix into numbers for every input.
    if (x.is_fixed && !rows_are_outputs)
      multiply_rounded(node, x, codes, weight, columns, product);
    else
      multiply_integers(node, x, codes, weight, product);
    if (biased) add(node, "Add", {product, node.inputs[2]}, result);
  }

  /// With a scale that is known beforehand the plain product of what the codes stand for: runtimes take the three nodes
  /// for one product of integers, those that cannot still compute the right numbers.
  void multiply_rounded(const Node& node, Activation& x, const std::string& codes, const TensorData& weight,
                        std::int64_t columns, const std::string& result) {
    if (x.rounded.empty())
      x.rounded = add(node, "DequantizeLinear", {x.codes, x.scale, x.zero}, node.inputs[0] + "_u8_float");
    const std::string matrix = add(node, "DequantizeLinear", {codes, weight.name + "_scales", middles(columns)},
                                   result + "_weight", {{"axis", std::int64_t{1}}});
    add(node, "MatMul", {x.rounded, matrix}, result);
  }

  void multiply_integers(const Node& node, const Activation& x, const std::string& codes, const TensorData& weight,
                         const std::string& result) {
    const std::string sum = add(node, "MatMulInteger", {x.codes, codes, x.zero, "int8_middle"}, result + "_sum");
    const std::string scale = add(node, "Mul", {x.scale, weight.name + "_scales"}, result + "_scale");
    const std::string numbers = add(node, "Cast", {sum}, result + "_float", {{"to", to_f32()}});
    add(node, "Mul", {numbers, scale}, result);
  }

  /// The zero points of a matrix with so many columns: DequantizeLinear wants one for each scale.
  std::string middles(std::int64_t columns) {
    const std::string name = "int8_middle_" + std::to_string(columns);
    if (coded_.insert(name).second)
      added_.push_back(tensor_of(name, ElementType::u8, {columns},
                                 std::vector<std::byte>(static_cast<std::size_t>(columns), std::byte{kMiddle})));
    return name;
  }

  void convolve(const Node& node) {
    const TensorData& weight = weights_.at(node.inputs[1]);
    const std::string& result = node.outputs[0];
    std::vector<std::int64_t> channels(weight.shape.size() - 1, 1);  // [O, 1, 1]: along the output's second dimension
    channels[0] = weight.shape[0];
    add_codes(weight, /*by_rows=*/true, channels);
    const Activation& x = activation(node.inputs[0], node);
    const std::string sum = add(node, "ConvInteger", {x.codes, weight.name + "_codes", x.zero, "int8_middle"},
                                result + "_sum", node.attributes);
    const std::string scale = add(node, "Mul", {x.scale, weight.name + "_scales"}, result + "_scale");
    const std::string numbers = add(node, "Cast", {sum}, result + "_float", {{"to", to_f32()}});
    const bool biased = node.inputs.size() > 2 && !node.inputs[2].empty();
    const std::string scaled = add(node, "Mul", {numbers, scale}, biased ? result + "_scaled" : result);
    if (!biased) return;
    const std::string shape = node.inputs[1] + "_channels";
    if (coded_.insert(shape).second)
      added_.push_back(tensor_of(shape, {static_cast<std::int64_t>(channels.size())}, channels));
    const std::string bias = add(node, "Reshape", {node.inputs[2], shape}, result + "_bias");
    add(node, "Add", {scaled, bias}, result);
  }

  void look_up(const Node& node) {
    const TensorData& weight = weights_.at(node.inputs[0]);
    const std::string& result = node.outputs[0];
    add_codes(weight, /*by_rows=*/true, {weight.shape[0]});
    const std::string codes = add(node, "Gather", {weight.name + "_codes", node.inputs[1]}, result + "_codes");
    const std::string numbers = add(node, "Cast", {codes}, result + "_float", {{"to", to_f32()}});
    added_middle();
    const std::string centred = add(node, "Sub", {numbers, "int8_middle_float"}, result + "_centred");
    const std::string scale = add(node, "Gather", {weight.name + "_scales", node.inputs[1]}, result + "_scale");
    const std::string column = add(node, "Unsqueeze", {scale, "int8_last_axis"}, result + "_scales");
    add(node, "Mul", {centred, column}, result);
  }

  void added_middle() {
    if (!coded_.insert("int8_middle_float").second) return;
    added_.push_back(tensor_of("int8_middle_float", {}, std::vector<float>{kMiddle}));
    added_.push_back(tensor_of("int8_last_axis", {1}, std::vector<std::int64_t>{-1}));
  }

  Graph& graph_;
  const Ranges& ranges_;
  const Weights weights_;
  std::map<std::string, Activation> activations_;
  std::set<std::string> coded_;
  std::vector<TensorData> added_;
};

}  // namespace

void to_int8(Graph& graph, const Ranges& ranges) { Quantising(graph, ranges).run(); }

std::vector<std::string> activations_of_int8(const Graph& graph) {
  const Weights weights(graph);
  std::vector<std::string> values;
  for (const Node& node : graph.nodes) {
    const Treatment treatment = weights.treatment_of(node);
    if (treatment == Treatment::keep || treatment == Treatment::table) continue;
    if (std::find(values.begin(), values.end(), node.inputs[0]) == values.end()) values.push_back(node.inputs[0]);
  }
  return values;
}

}  // namespace luthier::onnx
