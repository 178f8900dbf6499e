#pragma once
// From a recorded graph (export/traced.h) to an ONNX graph: the walk over its nodes, and what the functions that
// convert one kind of node (onnx_operators.h) see of the node at hand.
#include <ATen/core/Tensor.h>

#include <cstdint>
#include <map>
#include <memory>
#include <optional>
#include <set>
#include <string>
#include <utility>
#include <vector>

#include "export/traced.h"
#include "onnx/graph.h"

namespace luthier {

using onnx::ElementType;
using OnnxAttributes = std::vector<std::pair<std::string, onnx::AttributeValue>>;

class OnnxConversion {
 public:
  /// `names`: what inputs and outputs are called in the file, where that is something else than in the graph.
  OnnxConversion(const torch::jit::Module& module, const TracedGraph& traced,
                 const std::map<std::string, std::string>& names);
  ~OnnxConversion();
  /// unsupported for a kind of node that has no counterpart, with the module in which it stands.
  onnx::Graph run();

  // The inputs of the node at hand, by their place. What is not there, or is of another kind: internal error.
  bool absent(std::size_t i) const;                    ///< None, or behind the last
  const at::Tensor* known(std::size_t i) const;        ///< a weight, a constant, or made of these; nullptr otherwise
  bool is_scalar(std::size_t i) const;                 ///< a number, or a constant tensor without dimensions
  std::string input(std::size_t i);                    ///< the value's name
  std::string input(std::size_t i, ElementType type);  ///< converted where it is of another type
  std::vector<std::string> inputs(std::size_t i);      ///< of a list of tensors, in the output's type
  std::int64_t integer(std::size_t i) const;
  std::int64_t integer(std::size_t i, std::int64_t otherwise) const;
  double number(std::size_t i) const;
  bool flag(std::size_t i, bool otherwise) const;
  std::vector<std::int64_t> integers(std::size_t i) const;
  std::string text(std::size_t i) const;
  std::int64_t rank(std::size_t i) const;
  std::int64_t dimension(std::size_t i, std::size_t which) const;  ///< integer(which), from the front
  std::int64_t size(std::size_t i, std::int64_t d) const;          ///< as it was recorded; d may be negative
  ElementType type(std::size_t i) const;
  ElementType promoted(std::size_t i, std::size_t j) const;  ///< what the two become where they meet

  // Its output.
  ElementType type() const;
  std::int64_t rank() const;
  std::int64_t size(std::int64_t d) const;

  // Nodes and constants. `type` of the value that is made: the output's where it is left out.
  std::string add(const std::string& op, std::vector<std::string> inputs, OnnxAttributes attributes = {},
                  std::optional<ElementType> type = std::nullopt);
  std::string cast(const std::string& value, ElementType to);
  std::string shape_of(const std::string& value);
  std::string list(const std::vector<std::int64_t>& numbers);                  ///< [N] int64
  std::string scalar(double number, ElementType type);                         ///< []
  std::string weight(const at::Tensor& tensor, const std::string& note = {});  ///< an initializer of these numbers
  /// Whether a known tensor is read by others than by linear layers: then its numbers are written in their own order.
  bool is_shared(const at::Tensor& tensor) const;

  [[noreturn]] void refuse(const std::string& why) const;

 private:
  void unpack();

  struct State;
  std::unique_ptr<State> state_;
};

}  // namespace luthier
