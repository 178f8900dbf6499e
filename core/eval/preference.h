#pragma once
// Learning which of two answers is better (or whether one is good): log-probabilities of answers, the reference that
// rewards are measured against, and the losses of DPO and its kin.
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>

#include "eval/collate.h"
#include "nn/preference_loss.h"

namespace luthier {

/// Where the reference's log-probabilities come from. Neither: the model as it is, before it has learnt anything.
struct PreferenceReference {
  /// The same weights without what the method adds. Empty where the method changes the weights themselves.
  std::function<void(Model& model, bool active)> set_adapters_active;
  /// Computed before training, by EncodedSplit::state: [rows, 2] fp32, of the better (or only) answer, then of the
  /// other (kto: of the unrelated one).
  std::map<const EncodedSplit::State*, Tensor> tables;
};

/// Whether the loss compares with a reference: not so for simpo and orpo.
bool needs_reference(const PreferenceOptions& options);

/// Fills a preference's batch: sequences, their positions, and what the reference's table knows. A pair is two
/// sequences, all better ones first; kto's batches have unrelated answers (of the row behind) beside them.
void add_answers(const EncodedSplit& split, const CollateOptions& options, LabelledBatch& batch);

/// What the model says to the answers of a batch on its device, a value a sequence. Whole logits never exist.
nn::AnswerScores answer_scores(Model& model, const LabelledBatch& batch);

/// Adds what a step needs before its loss: the reference's log-probabilities where no table had them, and for kto how
/// far the model has gone from the reference, estimated over all batches of the step. Without gradients and dropout.
/// No-op for other objectives. The batches may lie on the CPU.
void complete_preferences(Model& model, std::span<LabelledBatch> batches, const CollateOptions& options);

/// Loss and rewards of a completed batch, a value a pair (kto: an answer).
struct PreferenceTerms {
  Tensor losses;            ///< [P] fp32, with gradient
  Tensor chosen, rejected;  ///< [P] rewards; kto: of the good and of the bad answers, any number of each
  Tensor right;    ///< [P] 1 where the better answer gained more (kto: the answer moved the right way), 0.5: tie
  Tensor margins;  ///< [P]; kto: undefined
};
PreferenceTerms preference_terms(Model& model, const LabelledBatch& batch, const PreferenceOptions& options);

}  // namespace luthier
