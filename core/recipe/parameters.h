#pragma once
// A model's parameters by name and shape from its config.json alone, spelled as in Hugging Face checkpoints.
#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"

namespace luthier {

struct ParameterOutline {
  enum class Kind { linear, bias, embedding, norm, convolution };
  std::string name;  ///< "bert.encoder.layer.0.attention.self.query.weight"
  std::vector<std::int64_t> shape;
  Kind kind = Kind::linear;
  bool in_head = false;    ///< belongs to what the objective puts on top
  bool is_output = false;  ///< a language model's projection to the vocabulary
  std::string tied_to;     ///< the same tensor as this one; may be empty
  bool in_groups = false;  ///< a convolution in groups, which takes no adapter

  std::int64_t elements() const;
  std::string module() const;  ///< the name without ".weight" or ".bias"
};

/// The sizes that memory and time depend on.
struct ModelSizes {
  std::int64_t vocabulary = 0, channels = 0, layers = 0, heads = 0, feed_forward = 0, positions = 0;
  bool gated = false;  ///< the feed-forward has two inner projections
  double attention_dropout = 0;
  std::int64_t image_size = 0;  ///< side of the images that it reads, in pixels; 0: it reads none
  std::int64_t row_tokens = 0;  ///< of every input (patches, padded recordings); 0: as many as the row has
  /// Convolutional networks: numbers for every pixel of an image in the feature maps that a step keeps for the backward
  /// pass, and in the largest map. 0 for all others.
  double map_values = 0, largest_map = 0;
};

/// `head` as in the catalog of families; `labels` for its label heads. bad_input when the config lacks a size or holds
/// an impossible one, unsupported for an unknown model_type.
std::vector<ParameterOutline> outline_parameters(const Json& config, const std::string& head, std::int64_t labels);
ModelSizes model_sizes(const Json& config);

}  // namespace luthier
