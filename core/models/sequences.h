#pragma once
// What training sequence models takes besides the model: decoder inputs from labels, CTC's blank.
#include "models/model.h"

namespace luthier {

/// The decoder's input for labels [B, U] (-100 carries no loss): decoder_start_token_id, then the labels but for the
/// last, -100 replaced by pad_token_id; as transformers' shift_tokens_right. bad_input when the config names neither.
Tensor shifted_right(const Tensor& labels, const Json& config);

/// The token that stands for "nothing new" in CTC: pad_token_id (0 where the config names none), as transformers takes
/// it.
std::int64_t ctc_blank(const Json& config);

}  // namespace luthier
