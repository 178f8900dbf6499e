#pragma once
// One row of texts as token ids and labels.
#include <cstdint>
#include <string>
#include <vector>

#include "data/labels.h"
#include "data/roles.h"

namespace luthier {

/// Tokens that carry no loss (PyTorch's and transformers' ignore index).
constexpr std::int32_t kNoLoss = -100;

struct EncodedTokens {
  std::vector<std::int32_t> ids, type_ids, labels, words;  ///< labels and words only where the task has them
  bool truncated = false;
  bool nothing_to_learn = false;  ///< no token carries loss
};

class RowEncoder {
 public:
  RowEncoder(const DatasetOptions& options, const Tokenizer& tokenizer, const LabelSet& labels);

  /// Thread-safe. Tokens are cut at max_tokens (0: never).
  EncodedTokens encode(const RoleRow& row) const;

 private:
  EncodedTokens encode_text(const RoleRow& row) const;
  EncodedTokens encode_tags(const RoleRow& row) const;
  EncodedTokens encode_causal(const RoleRow& row) const;

  const DatasetOptions& options_;
  const Tokenizer& tokenizer_;
  const LabelSet& labels_;
  std::int64_t max_tokens_;
  std::vector<std::int32_t> first_, last_;  ///< causal: what stands before the prompt and after the end
};

/// Encodes rows on up to `most_threads` threads; the order stays.
std::vector<EncodedTokens> encode_rows(const RowEncoder& encoder, const std::vector<RoleRow>& rows,
                                       std::size_t most_threads);

}  // namespace luthier
