#include "export/torchscript_layers.h"

#include <torch/csrc/jit/api/function_impl.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/ir/ir.h>

namespace luthier {

namespace {

/// "bert.encoder.layer.0.output.dense" for its weight; "" for whatever is no weight of the module.
std::string layer_of(const torch::jit::Value* weight) {
  const torch::jit::Node* node = weight->node();
  if (node->kind() == c10::aten::t) node = node->input(0)->node();
  if (node->kind() != c10::prim::GetAttr || node->s(c10::attr::name) != "weight") return {};
  std::string name;
  for (node = node->input(0)->node(); node->kind() == c10::prim::GetAttr; node = node->input(0)->node())
    name = node->s(c10::attr::name) + (name.empty() ? "" : "." + name);
  return name;
}

/// Which input of a node is a layer's weight; -1: it is no such layer.
int weight_input(const torch::jit::Node& node) {
  if (node.kind() == c10::aten::linear || node.kind() == c10::aten::conv2d) return 1;
  if (node.kind() == c10::aten::embedding) return 0;
  return -1;
}

}  // namespace

std::vector<std::pair<std::string, Tensor>> layer_outputs(const torch::jit::Module& module,
                                                          const std::vector<c10::IValue>& inputs) {
  const std::shared_ptr<torch::jit::Graph> graph = module.get_method("forward").graph()->copy();
  std::vector<std::string> names;
  std::vector<torch::jit::Value*> values;
  for (torch::jit::Node* node : graph->nodes()) {
    const int weight = weight_input(*node);
    const std::string name = weight < 0 ? std::string() : layer_of(node->input(static_cast<std::size_t>(weight)));
    if (name.empty()) continue;
    names.push_back(name);
    values.push_back(node->output());
  }
  torch::jit::Node* all = graph->createTuple(values);
  graph->appendNode(all);
  graph->eraseOutput(0);
  graph->registerOutput(all->output());
  torch::jit::GraphFunction function("layers", graph, /*function_creator=*/nullptr);
  torch::jit::Stack stack = {module._ivalue()};
  stack.insert(stack.end(), inputs.begin(), inputs.end());
  const c10::IValue result = function(std::move(stack));
  std::vector<std::pair<std::string, Tensor>> outputs;
  const auto& elements = result.toTupleRef().elements();
  for (std::size_t i = 0; i < names.size(); ++i) outputs.emplace_back(names[i], elements[i].toTensor());
  return outputs;
}

}  // namespace luthier
