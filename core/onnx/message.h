#pragma once
// Parts of an ONNX file as protocol buffer messages. Field numbers are those of onnx.proto.
#include <string>

#include "base/protobuf.h"
#include "onnx/graph.h"

namespace luthier::onnx {

namespace field {
namespace model {
constexpr std::uint32_t ir_version = 1, producer_name = 2, producer_version = 3, graph = 7, opset = 8, metadata = 14;
}
namespace opset {
constexpr std::uint32_t version = 2;
}
namespace entry {  // a key and a value
constexpr std::uint32_t key = 1, value = 2;
}
namespace graph {
constexpr std::uint32_t node = 1, name = 2, initializer = 5, input = 11, output = 12;
}
namespace node {
constexpr std::uint32_t input = 1, output = 2, name = 3, op = 4, attribute = 5, domain = 7;
}
namespace attribute {
constexpr std::uint32_t name = 1, number = 2, integer = 3, text = 4, tensor = 5, numbers = 7, integers = 8, type = 20;
}
namespace tensor {
constexpr std::uint32_t dims = 1, type = 2, name = 8, raw = 9, note = 12, external = 13, location = 14;
}
namespace value {
constexpr std::uint32_t name = 1, type = 2;
}
namespace type {
constexpr std::uint32_t tensor = 1, element = 1, shape = 2, dimension = 1, size = 1, size_name = 2;
}
}  // namespace field

/// AttributeProto's names for what it holds, in the order of AttributeValue.
constexpr std::int64_t kAttributeTypes[] = {2, 1, 3, 7, 6, 4};
constexpr std::int64_t kExternal = 1;  ///< tensor::location

ProtobufWriter message_of(const Node& node);
ProtobufWriter message_of(const Value& value);
/// All but the numbers themselves.
ProtobufWriter head_of(const TensorData& tensor);

}  // namespace luthier::onnx
