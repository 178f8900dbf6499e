#include "eval/objective.h"

#include <ATen/ops/index_select.h>
#include <ATen/ops/log_softmax.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "models/families.h"
#include "models/sequences.h"
#include "nn/loss.h"
#include "recipe/catalog.h"

namespace luthier {

namespace {
constexpr std::int64_t kVocabularyChunk = 256;  ///< rows of logits that exist at once (FP32 [256, V])

Tensor labelled_rows(Model& model, const LabelledBatch& batch) {
  const Tensor hidden = model.hidden(batch.inputs).flatten(0, 1);  // [B * T, C]
  return hidden.index_select(0, batch.loss_rows);                  // [N, C]
}

bool is_language_model(const ObjectiveOptions& objective) {
  return std::holds_alternative<MaskedLmOptions>(objective) || std::holds_alternative<CausalLmOptions>(objective) ||
         std::holds_alternative<Seq2SeqOptions>(objective);
}

bool labels_rows(const ObjectiveOptions& objective) {
  return std::holds_alternative<ClassificationOptions>(objective) ||
         std::holds_alternative<RegressionOptions>(objective) || std::holds_alternative<MultiLabelOptions>(objective);
}

/// Cross entropy against shares of classes, [B, L] each, summed over the rows.
Tensor soft_cross_entropy_sum(const Tensor& logits, const Tensor& shares, double label_smoothing) {
  const auto classes = static_cast<double>(logits.size(1));
  const Tensor wanted = shares * (1 - label_smoothing) + label_smoothing / classes;
  return -(wanted * at::log_softmax(logits.to(at::kFloat), 1)).sum();
}

Tensor ctc_sum(Model& model, const LabelledBatch& batch) {
  const Tensor logits = model.logits(batch.inputs);  // [B, F, V]
  // A transcript that does not fit into its frames teaches nothing; one such row must not end the run.
  return nn::ctc_loss(logits, model.frame_lengths(batch.inputs, logits.size(1)), batch.labels,
                      ctc_blank(model.config()), /*skip_impossible=*/true)
      .sum();
}
}  // namespace

Tensor labelled_logits(Model& model, const LabelledBatch& batch, const ObjectiveOptions& objective) {
  if (labels_rows(objective) || std::holds_alternative<CtcOptions>(objective)) return model.logits(batch.inputs);
  return model.token_logits(labelled_rows(model, batch));
}

Tensor loss_sum(Model& model, const LabelledBatch& batch, const ObjectiveOptions& objective, double label_smoothing) {
  if (is_language_model(objective) && label_smoothing == 0)
    return nn::linear_cross_entropy_sum(model.output_rows(labelled_rows(model, batch)), model.output_weight(),
                                        model.output_bias(), batch.labels, kVocabularyChunk);
  if (std::holds_alternative<CtcOptions>(objective)) return ctc_sum(model, batch);
  const Tensor logits = labelled_logits(model, batch, objective);
  if (std::holds_alternative<RegressionOptions>(objective)) return nn::squared_error_sum(logits, batch.values);
  if (std::holds_alternative<MultiLabelOptions>(objective))
    return nn::binary_cross_entropy_sum(logits, batch.soft_labels);
  if (batch.soft_labels.defined()) return soft_cross_entropy_sum(logits, batch.soft_labels, label_smoothing);
  return nn::cross_entropy_sum(logits, batch.labels, label_smoothing);
}

Head head_of(const ObjectiveOptions& objective, const std::filesystem::path& model) {
  const Json config = read_json(fs::is_directory(model) ? model / "config.json" : model);
  const FamilyModules& modules = modules_of(config);
  const FamilyEntry& family = family_of_model_type(modules.model_type);
  const std::string kind = kind_of(objective);
  const ObjectiveEntry& entry = objective_entry(kind);
  const std::string head = head_for(entry, family);
  if (!head.empty()) return head_from(head);
  std::string able;
  for (const FamilyEntry& other : families())
    if (!head_for(entry, other).empty()) able += (able.empty() ? "" : ", ") + other.label;
  fail(ErrorKind::unsupported, family.label + " models have no head for the objective \"" + entry.kind + "\"",
       "objective.kind", "choose another objective, or a model of one of these families: " + able);
}

}  // namespace luthier
