#pragma once
// What llama.cpp calls a family, its settings and its tensors.
#include <optional>
#include <string>
#include <vector>

#include "base/json.h"
#include "gguf/writer.h"
#include "weights/weights.h"

namespace luthier::gguf {

/// How a tensor's numbers are put in order for llama.cpp.
enum class Order {
  as_is,
  transposed,     ///< [in, out] -> [out, in]
  halves_paired,  ///< rotary channels j and j + D / 2 of a head become 2 j and 2 j + 1
};

struct PlannedTensor {
  std::string name;    ///< in the GGUF file
  std::string source;  ///< in the checkpoint
  Order order = Order::as_is;
  std::int64_t heads = 0;  ///< halves_paired
  double factor = 1;       ///< its numbers are multiplied by it
};

struct Architecture {
  std::string name;                    ///< "llama"
  std::vector<PlannedTensor> tensors;  ///< in the order of the file
  std::vector<float> rotary_factors;   ///< written as rope_freqs.weight; empty: none
};

/// "" or why llama.cpp would not compute what this model computes.
std::string obstacle_of(const Json& config);
/// The tensors of the checkpoint and where they go; bad_input names the first one that is missing or has no place.
Architecture architecture_of(const Json& config, const Weights& weights);
/// How many tokens llama.cpp computes as the model does, where its sliding window is less than what it reads; else
/// nullopt.
std::optional<std::int64_t> window_of(const Json& config);
/// The keys that are the family's.
void write_settings(Writer& writer, const Json& config);

}  // namespace luthier::gguf
