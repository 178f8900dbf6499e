#pragma once
// How an objective turns a model and a batch into a loss.
#include <map>
#include <string>
#include <utility>

#include "eval/collate.h"

namespace luthier {

/// What else steps tell beside their loss: means of values that are gathered on the device and read when they are
/// logged.
class StepMetrics {
 public:
  /// `values`: any shape, without gradient.
  void add(const std::string& name, const Tensor& values);
  /// `sum` stands for so many values.
  void add_sum(const std::string& name, const Tensor& sum, double count);
  /// The means since the last call.
  std::map<std::string, double> take();

 private:
  std::map<std::string, std::pair<Tensor, double>> sums_;
};

/// Sum over the rows or tokens that carry loss, fp32, 0-d; divide by a weight to get the mean. Language models never
/// make all logits at once. `label_smoothing` as in torch's cross entropy; no meaning for numbers, sets of labels, ctc
/// and preferences. Batches of preferences are completed before (see eval/preference.h). `metrics` may be nullptr.
Tensor loss_sum(Model& model, const LabelledBatch& batch, const ObjectiveOptions& objective, double label_smoothing,
                StepMetrics* metrics = nullptr);

/// The same beside a frozen teacher's probabilities: (1 - weight) loss + weight T^2 KL(teacher || student) (Hinton et
/// al. 2015), over the tokens or rows that carry loss. Objectives with labels of rows or tokens.
Tensor distilled_loss_sum(Model& student, Model& teacher, const LabelledBatch& batch, const ObjectiveOptions& objective,
                          const DistillationOptions& distillation, double label_smoothing,
                          StepMetrics* metrics = nullptr);

/// Logits of what carries loss: [B, L] where rows have labels or a number, [B, F, V] for ctc, else [N, L or V] in the
/// order of batch.loss_rows.
Tensor labelled_logits(Model& model, const LabelledBatch& batch, const ObjectiveOptions& objective);

/// The head that an objective trains on the model whose folder (or config.json) this is. unsupported, with what would
/// do, where that family has none.
Head head_of(const ObjectiveOptions& objective, const std::filesystem::path& model);

}  // namespace luthier
