#pragma once
// What of a recorded graph is known without any input, and in which module each of its nodes stands.
#include <ATen/core/ivalue.h>
#include <torch/csrc/jit/ir/ir.h>

#include <map>
#include <set>
#include <string>

namespace luthier {

/// A number, a list, a weight, or what is computed of these alone.
struct KnownValue {
  c10::IValue value;
  std::string name{};      ///< of the weight that it is or is made of
  bool is_weight = false;  ///< else a constant
};

class KnownValues {
 public:
  /// `module` is the graph's first input. Computes whatever depends on weights and constants only.
  KnownValues(const c10::IValue& module, const torch::jit::Graph& graph);

  const KnownValue* find(const torch::jit::Value* value) const;  ///< nullptr where it depends on an input
  bool is_known(const torch::jit::Node& node) const;             ///< its output is
  /// The module whose weights the node reads, by its name in the checkpoint; of others the one that holds both
  /// neighbours that do.
  std::string place(const torch::jit::Node* node) const;
  /// Whether others than linear layers (as their matrix) read numbers at this place in memory.
  bool is_shared(const void* numbers) const { return shared_.count(numbers) > 0; }
  /// The weight that lies there; "" where none does.
  std::string weight_at(const void* numbers) const;

 private:
  void learn(const torch::jit::Node& node);
  void find_places(const torch::jit::Graph& graph);
  void find_readers(const torch::jit::Graph& graph);

  std::map<const torch::jit::Value*, KnownValue> values_;
  std::map<const torch::jit::Node*, std::string> places_;
  std::map<const void*, std::string> weights_;
  std::set<const void*> shared_;
};

}  // namespace luthier
