#pragma once
// What models answer to rows of a file that labels of texts do not cover: images, recordings, and texts written anew.
#include <cstdint>
#include <string>
#include <vector>

#include "data/dataset.h"
#include "eval/predict.h"
#include "eval/processors.h"
#include "recipe/recipe.h"

namespace luthier {

/// How rows are read and answered, as the model was trained.
struct AnswerRowsOptions {
  std::int64_t max_tokens = 512;     ///< longer texts are cut
  double longest_seconds = 30;       ///< longer recordings are cut; 0: never
  Seq2SeqOptions seq2seq;            ///< encoder-decoders alone
  std::vector<std::int64_t> prompt;  ///< what their decoder starts with; empty: as the model's config says
  std::vector<std::int64_t> stop_ids, suppress, suppress_at_start;  ///< see GenerateOptions
  Scoring scoring;                                                  ///< what logits of rows mean
  std::int64_t batch_size = 32;
  std::string device = "cpu";  ///< where the model lies
};

/// `unreadable` rows (no image, no recording) have an empty answer.
struct WrittenRow {
  std::string text;
  bool unreadable = false;
};

/// Heads: seq2seq_lm (of texts and recordings) and ctc.
std::vector<WrittenRow> written_answers(Model& model, const Tokenizer& tokenizer, const Processors& processors,
                                        const std::vector<TextRow>& rows, const AnswerRowsOptions& options);

/// Heads: image_classification and audio_classification. Unreadable rows have no label.
std::vector<Answer> media_answers(Model& model, const Processors& processors, const std::vector<TextRow>& rows,
                                  const AnswerRowsOptions& options);

}  // namespace luthier
