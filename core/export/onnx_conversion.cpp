#include "export/onnx_conversion.h"

#include <ATen/core/grad_mode.h>
#include <ATen/ops/scalar_tensor.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/ir.h>

#include <algorithm>

#include "base/error.h"
#include "export/onnx_known.h"
#include "export/onnx_operators.h"

namespace luthier {

namespace {

namespace jit = torch::jit;

ElementType element_type(c10::ScalarType type) {
  switch (type) {
    case c10::ScalarType::Float:
    case c10::ScalarType::Double:  // of plain numbers alone: models compute in fp32
      return ElementType::f32;
    case c10::ScalarType::Half:
      return ElementType::f16;
    case c10::ScalarType::Long:
      return ElementType::i64;
    case c10::ScalarType::Int:
      return ElementType::i32;
    case c10::ScalarType::Bool:
      return ElementType::boolean;
    case c10::ScalarType::Byte:
      return ElementType::u8;
    case c10::ScalarType::Char:
      return ElementType::i8;
    default:
      fail(ErrorKind::unsupported,
           std::string("ONNX files are not written with numbers of type ") + c10::toString(type), {},
           "load the model in fp32");
  }
}

c10::ScalarType scalar_type(ElementType type) {
  switch (type) {
    case ElementType::f16:
      return c10::ScalarType::Half;
    case ElementType::i64:
      return c10::ScalarType::Long;
    case ElementType::i32:
      return c10::ScalarType::Int;
    case ElementType::boolean:
      return c10::ScalarType::Bool;
    case ElementType::u8:
      return c10::ScalarType::Byte;
    case ElementType::i8:
      return c10::ScalarType::Char;
    default:
      return c10::ScalarType::Float;
  }
}

/// chunk(x, count, d), split_with_sizes(x, sizes, d): a list of pieces.
bool is_cutting(const jit::Node& node) {
  static const auto chunk = c10::Symbol::fromQualString("aten::chunk"),
                    split = c10::Symbol::fromQualString("aten::split_with_sizes");
  return node.kind() == chunk || node.kind() == split;
}

}  // namespace

struct OnnxConversion::State {
  const TracedGraph& traced;
  const std::map<std::string, std::string>& names;
  KnownValues known;
  std::map<const jit::Value*, std::string> value_names{};
  std::map<std::string, std::string> initializers{};  ///< by what identifies their numbers
  std::vector<at::Tensor> held{};                     ///< so that no other tensor comes to lie where one lay
  std::map<std::string, int> used_names{};
  std::map<std::string, OnnxOperator> operators{};
  onnx::Graph graph{};
  const jit::Node* node = nullptr;

  const jit::Value* at(std::size_t i) const { return i < node->inputs().size() ? node->input(i) : nullptr; }
  const KnownValue* known_at(std::size_t i) const { return known.find(at(i)); }
  const c10::IValue& constant(std::size_t i) const {
    const KnownValue* found = known_at(i);
    if (!found) fail(ErrorKind::internal, describe() + ": input " + std::to_string(i) + " is no constant");
    return found->value;
  }
  std::string describe() const {
    const std::string where = known.place(node);
    return std::string(node->kind().toQualString()) + (where.empty() ? "" : " in " + where);
  }
  c10::TensorTypePtr tensor_type(const jit::Value* value) const {
    auto type = value->type()->cast<c10::TensorType>();
    if (!type || !type->dim() || !type->scalarType())
      fail(ErrorKind::internal, describe() + ": a value of unknown type");
    return type;
  }
  std::int64_t size(const jit::Value* value, std::int64_t d) const {
    const auto sizes = tensor_type(value)->sizes().concrete_sizes();
    if (!sizes) fail(ErrorKind::internal, describe() + ": a value of unknown sizes");
    return sizes->at(static_cast<std::size_t>(d < 0 ? d + static_cast<std::int64_t>(sizes->size()) : d));
  }
  std::string unique(const std::string& wanted) {
    const int count = used_names[wanted]++;
    return count == 0 ? wanted : unique(wanted + "_" + std::to_string(count));
  }
  std::string outside(const std::string& name) const {
    const auto found = names.find(name);
    return found == names.end() ? name : found->second;
  }
  onnx::Value value_of(const TracedValue& one) const {
    onnx::Value value{outside(one.name), element_type(one.type), {}};
    for (const TracedAxis& axis : one.axes) value.shape.push_back({axis.size, axis.name});
    return value;
  }
};

OnnxConversion::OnnxConversion(const torch::jit::Module& module, const TracedGraph& traced,
                               const std::map<std::string, std::string>& names)
    : state_(new State{traced, names, KnownValues(module._ivalue(), *traced.graph)}) {
  for (const OnnxOperators* table : {&onnx_arithmetic(), &onnx_shapes(), &onnx_layers()})
    for (const auto& [kind, function] : *table) state_->operators.emplace(kind, function);
}

OnnxConversion::~OnnxConversion() = default;

onnx::Graph OnnxConversion::run() {
  const at::NoGradGuard no_grad;
  State& s = *state_;
  const jit::Graph& graph = *s.traced.graph;
  s.graph.name = s.traced.name;
  for (std::size_t i = 0; i < s.traced.inputs.size(); ++i) {
    s.graph.inputs.push_back(s.value_of(s.traced.inputs[i]));
    const std::string& name = s.graph.inputs.back().name;
    s.value_names[graph.inputs()[i + 1]] = s.unique(name);
    s.graph.types[name] = s.graph.inputs.back().type;
  }
  for (const TracedValue& output : s.traced.outputs) s.used_names[s.outside(output.name)] = 1;
  for (const jit::Node* one : graph.nodes()) {
    const bool is_gathered = one->kind() == jit::prim::ListConstruct || one->kind() == jit::prim::TupleConstruct;
    if (is_gathered || s.known.is_known(*one)) continue;
    s.node = one;
    if (is_cutting(*one)) continue;  // its pieces are converted where they are taken out
    if (one->kind() == jit::prim::ListUnpack) {
      unpack();
      continue;
    }
    const auto found = s.operators.find(one->kind().toQualString());
    if (found == s.operators.end()) refuse("this operation has no counterpart");
    s.value_names[one->output(0)] = found->second(*this);
  }

  std::vector<const jit::Value*> results = {graph.outputs()[0]};
  if (results[0]->node()->kind() == jit::prim::TupleConstruct) {
    s.node = results[0]->node();
    results = {s.node->inputs().begin(), s.node->inputs().end()};
  }
  for (std::size_t i = 0; i < results.size(); ++i) {
    const onnx::Value value = s.value_of(s.traced.outputs.at(i));
    const auto found = s.value_names.find(results[i]);
    std::string source;
    if (found != s.value_names.end())
      source = found->second;
    else
      source = weight(s.known.find(results[i])->value.toTensor());
    s.graph.nodes.push_back({"Identity", "/Identity to " + value.name, {source}, {value.name}});
    s.graph.types[value.name] = value.type;
    s.graph.outputs.push_back(value);
  }
  onnx::drop_unused(s.graph);
  return std::move(s.graph);
}

/// The pieces that a tensor is cut into, whose sizes along that dimension are those that were recorded.
void OnnxConversion::unpack() {
  State& s = *state_;
  const jit::Node* const pieces = s.node;
  s.node = pieces->input()->node();
  if (!is_cutting(*s.node)) refuse("a list of tensors is made in a way that is not known");
  const std::int64_t d = dimension(0, 2);
  std::vector<std::int64_t> sizes;
  onnx::Node made{"Split", s.unique(s.known.place(s.node) + "/Split"), {input(0), ""}, {}, {{"axis", d}}};
  for (const jit::Value* piece : pieces->outputs()) {
    sizes.push_back(s.size(piece, d));
    const std::string name = s.unique(made.name + "_piece");
    made.outputs.push_back(name);
    s.value_names[piece] = name;
    s.graph.types[name] = element_type(*s.tensor_type(piece)->scalarType());
  }
  made.inputs[1] = list(sizes);
  s.graph.nodes.push_back(std::move(made));
}

bool OnnxConversion::absent(std::size_t i) const {
  if (!state_->at(i)) return true;
  const KnownValue* known = state_->known_at(i);
  return known && known->value.isNone();
}

const at::Tensor* OnnxConversion::known(std::size_t i) const {
  const KnownValue* known = state_->known_at(i);
  return known && known->value.isTensor() ? &known->value.toTensor() : nullptr;
}

bool OnnxConversion::is_scalar(std::size_t i) const {
  const KnownValue* known = state_->known_at(i);
  if (!known) return false;
  return known->value.isScalar() || (known->value.isTensor() && known->value.toTensor().dim() == 0);
}

std::string OnnxConversion::input(std::size_t i) {
  const auto found = state_->value_names.find(state_->at(i));
  if (found != state_->value_names.end()) return found->second;
  const KnownValue* known = state_->known_at(i);
  if (known && known->value.isTensor()) return weight(known->value.toTensor());
  if (known && known->value.isScalar()) return scalar(known->value.toScalar().toDouble(), type());
  refuse("input " + std::to_string(i) + " is no tensor");
}

std::string OnnxConversion::input(std::size_t i, ElementType type) {
  if (is_scalar(i)) {
    const c10::IValue& value = state_->constant(i);
    return scalar((value.isTensor() ? value.toTensor().item() : value.toScalar()).toDouble(), type);
  }
  if (const at::Tensor* tensor = known(i)) return weight(tensor->to(scalar_type(type)));
  return cast(input(i), type);
}

std::vector<std::string> OnnxConversion::inputs(std::size_t i) {
  const jit::Node* list = state_->at(i)->node();
  if (list->kind() != jit::prim::ListConstruct) refuse("a list of tensors is made elsewhere");
  std::vector<std::string> values;
  const jit::Node* node = state_->node;
  const ElementType wanted = type();
  state_->node = list;
  for (std::size_t one = 0; one < list->inputs().size(); ++one) values.push_back(input(one, wanted));
  state_->node = node;
  return values;
}

std::int64_t OnnxConversion::integer(std::size_t i) const {
  const c10::IValue& value = state_->constant(i);
  return value.isTensor() ? value.toTensor().item<std::int64_t>() : value.toInt();
}
std::int64_t OnnxConversion::integer(std::size_t i, std::int64_t otherwise) const {
  return absent(i) ? otherwise : integer(i);
}
double OnnxConversion::number(std::size_t i) const {
  const c10::IValue& value = state_->constant(i);
  return value.isTensor() ? value.toTensor().item<double>() : value.toScalar().toDouble();
}
bool OnnxConversion::flag(std::size_t i, bool otherwise) const {
  return absent(i) ? otherwise : state_->constant(i).toBool();
}
std::vector<std::int64_t> OnnxConversion::integers(std::size_t i) const {
  if (absent(i)) return {};
  const c10::IValue& value = state_->constant(i);
  return value.isInt() ? std::vector<std::int64_t>{value.toInt()} : value.toIntVector();
}
std::string OnnxConversion::text(std::size_t i) const { return state_->constant(i).toStringRef(); }

std::int64_t OnnxConversion::rank(std::size_t i) const {
  if (const at::Tensor* tensor = known(i)) return tensor->dim();
  return is_scalar(i) ? 0 : static_cast<std::int64_t>(*state_->tensor_type(state_->at(i))->dim());
}
std::int64_t OnnxConversion::dimension(std::size_t i, std::size_t which) const {
  const std::int64_t d = integer(which);
  return d < 0 ? d + rank(i) : d;
}
std::int64_t OnnxConversion::size(std::size_t i, std::int64_t d) const {
  const at::Tensor* tensor = known(i);
  return tensor ? tensor->size(d) : state_->size(state_->at(i), d);
}
ElementType OnnxConversion::type(std::size_t i) const {
  if (const at::Tensor* tensor = known(i)) return element_type(tensor->scalar_type());
  if (is_scalar(i)) {
    const c10::IValue& value = state_->constant(i);
    return value.isInt() ? ElementType::i64 : value.isBool() ? ElementType::boolean : ElementType::f32;
  }
  return element_type(*state_->tensor_type(state_->at(i))->scalarType());
}
ElementType OnnxConversion::promoted(std::size_t i, std::size_t j) const {
  const auto is_number = [](ElementType type) { return type == ElementType::f32 || type == ElementType::f16; };
  const ElementType one = type(i), other = type(j);
  if (one == other) return one;
  if (is_number(one) != is_number(other)) return is_number(one) ? one : other;
  if (is_scalar(i) != is_scalar(j)) return is_scalar(i) ? other : one;
  if (one == ElementType::boolean) return other;
  if (other == ElementType::boolean) return one;
  return is_number(one) ? ElementType::f32 : ElementType::i64;
}

ElementType OnnxConversion::type() const {
  return element_type(*state_->tensor_type(state_->node->output(0))->scalarType());
}
std::int64_t OnnxConversion::rank() const {
  return static_cast<std::int64_t>(*state_->tensor_type(state_->node->output(0))->dim());
}
std::int64_t OnnxConversion::size(std::int64_t d) const { return state_->size(state_->node->output(0), d); }

std::string OnnxConversion::add(const std::string& op, std::vector<std::string> inputs, OnnxAttributes attributes,
                                std::optional<ElementType> made) {
  const std::string name = state_->unique(state_->known.place(state_->node) + "/" + op);
  state_->graph.types[name] = made ? *made : type();
  state_->graph.nodes.push_back({op, name, std::move(inputs), {name}, std::move(attributes)});
  return name;
}

std::string OnnxConversion::cast(const std::string& value, ElementType to) {
  if (state_->graph.types.at(value) == to) return value;
  return add("Cast", {value}, {{"to", static_cast<std::int64_t>(to)}}, to);
}

std::string OnnxConversion::shape_of(const std::string& value) { return add("Shape", {value}, {}, ElementType::i64); }

std::string OnnxConversion::list(const std::vector<std::int64_t>& numbers) {
  std::string key = "list";
  for (const std::int64_t number : numbers) key += " " + std::to_string(number);
  const auto [found, is_new] = state_->initializers.try_emplace(key);
  if (!is_new) return found->second;
  found->second = state_->unique("constant");
  state_->graph.initializers.push_back(
      onnx::tensor_of(found->second, {static_cast<std::int64_t>(numbers.size())}, numbers));
  state_->graph.types[found->second] = ElementType::i64;
  return found->second;
}

std::string OnnxConversion::scalar(double number, ElementType type) {
  const at::Tensor tensor = at::scalar_tensor(number, at::TensorOptions(scalar_type(type)));
  const std::string key = "scalar " + std::to_string(static_cast<int>(type)) + " " +
                          std::string(static_cast<const char*>(tensor.const_data_ptr()), tensor.nbytes());
  const auto [found, is_new] = state_->initializers.try_emplace(key);
  if (is_new) found->second = weight(tensor);
  return found->second;
}

bool OnnxConversion::is_shared(const at::Tensor& tensor) const {
  return state_->known.is_shared(tensor.const_data_ptr());
}

std::string OnnxConversion::weight(const at::Tensor& tensor, const std::string& note) {
  State& s = *state_;
  std::string key = "tensor " + std::to_string(reinterpret_cast<std::uintptr_t>(tensor.const_data_ptr())) + " " +
                    std::to_string(static_cast<int>(tensor.scalar_type()));
  for (std::int64_t d = 0; d < tensor.dim(); ++d)
    key += " " + std::to_string(tensor.size(d)) + "/" + std::to_string(tensor.stride(d));
  const auto [found, is_new] = s.initializers.try_emplace(key);
  if (!is_new) return found->second;
  s.held.push_back(tensor);
  const std::string source = tensor.numel() > 0 ? s.known.weight_at(tensor.const_data_ptr()) : "";
  found->second = s.unique(source.empty() ? "constant" : source);
  const at::Tensor plain = tensor.detach().to(at::kCPU).contiguous();
  const auto kept =
      std::make_shared<const at::Tensor>(plain.scalar_type() == at::kDouble ? plain.to(at::kFloat) : plain);
  onnx::TensorData data{found->second,
                        element_type(kept->scalar_type()),
                        kept->sizes().vec(),
                        {static_cast<const std::byte*>(kept->const_data_ptr()), kept->nbytes()},
                        kept,
                        note,
                        !source.empty()};
  s.graph.types[data.name] = data.type;
  s.graph.initializers.push_back(std::move(data));
  return found->second;
}

void OnnxConversion::refuse(const std::string& why) const {
  fail(ErrorKind::unsupported, "this model cannot become ONNX: " + why, state_->describe(),
       "export a Hugging Face folder instead");
}

}  // namespace luthier
