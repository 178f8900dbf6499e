#include "models/sequences.h"

#include <ATen/ops/full.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "models/config.h"

namespace luthier {

Tensor shifted_right(const Tensor& labels, const Json& config) {
  const std::int64_t rows = config_size(config, "vocab_size");
  const std::int64_t padding = config_row(config, "pad_token_id", rows);
  std::int64_t start = config_row(config, "decoder_start_token_id", rows);
  if (start < 0) start = padding;
  if (start < 0)
    fail(ErrorKind::bad_input, "the model's config names no token that a decoder starts with",
         "config.json: decoder_start_token_id", "get the model's config.json again from where it came");
  const Tensor shifted = at::full(labels.sizes(), start, labels.options());
  if (labels.size(1) > 1) shifted.narrow(1, 1, labels.size(1) - 1).copy_(labels.narrow(1, 0, labels.size(1) - 1));
  return shifted.masked_fill(shifted.lt(0), padding < 0 ? start : padding);
}

std::int64_t ctc_blank(const Json& config) {
  return std::max<std::int64_t>(0, config_row(config, "pad_token_id", config_size(config, "vocab_size")));
}

}  // namespace luthier
