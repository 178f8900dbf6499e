#include <array>

#include "base/error.h"
#include "base/files.h"
#include "base/version.h"
#include "onnx/file.h"
#include "onnx/message.h"

namespace luthier::onnx {

namespace {

constexpr std::uint64_t kPage = 4096;
constexpr std::uint64_t kSmall = 1024;  ///< smaller tensors stay in the file in any case: shapes and the like

ProtobufWriter entry(const std::string& key, const std::string& value) {
  ProtobufWriter message;
  message.bytes(field::entry::key, key);
  message.bytes(field::entry::value, value);
  return message;
}

ProtobufWriter message_of_attribute(const std::string& name, const AttributeValue& given) {
  ProtobufWriter message;
  message.bytes(field::attribute::name, name);
  message.integer(field::attribute::type, kAttributeTypes[given.index()]);
  struct Writer {
    ProtobufWriter& message;
    void operator()(std::int64_t value) const { message.integer(field::attribute::integer, value); }
    void operator()(float value) const { message.number32(field::attribute::number, value); }
    void operator()(const std::string& value) const { message.bytes(field::attribute::text, value); }
    void operator()(const std::vector<std::int64_t>& values) const {
      for (const std::int64_t value : values) message.integer(field::attribute::integers, value);
    }
    void operator()(const std::vector<float>& values) const {
      for (const float value : values) message.number32(field::attribute::numbers, value);
    }
    void operator()(const TensorData& tensor) const {
      ProtobufWriter whole = head_of(tensor);
      whole.bytes(field::tensor::raw, {reinterpret_cast<const char*>(tensor.bytes.data()), tensor.bytes.size()});
      message.message(field::attribute::tensor, whole);
    }
  };
  std::visit(Writer{message}, given);
  return message;
}

/// Where a tensor's numbers are written.
struct Placed {
  const TensorData* tensor;
  ProtobufWriter head;         ///< with what stands before the numbers, or with where they are
  std::uint64_t inside = 0;    ///< bytes that follow `head` in the file
  std::uint64_t external = 0;  ///< their place in the other file, when `inside` is 0
};

std::vector<Placed> placed(const Graph& graph, const fs::path& data, bool external) {
  std::vector<Placed> list;
  std::uint64_t end = 0;
  for (const TensorData& tensor : graph.initializers) {
    Placed one{&tensor, head_of(tensor), 0, 0};
    if (external && tensor.bytes.size() >= kSmall) {
      one.external = (end + kPage - 1) / kPage * kPage;
      end = one.external + tensor.bytes.size();
      one.head.message(field::tensor::external, entry("location", data.filename().string()));
      one.head.message(field::tensor::external, entry("offset", std::to_string(one.external)));
      one.head.message(field::tensor::external, entry("length", std::to_string(tensor.bytes.size())));
      one.head.integer(field::tensor::location, kExternal);
    } else {
      one.inside = tensor.bytes.size();
      one.head.length(field::tensor::raw, one.inside);
    }
    list.push_back(std::move(one));
  }
  return list;
}

ProtobufWriter graph_without_tensors(const Graph& graph) {
  ProtobufWriter message;
  for (const Node& node : graph.nodes) message.message(field::graph::node, message_of(node));
  message.bytes(field::graph::name, graph.name);
  for (const Value& value : graph.inputs) message.message(field::graph::input, message_of(value));
  for (const Value& value : graph.outputs) message.message(field::graph::output, message_of(value));
  return message;
}

ProtobufWriter model_without_graph(const Graph& graph) {
  ProtobufWriter message, opset;
  message.integer(field::model::ir_version, kIrVersion);
  message.bytes(field::model::producer_name, "luthier");
  message.bytes(field::model::producer_version, kVersion);
  opset.integer(field::opset::version, kOpset);
  message.message(field::model::opset, opset);
  for (const auto& [key, value] : graph.metadata) message.message(field::model::metadata, entry(key, value));
  return message;
}

void write_external(const std::vector<Placed>& tensors, const fs::path& data) {
  write_atomically(data, [&](int descriptor) {
    static constexpr std::array<char, kPage> nothing{};
    std::uint64_t end = 0;
    for (const Placed& one : tensors) {
      if (one.inside > 0 || one.tensor->bytes.empty()) continue;
      write_all(descriptor, nothing.data(), one.external - end, data.string());
      write_all(descriptor, one.tensor->bytes.data(), one.tensor->bytes.size(), data.string());
      end = one.external + one.tensor->bytes.size();
    }
  });
}

}  // namespace

ProtobufWriter head_of(const TensorData& tensor) {
  ProtobufWriter message;
  for (const std::int64_t size : tensor.shape) message.integer(field::tensor::dims, size);
  message.integer(field::tensor::type, static_cast<std::int64_t>(tensor.type));
  message.bytes(field::tensor::name, tensor.name);
  if (!tensor.note.empty()) message.bytes(field::tensor::note, tensor.note);
  return message;
}

ProtobufWriter message_of(const Node& node) {
  ProtobufWriter message;
  for (const std::string& input : node.inputs) message.bytes(field::node::input, input);
  for (const std::string& output : node.outputs) message.bytes(field::node::output, output);
  message.bytes(field::node::name, node.name);
  message.bytes(field::node::op, node.op);
  for (const auto& [name, value] : node.attributes)
    message.message(field::node::attribute, message_of_attribute(name, value));
  return message;
}

ProtobufWriter message_of(const Value& value) {
  ProtobufWriter shape, tensor, type, message;
  for (const Dimension& given : value.shape) {
    ProtobufWriter dimension;
    if (given.name.empty())
      dimension.integer(field::type::size, given.size);
    else
      dimension.bytes(field::type::size_name, given.name);
    shape.message(field::type::dimension, dimension);
  }
  tensor.integer(field::type::element, static_cast<std::int64_t>(value.type));
  tensor.message(field::type::shape, shape);
  type.message(field::type::tensor, tensor);
  message.bytes(field::value::name, value.name);
  if (value.is_typed) message.message(field::value::type, type);
  return message;
}

void write_graph(const Graph& graph, const fs::path& file, std::uint64_t most_inside) {
  std::uint64_t bytes = 0;
  for (const TensorData& tensor : graph.initializers) bytes += tensor.bytes.size();
  const bool external = bytes > most_inside;
  const fs::path data = file.string() + ".data";
  const std::vector<Placed> tensors = placed(graph, data, external);
  if (external) write_external(tensors, data);

  const ProtobufWriter rest = graph_without_tensors(graph);
  std::uint64_t graph_bytes = rest.written().size();
  std::vector<ProtobufWriter> starts;  // of each tensor's message: tag and length
  for (const Placed& one : tensors) {
    ProtobufWriter start;
    start.length(field::graph::initializer, one.head.written().size() + one.inside);
    graph_bytes += start.written().size() + one.head.written().size() + one.inside;
    starts.push_back(std::move(start));
  }
  ProtobufWriter model = model_without_graph(graph);
  model.length(field::model::graph, graph_bytes);
  write_atomically(file, [&](int descriptor) {
    const auto write = [&](const std::string& part) { write_all(descriptor, part.data(), part.size(), file.string()); };
    write(model.written());
    write(rest.written());
    for (std::size_t i = 0; i < tensors.size(); ++i) {
      write(starts[i].written());
      write(tensors[i].head.written());
      if (tensors[i].inside > 0)
        write_all(descriptor, tensors[i].tensor->bytes.data(), tensors[i].tensor->bytes.size(), file.string());
    }
  });
}

}  // namespace luthier::onnx
