#pragma once
// Answers that models write in full, beside their references.
#include <cstdint>
#include <string>
#include <vector>

#include "base/json.h"
#include "eval/collate.h"
#include "eval/judge.h"
#include "eval/text_metrics.h"

namespace luthier {

/// Answers to rows of a split: their scores, and some of them to look at.
class JudgedAnswers {
 public:
  void add(const EncodedSplit& split, std::int64_t row, const std::string& answer);
  MetricValues values() const;  ///< bleu chrf rouge1 rouge2 rouge_l wer cer exact_match; none without rows
  /// {"answered": rows, "examples": [{"row", "input", "reference", "answer"}]}, at most 50 of them, chosen by
  /// the rows' numbers alone.
  Json detail() const;

 private:
  struct Example {
    std::uint64_t place;  ///< the first in this order are shown
    std::int64_t row;
    std::string input, reference, answer;
  };
  TextScores scores_;
  std::vector<Example> examples_;
};

/// What an encoder-decoder answers to a batch of rows (on its device), without special tokens: beam search or, with
/// one beam, the likeliest token each time, at most `objective.max_target_tokens` of them. The silent part of a row's
/// target, such as Whisper's task tokens, is given.
std::vector<std::string> answers_of(Model& model, const EncodedSplit& split, const LabelledBatch& batch,
                                    const Seq2SeqOptions& objective, const Tokenizer& tokenizer);

/// What CTC logits [B, F, V] spell: the likeliest token of each of the row's frames [B], repeated ones once, blanks
/// left out.
std::vector<std::string> spelled(const Tensor& logits, const Tensor& frames, std::int64_t blank,
                                 const Tokenizer& tokenizer);

}  // namespace luthier
