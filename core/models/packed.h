#pragma once
// Packed batches: texts one after another in one row, without padding. Attention goes text by text (nn::attention with
// segments); everything else works token by token and needs only the tokens' places in their own texts.
#include <cstdint>

#include "models/model.h"

namespace luthier {

inline bool is_packed(const Batch& batch) { return !batch.segments.empty(); }

/// Tokens of the longest text of a batch: the row's length where it is not packed.
std::int64_t longest_text(const Batch& batch);

/// Each token's place in its own text, from 0: [T] int64 on the tokens' device.
Tensor segment_positions(const Batch& batch);

}  // namespace luthier
