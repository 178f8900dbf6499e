#pragma once
// How an objective turns a model and a batch into a loss.
#include "eval/collate.h"

namespace luthier {

/// Sum over the rows or tokens that carry loss, fp32, 0-d; divide by a weight to get the mean. Language models never
/// make all logits at once. `label_smoothing` as in torch's cross entropy; no meaning for numbers, sets of labels, ctc.
Tensor loss_sum(Model& model, const LabelledBatch& batch, const ObjectiveOptions& objective, double label_smoothing);

/// Logits of what carries loss: [B, L] where rows have labels or a number, [B, F, V] for ctc, else [N, L or V] in the
/// order of batch.loss_rows.
Tensor labelled_logits(Model& model, const LabelledBatch& batch, const ObjectiveOptions& objective);

/// The head that an objective trains on the model whose folder (or config.json) this is. unsupported, with what would
/// do, where that family has none.
Head head_of(const ObjectiveOptions& objective, const std::filesystem::path& model);

}  // namespace luthier
