#include "eval/evaluate.h"

#include <ATen/ops/argmax.h>
#include <ATen/ops/gather.h>
#include <ATen/ops/index_select.h>
#include <ATen/ops/linear.h>
#include <ATen/ops/logsumexp.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <optional>

#include "base/error.h"
#include "eval/metrics.h"
#include "models/evaluating.h"
#include "nn/loss.h"
#include "nn/precision.h"
#include "recipe/catalog.h"

namespace luthier {

namespace {
constexpr std::int64_t kVocabularyChunk = 256;  ///< rows of logits that exist at once (fp32 [256, V])
constexpr std::uint64_t kMaskSeed = 0;          ///< the same masks whenever a masked language model is evaluated

/// Language models: loss and hits of rows of hidden states, never with more logits than a chunk has.
void add_language_model(Model& model, const LabelledBatch& batch, TokenCounts& counts) {
  const Tensor hidden = model.hidden(batch.inputs).flatten(0, 1);                  // [B * T, C]
  const Tensor rows = model.output_rows(hidden.index_select(0, batch.loss_rows));  // [N, C]
  const Tensor weight = model.output_weight(), bias = model.output_bias();
  Tensor loss = at::zeros({}, rows.options().dtype(at::kDouble)), right = at::zeros({}, batch.labels.options());
  for (std::int64_t start = 0; start < batch.weight; start += kVocabularyChunk) {
    const std::int64_t size = std::min(kVocabularyChunk, batch.weight - start);
    const Tensor labels = batch.labels.narrow(0, start, size);                                   // [n]
    const Tensor logits = at::linear(rows.narrow(0, start, size), weight, bias).to(at::kFloat);  // [n, V]
    const Tensor target = logits.gather(1, labels.unsqueeze(1)).squeeze(1);
    loss.add_((logits.logsumexp(1) - target).sum(at::kDouble));
    right.add_(logits.argmax(1).eq(labels).sum());
  }
  counts.loss_sum += loss.item<double>();
  counts.right += right.item<std::int64_t>();
}

/// Classification and tagging: loss, hits and the confusion of labels.
void add_labels(Model& model, const LabelledBatch& batch, const ObjectiveOptions& objective, TokenCounts& counts,
                Confusion& confusion) {
  const Tensor logits = labelled_logits(model, batch, objective).to(at::kFloat);  // [N, L]
  if (logits.size(-1) != confusion.classes())
    fail(ErrorKind::bad_input,
         "the model tells " + std::to_string(logits.size(-1)) + " labels apart, the data has " +
             std::to_string(confusion.classes()),
         "data.labels", "use the labels that the model was trained with");
  counts.loss_sum += nn::cross_entropy_sum(logits, batch.labels).item<double>();
  const Tensor truth = batch.labels.cpu(), predicted = logits.argmax(1).cpu();
  const auto* t = truth.const_data_ptr<std::int64_t>();
  const auto* p = predicted.const_data_ptr<std::int64_t>();
  for (std::int64_t i = 0; i < truth.size(0); ++i) {
    confusion.add(t[i], p[i]);
    counts.right += t[i] == p[i];
  }
}

std::vector<std::int64_t> longest_first(const EncodedSplit& split) {
  std::vector<std::int64_t> order(static_cast<std::size_t>(split.size()));
  std::iota(order.begin(), order.end(), 0);
  std::stable_sort(order.begin(), order.end(),
                   [&](std::int64_t a, std::int64_t b) { return split.length(a) > split.length(b); });
  return order;
}

double value_of(const std::string& name, const TokenCounts& counts, const std::optional<Confusion>& confusion,
                std::int64_t outside) {
  if (name == "loss") return counts.loss();
  if (name == "perplexity") return counts.perplexity();
  if (name == "token_accuracy") return counts.accuracy();
  if (name == "accuracy") return confusion.value().accuracy();
  if (name == "precision") return confusion.value().macro().precision;
  if (name == "recall") return confusion.value().macro().recall;
  if (name == "f1") return confusion.value().macro().f1;
  if (name == "token_f1") return confusion.value().macro(outside).f1;
  fail(ErrorKind::internal, "the catalog of metrics has \"" + name + "\", which evaluation does not compute");
}

}  // namespace

double Evaluation::metric(const std::string& name) const {
  std::string known;
  for (const auto& [key, value] : metrics) {
    if (key == name) return value;
    known += (known.empty() ? "" : ", ") + key;
  }
  fail(ErrorKind::not_found, "this objective has no metric \"" + name + "\"", "training.early_stopping.metric",
       "choose one of " + known);
}

Evaluation evaluate(Model& model, const EncodedSplit& split, const CollateOptions& collate_options,
                    const std::vector<std::string>& label_names, const EvaluateOptions& options) {
  if (split.size() == 0) fail(ErrorKind::bad_input, "there are no rows to evaluate", "data");
  const ObjectiveOptions& objective = collate_options.objective;
  CollateOptions fixed = collate_options;
  fixed.seed = kMaskSeed;
  const bool labelled =
      !std::holds_alternative<MaskedLmOptions>(objective) && !std::holds_alternative<CausalLmOptions>(objective);
  std::optional<Confusion> confusion;
  if (labelled) confusion.emplace(static_cast<std::int64_t>(label_names.size()));
  TokenCounts counts;

  const Evaluating evaluating(model);
  const c10::Device device(options.device);
  const std::vector<std::int64_t> order = longest_first(split);
  const std::size_t batch_size = static_cast<std::size_t>(std::max<std::int64_t>(1, options.batch_size));
  for (std::size_t start = 0; start < order.size(); start += batch_size) {
    const std::size_t size = std::min(batch_size, order.size() - start);
    const LabelledBatch made = collate(split, std::span(order).subspan(start, size), fixed, /*epoch=*/0);
    if (made.weight > 0) {
      const LabelledBatch batch = device.is_cpu() ? made : made.to(device);
      const nn::Autocast autocast(options.bf16);
      counts.weight += batch.weight;
      if (labelled)
        add_labels(model, batch, objective, counts, *confusion);
      else
        add_language_model(model, batch, counts);
    }
    if (options.progress) options.progress(static_cast<double>(start + size) / static_cast<double>(order.size()));
  }

  const auto found = std::find(label_names.begin(), label_names.end(), "O");
  const std::int64_t outside = found == label_names.end() ? -1 : found - label_names.begin();
  Evaluation result;
  result.rows = split.size();
  for (const std::string& name : objective_entry(kind_of(objective)).metrics)
    result.metrics.emplace_back(name, value_of(name, counts, confusion, outside));
  if (confusion) result.detail_json = confusion->to_json(label_names).dump();
  return result;
}

}  // namespace luthier
