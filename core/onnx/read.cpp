#include <algorithm>
#include <charconv>
#include <cstring>
#include <set>

#include "base/error.h"
#include "base/files.h"
#include "base/random.h"
#include "onnx/file.h"
#include "onnx/message.h"

namespace luthier::onnx {

namespace {

class Reader {
 public:
  explicit Reader(const fs::path& file) : path_(file), file_(MappedFile::open(file)) {}

  Graph read() {
    Graph graph;
    bool found = false;
    each(text_of(*file_), [&](const ProtobufReader::Field& part) {
      if (part.number == field::model::graph) {
        found = true;
        read_graph_into(part.bytes, graph);
      } else if (part.number == field::model::metadata) {
        graph.metadata.push_back(entry(part.bytes));
      }
    });
    if (!found) broken("it holds no graph");
    return graph;
  }

 private:
  [[noreturn]] void broken(const std::string& what) const {
    fail(ErrorKind::bad_input, "this is no complete ONNX file: " + what, path_.string(), "export the model again");
  }

  static std::string_view text_of(const MappedFile& file) {
    return {reinterpret_cast<const char*>(file.data()), file.size()};
  }

  template <class Use>
  void each(std::string_view bytes, const Use& use) const {
    ProtobufReader reader(bytes);
    while (const auto part = reader.next()) use(*part);
    if (reader.broken()) broken("a part of it is cut short");
  }

  /// A number that may be alone or among others in one field.
  template <class Use>
  void integers(const ProtobufReader::Field& part, const Use& use) const {
    if (part.bytes.empty()) {
      use(static_cast<std::int64_t>(part.whole));
      return;
    }
    // Packed: varints one behind the other, each read as a field's would be.
    std::uint64_t value = 0;
    int shift = 0;
    for (const char one : part.bytes) {
      if (shift > 63) broken("a number is too long");
      value |= std::uint64_t{static_cast<unsigned char>(one) & 0x7Fu} << shift;
      shift += 7;
      if (static_cast<unsigned char>(one) >= 0x80) continue;
      use(static_cast<std::int64_t>(value));
      value = 0;
      shift = 0;
    }
    if (shift != 0) broken("a number is cut short");
  }

  std::pair<std::string, std::string> entry(std::string_view bytes) const {
    std::pair<std::string, std::string> read;
    each(bytes, [&](const ProtobufReader::Field& part) {
      if (part.number == field::entry::key) read.first = part.bytes;
      if (part.number == field::entry::value) read.second = part.bytes;
    });
    return read;
  }

  void read_graph_into(std::string_view bytes, Graph& graph) {
    each(bytes, [&](const ProtobufReader::Field& part) {
      if (part.number == field::graph::node) graph.nodes.push_back(node(part.bytes));
      if (part.number == field::graph::name) graph.name = part.bytes;
      if (part.number == field::graph::initializer) graph.initializers.push_back(tensor(part.bytes));
      if (part.number == field::graph::input) graph.inputs.push_back(value(part.bytes));
      if (part.number == field::graph::output) graph.outputs.push_back(value(part.bytes));
    });
  }

  Node node(std::string_view bytes) {
    Node read;
    each(bytes, [&](const ProtobufReader::Field& part) {
      if (part.number == field::node::input) read.inputs.emplace_back(part.bytes);
      if (part.number == field::node::output) read.outputs.emplace_back(part.bytes);
      if (part.number == field::node::name) read.name = part.bytes;
      if (part.number == field::node::op) read.op = part.bytes;
      if (part.number == field::node::attribute) read.attributes.push_back(attribute(part.bytes));
    });
    return read;
  }

  std::pair<std::string, AttributeValue> attribute(std::string_view bytes) {
    std::pair<std::string, AttributeValue> read;
    std::int64_t type = 0, integer = 0;
    float number = 0;
    std::string text;
    std::vector<std::int64_t> list;
    std::vector<float> numbers;
    TensorData constant;
    each(bytes, [&](const ProtobufReader::Field& part) {
      if (part.number == field::attribute::name) read.first = part.bytes;
      if (part.number == field::attribute::type) type = static_cast<std::int64_t>(part.whole);
      if (part.number == field::attribute::integer) integer = static_cast<std::int64_t>(part.whole);
      if (part.number == field::attribute::number) number = part.number32();
      if (part.number == field::attribute::text) text = part.bytes;
      if (part.number == field::attribute::integers) integers(part, [&](std::int64_t one) { list.push_back(one); });
      if (part.number == field::attribute::numbers) numbers.push_back(part.number32());
      if (part.number == field::attribute::tensor) constant = tensor(part.bytes);
    });
    if (type == kAttributeTypes[0])
      read.second = integer;
    else if (type == kAttributeTypes[1])
      read.second = number;
    else if (type == kAttributeTypes[2])
      read.second = text;
    else if (type == kAttributeTypes[3])
      read.second = list;
    else if (type == kAttributeTypes[4])
      read.second = numbers;
    else if (type == kAttributeTypes[5])
      read.second = constant;
    else
      broken("the attribute " + read.first + " is of a kind that is not read");
    return read;
  }

  TensorData tensor(std::string_view bytes) {
    TensorData read;
    read.keep_alive = file_;
    std::map<std::string, std::string> external;
    bool outside = false;
    each(bytes, [&](const ProtobufReader::Field& part) {
      if (part.number == field::tensor::dims) integers(part, [&](std::int64_t size) { read.shape.push_back(size); });
      if (part.number == field::tensor::type) read.type = static_cast<ElementType>(part.whole);
      if (part.number == field::tensor::name) read.name = part.bytes;
      if (part.number == field::tensor::note) read.note = part.bytes;
      if (part.number == field::tensor::raw) read.bytes = std::as_bytes(std::span(part.bytes));
      if (part.number == field::tensor::external) external.insert(entry(part.bytes));
      if (part.number == field::tensor::location) outside = part.whole == kExternal;
    });
    if (outside) take_external(read, external);
    std::uint64_t count = size_of(read.type);
    for (const std::int64_t size : read.shape)
      if (size < 0 || __builtin_mul_overflow(count, static_cast<std::uint64_t>(size), &count))
        broken("the shape of " + read.name + " is none");
    if (count != read.bytes.size()) broken("the numbers of " + read.name + " are not as many as its shape says");
    return read;
  }

  void take_external(TensorData& tensor, const std::map<std::string, std::string>& where) {
    const auto text = [&](const char* key) {
      const auto found = where.find(key);
      return found == where.end() ? std::string() : found->second;
    };
    const auto number = [&](const char* key) {
      const std::string given = text(key);
      std::uint64_t value = 0;
      const auto read = std::from_chars(given.data(), given.data() + given.size(), value);
      if (read.ec != std::errc() || read.ptr != given.data() + given.size())
        broken("it does not say where the numbers of " + tensor.name + " are");
      return value;
    };
    const fs::path name = text("location");
    if (name.empty() || name.has_parent_path() || name == "..") broken("its data lies outside of its folder");
    const std::uint64_t offset = number("offset"), length = number("length");
    if (!data_ || data_->path().filename() != name) data_ = MappedFile::open(path_.parent_path() / name);
    if (offset > data_->size() || length > data_->size() - offset)
      broken("its data ends before the tensor " + tensor.name);
    tensor.bytes = {data_->data() + offset, length};
    tensor.keep_alive = data_;
  }

  Value value(std::string_view bytes) const {
    Value read;
    each(bytes, [&](const ProtobufReader::Field& part) {
      if (part.number == field::value::name) read.name = part.bytes;
      if (part.number != field::value::type) return;
      each(part.bytes, [&](const ProtobufReader::Field& kind) {
        if (kind.number != field::type::tensor) return;
        each(kind.bytes, [&](const ProtobufReader::Field& inner) {
          if (inner.number == field::type::element) read.type = static_cast<ElementType>(inner.whole);
          if (inner.number == field::type::shape)
            each(inner.bytes, [&](const ProtobufReader::Field& size) { read.shape.push_back(dimension(size.bytes)); });
        });
      });
    });
    return read;
  }

  Dimension dimension(std::string_view bytes) const {
    Dimension read;
    each(bytes, [&](const ProtobufReader::Field& part) {
      if (part.number == field::type::size) read.size = static_cast<std::int64_t>(part.whole);
      if (part.number == field::type::size_name) read.name = part.bytes;
    });
    return read;
  }

  fs::path path_;
  std::shared_ptr<MappedFile> file_, data_;
};

std::uint64_t hash_text(const std::string& text, std::uint64_t start) {
  return hash_bytes(text.data(), text.size() + 1, start);  // with its end: "ab", "c" is not "a", "bc"
}

std::string checksum_of(const TensorData& tensor) {
  std::string kind = std::to_string(static_cast<int>(tensor.type));
  for (const std::int64_t size : tensor.shape) kind += "," + std::to_string(size);
  return hex(hash_bytes(tensor.bytes.data(), tensor.bytes.size(), hash_text(kind, hash_bytes(nullptr, 0))));
}

void add_checksums(const Graph& graph, const std::string& prefix, std::map<std::string, std::string>& sums) {
  for (const TensorData& tensor : graph.initializers) sums[prefix + tensor.name] = checksum_of(tensor);
  std::map<std::string, std::uint64_t> places;
  for (const Node& node : graph.nodes) {
    std::uint64_t& sum = places.try_emplace(node.place(), hash_bytes(nullptr, 0)).first->second;
    sum = hash_text(message_of(node).written(), sum);
  }
  for (const auto& [place, sum] : places) sums[prefix + (place.empty() ? "nodes" : "nodes of " + place)] = hex(sum);
}

}  // namespace

Graph read_graph(const fs::path& file) { return Reader(file).read(); }

std::map<std::string, std::string> graph_checksums(const fs::path& folder) {
  std::set<fs::path> files;
  for (const auto& entry : fs::directory_iterator(folder))
    if (entry.path().extension() == ".onnx") files.insert(entry.path());
  if (files.empty()) fail(ErrorKind::not_found, "there is no ONNX file", folder.string(), "export the model again");
  std::map<std::string, std::string> sums;
  for (const fs::path& file : files)
    add_checksums(read_graph(file), files.size() > 1 ? file.stem().string() + ": " : "", sums);
  return sums;
}

}  // namespace luthier::onnx
