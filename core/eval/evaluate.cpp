#include "eval/evaluate.h"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <numeric>
#include <span>

#include "base/error.h"
#include "eval/answers.h"
#include "eval/judge.h"
#include "models/evaluating.h"
#include "nn/precision.h"
#include "recipe/catalog.h"

namespace luthier {

namespace {

constexpr std::uint64_t kMaskSeed = 0;         ///< the same masks whenever a masked language model is evaluated
constexpr std::size_t kAnsweredTogether = 16;  ///< rows whose answers are written side by side

void take_longest_first(std::vector<std::int64_t>& rows, const EncodedSplit& split) {
  std::stable_sort(rows.begin(), rows.end(),
                   [&](std::int64_t a, std::int64_t b) { return split.length(a) > split.length(b); });
}

/// Calls `visit` with the batches of `rows`, on the device, and `progress` with the share of the rows that is done.
template <class Visit>
void each_batch(const EncodedSplit& split, std::vector<std::int64_t> rows, const CollateOptions& collating,
                const EvaluateOptions& options, std::size_t batch_size, const std::function<void(double)>& progress,
                Visit visit) {
  take_longest_first(rows, split);
  const c10::Device device(options.device);
  for (std::size_t start = 0; start < rows.size(); start += batch_size) {
    const std::size_t size = std::min(batch_size, rows.size() - start);
    const LabelledBatch made = collate(split, std::span(rows).subspan(start, size), collating, /*epoch=*/0);
    if (made.weight > 0) {
      const nn::Autocast autocast(options.precision);
      visit(device.is_cpu() ? made : made.to(device));
    }
    if (progress) progress(static_cast<double>(start + size) / static_cast<double>(rows.size()));
  }
}

/// What the model's family reads: text, image or audio.
std::string modality_of(const Model& model) {
  for (const FamilyEntry& family : families())
    if (family.kind == model.family()) return family.modality;
  fail(ErrorKind::internal, "the catalog has no family \"" + model.family() + "\"");
}

/// At most `most` (0: all) of the rows, evenly spread.
std::vector<std::int64_t> spread_rows(std::int64_t rows, std::int64_t most) {
  const std::int64_t count = most > 0 ? std::min(rows, most) : rows;
  std::vector<std::int64_t> chosen(static_cast<std::size_t>(count));
  for (std::int64_t i = 0; i < count; ++i)  // i * rows stays below 2^63: a share is enough
    chosen[static_cast<std::size_t>(i)] =
        static_cast<std::int64_t>(static_cast<double>(i) * static_cast<double>(rows) / static_cast<double>(count));
  return chosen;
}

}  // namespace

double Evaluation::metric(const std::string& name) const {
  std::string known;
  for (const auto& [key, value] : metrics) {
    if (key == name) return value;
    known += (known.empty() ? "" : ", ") + key;
  }
  fail(ErrorKind::not_found, "this objective has no metric \"" + name + "\" on this data",
       "training.early_stopping.metric", "choose one of " + known);
}

bool Evaluation::has(const std::string& name) const {
  return std::any_of(metrics.begin(), metrics.end(), [&](const auto& metric) { return metric.first == name; });
}

Evaluation evaluate(Model& model, const EncodedSplit& split, const CollateOptions& collate_options,
                    const std::vector<std::string>& label_names, const EvaluateOptions& options) {
  if (split.size() == 0) fail(ErrorKind::bad_input, "there are no rows to evaluate", "data");
  CollateOptions fixed = collate_options;
  fixed.seed = kMaskSeed;
  fixed.pack = false;  // rows of like length stand together here
  const auto* sequences = std::get_if<Seq2SeqOptions>(&fixed.objective);
  const bool answers_wanted = sequences && fixed.tokenizer;
  const std::size_t batch_size = static_cast<std::size_t>(std::max<std::int64_t>(1, options.batch_size));
  const auto progress_of = [&](double from, double to) -> std::function<void(double)> {
    if (!options.progress) return {};
    return [&options, from, to](double share) { options.progress(from + share * (to - from)); };
  };

  const Evaluating evaluating(model);
  const std::unique_ptr<Judge> judge = make_judge(fixed, split, label_names);
  std::vector<std::int64_t> all(static_cast<std::size_t>(split.size()));
  std::iota(all.begin(), all.end(), 0);
  each_batch(split, all, fixed, options, batch_size, progress_of(0, answers_wanted ? 0.5 : 1),
             [&](const LabelledBatch& batch) { judge->add(model, batch); });
  MetricValues values = judge->values();
  Json detail = judge->detail();
  if (answers_wanted) {
    JudgedAnswers judged;
    each_batch(split, spread_rows(split.size(), sequences->judged_rows), fixed, options,
               std::min(batch_size, kAnsweredTogether), progress_of(0.5, 1), [&](const LabelledBatch& batch) {
                 const auto answers = answers_of(model, split, batch, *sequences, *fixed.tokenizer);
                 for (std::size_t i = 0; i < answers.size(); ++i) judged.add(split, batch.rows[i], answers[i]);
               });
    values.merge(judged.values());
    detail = judged.detail();
  }

  Evaluation result;
  result.rows = split.size();
  const std::string objective = kind_of(fixed.objective), modality = modality_of(model);
  for (const std::string& name : metrics_of(objective_entry(objective), modality))
    if (const auto value = values.find(name); value != values.end()) result.metrics.emplace_back(name, value->second);
  if (!detail.is_null()) result.detail_json = detail.dump(-1, ' ', false, Json::error_handler_t::replace);
  return result;
}

}  // namespace luthier
