#include "eval/objective.h"

#include <ATen/ops/index_select.h>

#include "nn/loss.h"

namespace luthier {

namespace {
constexpr std::int64_t kVocabularyChunk = 256;  ///< rows of logits that exist at once (FP32 [256, V])

Tensor labelled_rows(Model& model, const LabelledBatch& batch) {
  const Tensor hidden = model.hidden(batch.inputs).flatten(0, 1);  // [B * T, C]
  return hidden.index_select(0, batch.loss_rows);                  // [N, C]
}

bool is_language_model(const ObjectiveOptions& objective) {
  return std::holds_alternative<MaskedLmOptions>(objective) || std::holds_alternative<CausalLmOptions>(objective);
}
}  // namespace

Tensor labelled_logits(Model& model, const LabelledBatch& batch, const ObjectiveOptions& objective) {
  if (std::holds_alternative<ClassificationOptions>(objective)) return model.logits(batch.inputs);
  return model.token_logits(labelled_rows(model, batch));
}

Tensor loss_sum(Model& model, const LabelledBatch& batch, const ObjectiveOptions& objective, double label_smoothing) {
  if (is_language_model(objective) && label_smoothing == 0)
    return nn::linear_cross_entropy_sum(model.output_rows(labelled_rows(model, batch)), model.output_weight(),
                                        model.output_bias(), batch.labels, kVocabularyChunk);
  return nn::cross_entropy_sum(labelled_logits(model, batch, objective), batch.labels, label_smoothing);
}

Head head_of(const ObjectiveOptions& objective) {
  if (std::holds_alternative<TaggingOptions>(objective)) return Head::token_classification;
  if (std::holds_alternative<MaskedLmOptions>(objective)) return Head::masked_lm;
  if (std::holds_alternative<CausalLmOptions>(objective)) return Head::causal_lm;
  return Head::sequence_classification;
}

}  // namespace luthier
