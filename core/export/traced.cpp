#include "export/traced.h"

#include <ATen/core/grad_mode.h>
#include <torch/csrc/jit/api/module.h>
#include <torch/csrc/jit/frontend/tracer.h>
#include <torch/csrc/jit/ir/ir.h>
#include <torch/csrc/jit/passes/dead_code_elimination.h>

#include <algorithm>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "export/traced_signature.h"
#include "models/evaluating.h"
#include "models/families.h"

namespace luthier {

namespace {

/// The last part of a C++ type's name: "Linear" of "luthier::nn::Linear".
std::string plain_name(std::string name) {
  if (const auto colon = name.rfind(':'); colon != std::string::npos) name.erase(0, colon + 1);
  std::erase_if(name, [](char c) { return !std::isalnum(static_cast<unsigned char>(c)) && c != '_'; });
  return name.empty() ? "Module" : name;
}

/// Makes a module of TorchScript's own for every module that has weights in or below it.
class ModuleTree {
 public:
  explicit ModuleTree(const Model& model)
      : root_(make(model, modules_of(model.config()).class_prefix +
                              head_class(model.head_kind(), modules_of(model.config()).class_prefix))) {
    fill(root_, model);
  }
  const torch::jit::Module& root() const { return root_; }

 private:
  /// Types of one compilation unit have names of their own.
  torch::jit::Module make(const torch::nn::Module&, const std::string& name) {
    const std::string own = "__torch__.luthier." + name + (made_ == 0 ? "" : "_" + std::to_string(made_));
    ++made_;
    return torch::jit::Module(c10::QualifiedName(own), unit_, /*shouldMangle=*/false);
  }

  void fill(torch::jit::Module& to, const torch::nn::Module& from) {
    for (const auto& parameter : from.named_parameters(/*recurse=*/false))
      if (parameter.value().defined()) to.register_parameter(parameter.key(), parameter.value(), /*is_buffer=*/false);
    for (const auto& buffer : from.named_buffers(/*recurse=*/false))
      if (buffer.value().defined()) to.register_buffer(buffer.key(), buffer.value());
    for (const auto& child : from.named_children()) {
      if (child.value()->parameters().empty() && child.value()->buffers().empty()) continue;
      torch::jit::Module below = make(*child.value(), plain_name(child.value()->name()));
      fill(below, *child.value());
      to.register_module(child.key(), below);
    }
    to.register_attribute("training", c10::BoolType::get(), false);
  }

  std::shared_ptr<torch::jit::CompilationUnit> unit_ = std::make_shared<torch::jit::CompilationUnit>();
  int made_ = 0;
  torch::jit::Module root_;
};

std::vector<TracedValue> described(const std::vector<NamedExample>& examples) {
  std::vector<TracedValue> values;
  for (const NamedExample& example : examples) {
    TracedValue value{example.name, example.tensor.scalar_type(), {}};
    for (std::int64_t d = 0; d < example.tensor.dim(); ++d) {
      const auto at = static_cast<std::size_t>(d);
      value.axes.push_back({example.tensor.size(d), at < example.axes.size() ? example.axes[at] : std::string()});
    }
    values.push_back(std::move(value));
  }
  return values;
}

TracedGraph trace(torch::jit::Module& module, const TracedSignature& signature) {
  torch::jit::Stack examples;
  std::vector<std::string> names;
  for (const NamedExample& input : signature.inputs) {
    examples.emplace_back(input.tensor);
    names.push_back(input.name);
  }
  std::vector<NamedExample> outputs;
  const auto compute = [&](torch::jit::Stack stack) -> torch::jit::Stack {
    std::vector<Tensor> given;
    for (const auto& value : stack) given.push_back(value.toTensor());
    outputs = signature.compute(given);
    if (outputs.size() == 1) return {outputs.front().tensor};
    std::vector<c10::IValue> all;
    for (const NamedExample& output : outputs) all.emplace_back(output.tensor);
    return {c10::ivalue::Tuple::create(std::move(all))};
  };
  const auto [state, results] = torch::jit::tracer::trace(
      std::move(examples), compute, [](const Tensor&) { return std::string(); },
      /*strict=*/true, /*force_outplace=*/true, &module, names);
  torch::jit::EliminateDeadCode(state->graph);
  auto* method = module._ivalue()->compilation_unit()->create_function(
      c10::QualifiedName(*module.type()->name(), signature.name), state->graph->copy());
  module.type()->addMethod(method);
  return {signature.name, state->graph, described(signature.inputs), described(outputs)};
}

}  // namespace

TracedModel trace_model(Model& model) {
  const Evaluating evaluating(model);
  TracedModel traced;
  traced.module = std::make_shared<torch::jit::Module>(ModuleTree(model).root());
  for (const TracedSignature& signature : traced_signatures(model))
    traced.graphs.push_back(trace(*traced.module, signature));
  return traced;
}

}  // namespace luthier
