#pragma once
// A model on texts that carry no labels.
#include <cstdint>
#include <string>
#include <vector>

#include "models/model.h"
#include "recipe/recipe.h"
#include "text/tokenizer.h"

namespace luthier {

/// Encoded texts side by side, right-padded to the longest, on the CPU; the mask is undefined where nothing is padding.
/// Texts without any token are an internal error.
Batch batch_of(const std::vector<Encoding>& encodings, const Tokenizer& tokenizer, const Model& model);

/// What to label: a text (with a pair), or words that are split already (tagging).
struct Question {
  std::string text, text_pair;
  std::vector<std::string> words;
};

/// Labels by index into the model's label names: one for a text, one a word for tagging (by the word's first token; -1
/// where the text was cut before the word). `probabilities` has a row of softmax values for each of them.
struct Answer {
  std::vector<std::int64_t> labels;
  std::vector<std::vector<float>> probabilities;
  std::int64_t tokens = 0;  ///< that the model read
  bool truncated = false;
};

/// What a row of logits means: one label of several, each label given or not by itself, or a number.
struct Scoring {
  enum class Kind { one_label, several_labels, number };
  Kind kind = Kind::one_label;
  double threshold = 0.5;  ///< several_labels: a label is given from this probability on
};
Scoring scoring_of(const ObjectiveOptions& objective);

/// Logits [..., L] as probabilities (of a number: as they are), fp32 on the CPU.
Tensor scores_of(const Tensor& logits, const Scoring& scoring);
/// Adds one row of scores [L] to an answer. several_labels: all labels that are given; number: label 0 and the number
/// in the place of the probabilities.
void add_scores(const Tensor& scores, const Scoring& scoring, Answer& answer);

/// Answers in the order of the questions, which are taken by length inside. `device` is where the model lies. Heads:
/// sequence and token classification (internal error otherwise).
std::vector<Answer> predict(Model& model, const Tokenizer& tokenizer, const std::vector<Question>& questions,
                            std::int64_t max_tokens, std::int64_t batch_size, const std::string& device,
                            const Scoring& scoring = {});

}  // namespace luthier
