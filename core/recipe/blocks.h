#pragma once
// The blocks of a model that the layer-wise method lets join one after another: the head with whatever follows the last
// layer, the layers from the last to the first, and the embeddings with whatever stands before the first layer.
#include <cstdint>
#include <string>
#include <utility>
#include <vector>

#include "recipe/outline.h"

namespace luthier {

/// Parameters that join together.
struct Block {
  std::string name;                     ///< "head", "layer.3" ("decoder.3", "encoder.3"), "embeddings"
  std::vector<std::size_t> parameters;  ///< indices into the list that the blocks were made from
};

/// From the head down. `parameters`: names as in checkpoints with whether they belong to the head, in any order but
/// for encoders standing before decoders. Blocks without parameters are left out.
std::vector<Block> layer_blocks(const std::vector<std::pair<std::string, bool>>& parameters);

struct BlockOutline {
  std::string name;
  std::int64_t parameters = 0;
};
/// The same from a model's outline, tied parameters where they are first.
std::vector<BlockOutline> block_outline(const ModelOutline& model);

constexpr std::int64_t kNever = -1, kAtAPlateau = -2;

/// The step, from 0, in which each of the blocks (from the head down) joins; kNever: it stays frozen; kAtAPlateau: in
/// their order, one whenever the validation does not improve.
std::vector<std::int64_t> block_starts(const LayerwiseOptions& options, const std::vector<std::string>& blocks,
                                       std::int64_t steps_per_epoch, std::int64_t total_steps);
/// The same counted in epochs, for showing: unfreeze_every in steps needs steps_per_epoch. Plateaus count as never.
std::vector<double> block_epochs(const LayerwiseOptions& options, const std::vector<std::string>& blocks,
                                 std::int64_t steps_per_epoch, std::int64_t total_steps);

/// How fast a block learns as a share of the learning rate: rate_decay^index.
double block_rate(const LayerwiseOptions& options, std::size_t index);

}  // namespace luthier
