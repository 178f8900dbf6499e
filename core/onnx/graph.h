#pragma once
// An ONNX model in memory: as much of the format (onnx.ai, "Open Neural Network Exchange Intermediate Representation")
// as exported networks need. No tensor library and no protobuf.
#include <cstddef>
#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <utility>
#include <variant>
#include <vector>

namespace luthier::onnx {

constexpr std::int64_t kOpset = 20;     ///< of the default domain: the first one with Gelu
constexpr std::int64_t kIrVersion = 9;  ///< the one that came with it

/// The format's own numbers.
enum class ElementType : std::int32_t { f32 = 1, u8 = 2, i8 = 3, i32 = 6, i64 = 7, boolean = 9, f16 = 10, f64 = 11 };
std::size_t size_of(ElementType type);  ///< bytes; bad_input for a type that is not among these

/// A weight or constant. Its bytes, little-endian and row after row, belong to `keep_alive`.
struct TensorData {
  std::string name;
  ElementType type = ElementType::f32;
  std::vector<std::int64_t> shape;
  std::span<const std::byte> bytes;
  std::shared_ptr<const void> keep_alive;
  std::string note{};      ///< for people: the format's doc_string
  bool is_weight = false;  ///< learned, not a constant of the formulas. Not in the file.

  std::int64_t elements() const;
};
/// With a copy of `values`.
TensorData tensor_of(std::string name, std::vector<std::int64_t> shape, const std::vector<float>& values);
TensorData tensor_of(std::string name, std::vector<std::int64_t> shape, const std::vector<std::int64_t>& values);
TensorData tensor_of(std::string name, ElementType type, std::vector<std::int64_t> shape, std::vector<std::byte> bytes);
/// The numbers of an f32, f16, i8, u8, i32 or i64 tensor.
std::vector<float> numbers_of(const TensorData& tensor);

using AttributeValue =
    std::variant<std::int64_t, float, std::string, std::vector<std::int64_t>, std::vector<float>, TensorData>;

struct Node {
  std::string op;                            ///< "MatMul"
  std::string name;                          ///< "bert.encoder.layer.0.output.dense/MatMul"
  std::vector<std::string> inputs, outputs;  ///< "": left out
  std::vector<std::pair<std::string, AttributeValue>> attributes{};

  /// What stands before the "/" of the name: the module that it was made from, "" where none.
  std::string place() const;
  template <class Value>
  const Value* attribute(const std::string& key) const {
    for (const auto& [name_of, value] : attributes)
      if (name_of == key) return std::get_if<Value>(&value);
    return nullptr;
  }
};

struct Dimension {
  std::int64_t size = 0;
  std::string name{};  ///< of any size, the same one wherever this name stands; "": `size` it is
};

/// An input or output of the whole graph.
struct Value {
  std::string name;
  ElementType type = ElementType::f32;
  std::vector<Dimension> shape;
  bool is_typed = true;  ///< false: type and shape are left to whoever reads the file
};

struct Graph {
  std::string name;
  std::vector<Node> nodes;  ///< in an order in which they can be computed
  std::vector<TensorData> initializers;
  std::vector<Value> inputs, outputs;
  std::vector<std::pair<std::string, std::string>> metadata{};
  /// Of every value between nodes, as far as known. Not in the file.
  std::map<std::string, ElementType> types{};

  const TensorData* initializer(const std::string& name) const;  ///< nullptr if absent
};

/// Takes away nodes and initializers that no output depends on.
void drop_unused(Graph& graph);

}  // namespace luthier::onnx
