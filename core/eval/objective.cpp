#include "eval/objective.h"

#include <ATen/core/grad_mode.h>

#include <ATen/ops/index_select.h>
#include <ATen/ops/log_softmax.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros_like.h>

#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"
#include "eval/preference.h"
#include "models/families.h"
#include "models/sequences.h"
#include "nn/chunked_loss.h"
#include "nn/loss.h"
#include "recipe/catalog.h"

namespace luthier {

namespace {

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

/// Losses [B] with each row as much as it counts.
Tensor weighed_sum(const Tensor& losses, const Tensor& row_weights) {
  return (row_weights.defined() ? losses.mul(row_weights) : losses).sum();
}

/// Cross entropy against shares of classes, [B, L] each, summed over the rows.
Tensor soft_cross_entropy_sum(const Tensor& logits, const Tensor& shares, double label_smoothing,
                              const Tensor& row_weights) {
  const auto classes = static_cast<double>(logits.size(1));
  const Tensor wanted = shares * (1 - label_smoothing) + label_smoothing / classes;
  return -weighed_sum((wanted * at::log_softmax(logits.to(at::kFloat), 1)).sum(1), row_weights);
}

Tensor ctc_sum(Model& model, const LabelledBatch& batch) {
  const Tensor logits = model.logits(batch.inputs);  // [B, F, V]
  // A transcript that does not fit into its frames teaches nothing; one such row must not end the run.
  return weighed_sum(nn::ctc_loss(logits, model.frame_lengths(batch.inputs, logits.size(1)), batch.labels,
                                  ctc_blank(model.config()), /*skip_impossible=*/true),
                     batch.row_weights);
}
}  // namespace

Tensor labelled_logits(Model& model, const LabelledBatch& batch, const ObjectiveOptions& objective) {
  if (labels_rows(objective) || std::holds_alternative<CtcOptions>(objective)) return model.logits(batch.inputs);
  return model.token_logits(labelled_rows(model, batch));
}

void StepMetrics::add(const std::string& name, const Tensor& values) {
  if (values.numel() > 0) add_sum(name, values.sum(), static_cast<double>(values.numel()));
}

void StepMetrics::add_sum(const std::string& name, const Tensor& sum, double count) {
  auto& [total, values] = sums_[name];
  total = total.defined() ? total + sum : sum.clone();
  values += count;
}

std::map<std::string, double> StepMetrics::take() {
  std::map<std::string, double> means;
  for (const auto& [name, sum] : sums_) means[name] = sum.first.item<double>() / sum.second;
  sums_.clear();
  return means;
}

namespace {

Tensor preference_sum(Model& model, const LabelledBatch& batch, const PreferenceOptions& options,
                      StepMetrics* metrics) {
  const PreferenceTerms terms = preference_terms(model, batch, options);
  if (metrics) {
    metrics->add("preference_accuracy", terms.right);
    metrics->add("chosen_reward", terms.chosen);
    metrics->add("rejected_reward", terms.rejected);
    if (terms.margins.defined()) metrics->add("reward_margin", terms.margins);
  }
  return weighed_sum(terms.losses, batch.row_weights);
}

Tensor row_loss_sum(const Tensor& logits, const LabelledBatch& batch, const ObjectiveOptions& objective,
                    double label_smoothing) {
  if (std::holds_alternative<RegressionOptions>(objective))
    return nn::squared_error_sum(logits, batch.values, batch.row_weights);
  if (const auto* several = std::get_if<MultiLabelOptions>(&objective))
    return nn::binary_cross_entropy_sum(logits, batch.soft_labels, batch.label_weights, several->focal_gamma,
                                        batch.row_weights);
  if (batch.soft_labels.defined())
    return soft_cross_entropy_sum(logits, batch.soft_labels, label_smoothing, batch.row_weights);
  const auto* classes = std::get_if<ClassificationOptions>(&objective);
  return nn::cross_entropy_sum(logits, batch.labels, label_smoothing, batch.label_weights,
                               classes ? classes->focal_gamma : 0, batch.row_weights);
}

}  // namespace

Tensor loss_sum(Model& model, const LabelledBatch& batch, const ObjectiveOptions& objective, double label_smoothing,
                StepMetrics* metrics) {
  if (const auto* preference = std::get_if<PreferenceOptions>(&objective))
    return preference_sum(model, batch, *preference, metrics);
  if (is_language_model(objective))
    return nn::linear_cross_entropy_sum(model.output_rows(labelled_rows(model, batch)), model.output_weight(),
                                        model.output_bias(), batch.labels, nn::kVocabularyChunk, label_smoothing,
                                        batch.row_weights);
  if (std::holds_alternative<CtcOptions>(objective)) return ctc_sum(model, batch);
  return row_loss_sum(labelled_logits(model, batch, objective), batch, objective, label_smoothing);
}

Tensor distilled_loss_sum(Model& student, Model& teacher, const LabelledBatch& batch, const ObjectiveOptions& objective,
                          const DistillationOptions& distillation, double label_smoothing, StepMetrics* metrics) {
  const double temperature = distillation.temperature, weight = distillation.weight;
  Tensor own, taught;
  if (is_language_model(objective)) {
    Tensor teacher_rows;
    {
      const at::NoGradGuard no_grad;
      teacher_rows = teacher.output_rows(labelled_rows(teacher, batch));  // [N, C']
    }
    const Tensor rows = student.output_rows(labelled_rows(student, batch));  // [N, C]
    const nn::OutputLayer output{student.output_weight(), student.output_bias()};
    own = nn::linear_cross_entropy_sum(rows, output.weight, output.bias, batch.labels, nn::kVocabularyChunk,
                                       label_smoothing, batch.row_weights);
    taught = nn::linear_distillation_sum(rows, output, teacher_rows, {teacher.output_weight(), teacher.output_bias()},
                                         temperature, nn::kVocabularyChunk, batch.row_weights);
  } else {
    Tensor teacher_logits;
    {
      const at::NoGradGuard no_grad;
      teacher_logits = labelled_logits(teacher, batch, objective);
    }
    const Tensor logits = labelled_logits(student, batch, objective);
    own = row_loss_sum(logits, batch, objective, label_smoothing);
    // A label that is given or not is a choice of two: its logit against zero.
    const auto choices = [](const Tensor& scores) { return at::stack({at::zeros_like(scores), scores}, -1); };
    taught = std::holds_alternative<MultiLabelOptions>(objective)
                 ? nn::distillation_sum(choices(logits), choices(teacher_logits), temperature, batch.row_weights)
                 : nn::distillation_sum(logits, teacher_logits, temperature, batch.row_weights);
  }
  if (metrics) metrics->add_sum("distillation_loss", taught.detach(), batch.divisor());
  return own * (1 - weight) + taught * weight;
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
