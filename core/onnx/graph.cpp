#include "onnx/graph.h"

#include <algorithm>
#include <cstring>
#include <set>

#include "base/error.h"
#include "onnx/half.h"

namespace luthier::onnx {

namespace {

template <class Number>
TensorData owned(std::string name, ElementType type, std::vector<std::int64_t> shape, std::vector<Number> values) {
  auto kept = std::make_shared<const std::vector<Number>>(std::move(values));
  TensorData tensor{std::move(name), type, std::move(shape), std::as_bytes(std::span(*kept)), kept};
  if (tensor.bytes.size() != static_cast<std::size_t>(tensor.elements()) * size_of(type))
    fail(ErrorKind::internal, "a constant has another size than its shape says", tensor.name);
  return tensor;
}

template <class Number>
std::vector<float> widened(std::span<const std::byte> bytes) {
  std::vector<Number> values(bytes.size() / sizeof(Number));
  std::memcpy(values.data(), bytes.data(), values.size() * sizeof(Number));
  return std::vector<float>(values.begin(), values.end());
}

}  // namespace

std::size_t size_of(ElementType type) {
  switch (type) {
    case ElementType::u8:
    case ElementType::i8:
    case ElementType::boolean:
      return 1;
    case ElementType::f16:
      return 2;
    case ElementType::f32:
    case ElementType::i32:
      return 4;
    case ElementType::i64:
    case ElementType::f64:
      return 8;
  }
  fail(ErrorKind::bad_input, "there are numbers of a type that is not read: " + std::to_string(static_cast<int>(type)));
}

std::int64_t TensorData::elements() const {
  std::int64_t count = 1;
  for (const std::int64_t size : shape) count *= size;
  return count;
}

TensorData tensor_of(std::string name, std::vector<std::int64_t> shape, const std::vector<float>& values) {
  return owned(std::move(name), ElementType::f32, std::move(shape), values);
}

TensorData tensor_of(std::string name, std::vector<std::int64_t> shape, const std::vector<std::int64_t>& values) {
  return owned(std::move(name), ElementType::i64, std::move(shape), values);
}

TensorData tensor_of(std::string name, ElementType type, std::vector<std::int64_t> shape,
                     std::vector<std::byte> bytes) {
  return owned(std::move(name), type, std::move(shape), std::move(bytes));
}

std::vector<float> numbers_of(const TensorData& tensor) {
  switch (tensor.type) {
    case ElementType::f32:
      return widened<float>(tensor.bytes);
    case ElementType::u8:
      return widened<std::uint8_t>(tensor.bytes);
    case ElementType::i8:
      return widened<std::int8_t>(tensor.bytes);
    case ElementType::i32:
      return widened<std::int32_t>(tensor.bytes);
    case ElementType::i64:
      return widened<std::int64_t>(tensor.bytes);
    case ElementType::f16: {
      std::vector<float> numbers(tensor.bytes.size() / 2);
      for (std::size_t i = 0; i < numbers.size(); ++i) {
        std::uint16_t bits = 0;
        std::memcpy(&bits, tensor.bytes.data() + 2 * i, 2);
        numbers[i] = from_half(bits);
      }
      return numbers;
    }
    default:
      fail(ErrorKind::internal, "these are no numbers that fit into fp32", tensor.name);
  }
}

std::string Node::place() const {
  const auto end = name.find('/');
  return end == std::string::npos ? std::string() : name.substr(0, end);
}

const TensorData* Graph::initializer(const std::string& wanted) const {
  const auto found = std::find_if(initializers.begin(), initializers.end(),
                                  [&](const TensorData& tensor) { return tensor.name == wanted; });
  return found == initializers.end() ? nullptr : &*found;
}

void drop_unused(Graph& graph) {
  std::set<std::string> used;
  for (const Value& output : graph.outputs) used.insert(output.name);
  std::vector<Node> kept;
  for (auto node = graph.nodes.rbegin(); node != graph.nodes.rend(); ++node) {
    const bool is_used = std::any_of(node->outputs.begin(), node->outputs.end(),
                                     [&](const std::string& output) { return used.count(output) > 0; });
    if (!is_used) continue;
    used.insert(node->inputs.begin(), node->inputs.end());
    kept.push_back(std::move(*node));
  }
  std::reverse(kept.begin(), kept.end());
  graph.nodes = std::move(kept);
  std::erase_if(graph.initializers, [&](const TensorData& tensor) { return !used.count(tensor.name); });
}

}  // namespace luthier::onnx
