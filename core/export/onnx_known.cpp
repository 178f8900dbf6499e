#include "export/onnx_known.h"

#include <torch/csrc/jit/ir/constants.h>

#include <algorithm>

namespace luthier {

namespace {

namespace jit = torch::jit;

std::string parent_of(const std::string& name) {
  const auto dot = name.rfind('.');
  return dot == std::string::npos ? std::string() : name.substr(0, dot);
}

/// The module that holds both.
std::string common_module(const std::string& one, const std::string& other) {
  std::size_t end = 0;
  for (std::size_t i = 0;; ++i) {
    const bool one_ends = i == one.size() || one[i] == '.', other_ends = i == other.size() || other[i] == '.';
    if (one_ends && other_ends) end = i;
    if (i >= one.size() || i >= other.size() || one[i] != other[i]) break;
  }
  return one.substr(0, end);
}

}  // namespace

KnownValues::KnownValues(const c10::IValue& module, const jit::Graph& graph) {
  values_[graph.inputs()[0]] = {module};
  for (const jit::Node* node : graph.nodes()) learn(*node);
  for (const auto& [value, known] : values_)
    if (known.is_weight && known.value.isTensor())
      weights_.emplace(known.value.toTensor().const_data_ptr(), known.name);
  find_places(graph);
  find_readers(graph);
}

const KnownValue* KnownValues::find(const jit::Value* value) const {
  const auto found = values_.find(value);
  return found == values_.end() ? nullptr : &found->second;
}

bool KnownValues::is_known(const jit::Node& node) const {
  return node.outputs().size() == 1 && values_.count(node.outputs()[0]) > 0;
}

std::string KnownValues::place(const jit::Node* node) const {
  const auto found = places_.find(node);
  return found == places_.end() ? std::string() : found->second;
}

std::string KnownValues::weight_at(const void* numbers) const {
  const auto found = weights_.find(numbers);
  return found == weights_.end() ? std::string() : found->second;
}

void KnownValues::learn(const jit::Node& node) {
  if (node.outputs().size() != 1) return;
  if (node.kind() == jit::prim::Constant) {
    if (const auto value = jit::toIValue(node.output())) values_[node.output()] = {*value};
    return;
  }
  jit::Stack stack;
  KnownValue made;
  for (const jit::Value* input : node.inputs()) {
    const KnownValue* known = find(input);
    if (!known) return;
    stack.push_back(known->value);
    if (known->is_weight) made.name = made.is_weight ? common_module(made.name, known->name) : known->name;
    made.is_weight = made.is_weight || known->is_weight;
  }
  if (node.kind() == jit::prim::GetAttr) {
    const KnownValue& from = *find(node.input());
    const std::string& attribute = node.s(jit::attr::name);
    made.value = from.value.toObject()->getAttr(attribute);
    made.name = from.name + (from.name.empty() ? "" : ".") + attribute;
    made.is_weight = made.value.isTensor();
  } else if (node.kind() == jit::prim::ListConstruct) {
    if (!std::all_of(stack.begin(), stack.end(), [](const c10::IValue& value) { return value.isInt(); })) return;
    std::vector<std::int64_t> list;
    for (const c10::IValue& value : stack) list.push_back(value.toInt());
    made.value = list;
  } else if (node.kind().is_aten()) {
    node.getOperation()(stack);
    made.value = stack.at(0);
  } else {
    return;
  }
  values_[node.output()] = std::move(made);
}

void KnownValues::find_places(const jit::Graph& graph) {
  struct Placed {
    const jit::Node* node;
    bool reads;  ///< a weight
    std::string place;
  };
  std::vector<Placed> order;
  for (const jit::Node* node : graph.nodes()) {
    if (is_known(*node)) continue;
    Placed one{node, false, {}};
    for (const jit::Value* input : node->inputs()) {
      const KnownValue* known = find(input);
      if (!known || !known->is_weight) continue;
      const std::string module = parent_of(known->name);
      one.place = one.reads ? common_module(one.place, module) : module;
      one.reads = true;
    }
    order.push_back(std::move(one));
  }
  std::string before;
  bool began = false;
  for (std::size_t i = 0; i < order.size(); ++i) {
    if (order[i].reads) {
      before = order[i].place;
      began = true;
      places_[order[i].node] = before;
      continue;
    }
    const auto next = std::find_if(order.begin() + static_cast<std::ptrdiff_t>(i), order.end(),
                                   [](const Placed& one) { return one.reads; });
    if (next == order.end())
      places_[order[i].node] = parent_of(before);
    else
      places_[order[i].node] = began ? common_module(before, next->place) : parent_of(next->place);
  }
}

void KnownValues::find_readers(const jit::Graph& graph) {
  for (const jit::Node* node : graph.nodes()) {
    if (is_known(*node)) continue;
    const bool is_linear = node->kind() == c10::Symbol::fromQualString("aten::linear");
    for (std::size_t i = 0; i < node->inputs().size(); ++i) {
      if (is_linear && i == 1) continue;
      const KnownValue* known = find(node->input(i));
      if (known && known->value.isTensor()) shared_.insert(known->value.toTensor().const_data_ptr());
    }
  }
}

}  // namespace luthier
