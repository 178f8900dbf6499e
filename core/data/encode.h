#pragma once
// One row as what a model is trained on: token ids and labels, targets, numbers.
#include <cstdint>
#include <string>
#include <vector>

#include "base/error.h"
#include "data/labels.h"
#include "data/roles.h"
#include "text/chat_template.h"

namespace luthier {

constexpr std::size_t kEncodedAtOnce = 512;  ///< rows, by all threads; progress is told as often

/// Tokens that carry no loss (PyTorch's and transformers' ignore index).
constexpr std::int32_t kNoLoss = -100;

struct EncodedTokens {
  std::vector<std::int32_t> ids, type_ids, labels, words;  ///< labels and words only where the task has them
  std::vector<std::int32_t> target;                        ///< see EncodedRow
  std::int32_t silent_target = 0;
  std::int32_t second = 0;  ///< see EncodedRow
  std::int32_t length = 0;  ///< see EncodedSplit::length
  float value = 0;
  bool truncated = false, target_truncated = false, unknown_target = false;
  bool nothing_to_learn = false;  ///< no token carries loss
  bool no_assistant = false;      ///< because the chat template writes no turn of the assistant
};

class RowEncoder {
 public:
  /// `tokenizer` may be nullptr where needs_tokenizer says no.
  RowEncoder(const DatasetOptions& options, const Tokenizer* tokenizer, const LabelSet& labels);

  /// Thread-safe. Tokens are cut at max_tokens (0: never), targets at max_target_tokens. The length of a recording is
  /// left at 1: its samples are counted elsewhere.
  EncodedTokens encode(const RoleRow& row) const;

 private:
  EncodedTokens encode_text(const RoleRow& row) const;
  EncodedTokens encode_tags(const RoleRow& row) const;
  EncodedTokens encode_causal(const RoleRow& row) const;
  EncodedTokens encode_plain(const std::string& prompt, const std::string& completion, bool has_prompt) const;
  /// `answer` follows `common`; `trained`: of the last turns of the assistant so many carry loss, -1: all.
  EncodedTokens encode_chat(const Conversation& common, const std::vector<Message>& answer, std::int32_t trained) const;
  EncodedTokens encode_preference(const RoleRow& row) const;
  void set_speech_prompt();
  void encode_target(const RoleRow& row, EncodedTokens& tokens) const;

  const DatasetOptions& options_;
  const Tokenizer* tokenizer_;
  const LabelSet& labels_;
  std::int64_t max_tokens_;
  std::vector<std::int32_t> first_, last_;   ///< causal: what stands before the prompt and after the end
  std::optional<ChatTemplate> chat_;         ///< causal, preference
  std::optional<Error> chat_error_;          ///< why there is none
  std::vector<std::int32_t> speech_prompt_;  ///< seq2seq over recordings: language, task and "no timestamps"
};

/// Encodes rows on up to `most_threads` threads; the order stays.
std::vector<EncodedTokens> encode_rows(const RowEncoder& encoder, const std::vector<RoleRow>& rows,
                                       std::size_t most_threads);

}  // namespace luthier
