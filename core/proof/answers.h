#pragma once
// Whole answers, written token by token: what a user of the artefact sees, and what its keys and values of earlier
// tokens are there for.
#include <cstdint>
#include <functional>
#include <vector>

namespace luthier {

/// What is to be written: the likeliest tokens after `prompt` (of encoder-decoders: their decoder's).
struct AnswerTask {
  std::vector<std::int64_t> prompt;
  std::int64_t most = 0;           ///< tokens
  std::vector<std::int64_t> ends;  ///< the answer ends with one of these, which is part of it
  std::function<bool()> on_token;  ///< called after each; false ends the answer. May be empty
};

/// Logits of the token after `ids`, which follow what was given before; at first the prompt.
using NextLogits = std::function<std::vector<float>(const std::vector<std::int64_t>& ids)>;

/// Of equally likely tokens the first one.
std::vector<std::int64_t> write_answer(const AnswerTask& task, const NextLogits& next);

}  // namespace luthier
