#pragma once
// The graphs of a model: what its C++ forward pass computes, recorded as LibTorch's operations, for TorchScript and for
// whatever is converted from it.
#include <c10/core/ScalarType.h>

#include <cstdint>
#include <memory>
#include <string>
#include <vector>

#include "models/model.h"

namespace torch::jit {
struct Graph;
struct Module;
}  // namespace torch::jit

namespace luthier {

/// One dimension of an input or output.
struct TracedAxis {
  std::int64_t size = 0;  ///< when it was recorded; the only one that is right where the name is empty
  std::string name;       ///< of a size that may be any other: "batch", "length", "past" ...; empty: fixed
};

struct TracedValue {
  std::string name;  ///< letters, digits and '_'
  c10::ScalarType type = c10::ScalarType::Float;
  std::vector<TracedAxis> axes;
};

struct TracedGraph {
  /// "forward": everything, with logits as transformers gives them. Encoder-decoders and causal language models have
  /// two more, which write token by token:
  /// - "encode" (encoder-decoders): input_ids or input_features, attention_mask -> encoder_states [B, S, C], and what
  ///   every layer of the decoder asks of them, cross_key_0, cross_value_0, cross_key_1 ... [B, H, S, D].
  /// - "decode": the new tokens input_ids [B, T], with attention_mask [B, S] of the source (T5) or [B, P + T] of all
  ///   tokens (causal), those of "encode" (cross_key_0 ...), and the keys and values of the P tokens before,
  ///   past_key_0, past_value_0 ... [B, H_kv, P, D] (P = 0 to begin with) -> logits [B, T, V] and key_0, value_0, key_1
  ///   ... [B, H_kv, P + T, D], the past of the next call.
  std::string name;
  /// Not frozen: input 0 is the module, its weights are chains of prim::GetAttr which spell the names that Hugging Face
  /// checkpoints use (a tied weight has one of its names). Every tensor has its full type, with the sizes that were
  /// recorded. The one output is a tensor, or a prim::TupleConstruct of all outputs. Nothing is changed in place.
  std::shared_ptr<torch::jit::Graph> graph;
  std::vector<TracedValue> inputs, outputs;  ///< in the graph's order, the module left out
};

struct TracedModel {
  std::shared_ptr<torch::jit::Module> module;  ///< shares the model's memory; a method for each graph, of that name
  std::vector<TracedGraph> graphs;
};

/// Records what the model computes in evaluation mode, adapters and prompts as they are, on the device and in the
/// number type of its weights. attention_mask is an input, int64, 1 = token, padding on either side where the family
/// allows it. Batch and length are free in every graph; images have the size that the model was made for. The model is
/// left as it was.
TracedModel trace_model(Model& model);

}  // namespace luthier
