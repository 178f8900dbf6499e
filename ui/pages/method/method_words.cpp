#include "pages/method/method_words.h"

#include <QCoreApplication>
#include <cmath>
#include <numeric>

#include "forms/catalog_text.h"
#include "forms/field_text.h"
#include "recipe/catalog.h"
#include "widgets/format.h"

namespace luthier {

namespace {
struct Words {
  Q_DECLARE_TR_FUNCTIONS(MethodWords)
};

QString bytesOf(const Estimates& estimates, const QString& kind) {
  const std::optional<Estimate> estimate = estimates.value(kind);
  return estimate ? bytesText(double(estimate->memory.total())) : Words::tr("an unknown amount");
}

QString parametersOf(const Estimates& estimates, const QString& kind) {
  const std::optional<Estimate> estimate = estimates.value(kind);
  return estimate ? shortCountText(double(estimate->trainable)) : Words::tr("few");
}
}  // namespace

AdviceFacts adviceFacts(const Recipe& recipe, const ProjectFacts& facts, const Estimates& estimates) {
  AdviceFacts known;
  known.label_task = objective_entry(kind_of(recipe.objective)).has_labels();
  known.from_config = recipe.model.from_config;
  if (const DataProfile* data = facts.data()) {
    known.rows = data->train_rows;
    known.labels = std::int64_t(data->labels.size());
  }
  if (const ModelOutline* model = facts.model()) {
    known.parameters = model->total_parameters;
    known.head_can_train_alone = method_obstacle("feature_extraction", recipe, model) == MethodObstacle::none;
  }
  for (auto one = estimates.cbegin(); one != estimates.cend(); ++one)
    if (one.value()) {
      known.needed_bytes[one.key().toStdString()] = one.value()->memory.total();
      known.memory_bytes = std::int64_t(one.value()->memory_available_bytes);
    }
  return known;
}

QString adviceTitle(const Advice& advice) {
  if (advice.kind.empty()) return Words::tr("Which method");
  return Words::tr("Why %1 is recommended").arg(catalogText(method_entry(advice.kind).label));
}

QString adviceText(const Advice& advice, const AdviceFacts& facts, const Estimates& estimates) {
  const QString rule = ' ' + Words::tr("This is a rule of thumb: to know, run both and compare them on Runs.");
  const QString rows = countText(facts.rows), parameters = shortCountText(double(facts.parameters));
  switch (advice.reason) {
    case AdviceReason::unknown:
      return Words::tr("The advice follows from the number of rows and the size of the model. Choose both first.");
    case AdviceReason::from_scratch:
      return Words::tr("The weights are drawn anew, so every one of them has to be trained.");
    case AdviceReason::memory:
      return Words::tr(
                 "Training every weight is estimated at %1, and %2 are free. %3 needs %4 and trains %5 parameters.")
          .arg(bytesOf(estimates, "full"), bytesText(double(facts.memory_bytes)),
               catalogText(method_entry(advice.kind).label), bytesOf(estimates, QString::fromStdString(advice.kind)),
               parametersOf(estimates, QString::fromStdString(advice.kind)));
    case AdviceReason::few_rows:
      return Words::tr(
                 "%1 training rows are few. On the frozen model only the head's %2 parameters learn, instead of %3, so "
                 "the rows are not so easily learnt by heart.")
                 .arg(rows, parametersOf(estimates, "feature_extraction"), parameters) +
             rule;
    case AdviceReason::small_model:
      return Words::tr(
                 "A model of %1 parameters is small: training all of it is estimated at %2 of memory, LoRA at %3. "
                 "There "
                 "is little to save, and %4 training rows can move every weight.")
                 .arg(parameters, bytesOf(estimates, "full"), bytesOf(estimates, "lora"), rows) +
             rule;
    case AdviceReason::rows_per_weight:
      return Words::tr(
                 "%1 training rows for %2 parameters: LoRA trains %3 of them, in an estimated %4 of memory instead of "
                 "%5, and the frozen model keeps what it knows.")
                 .arg(rows, parameters, parametersOf(estimates, "lora"), bytesOf(estimates, "lora"),
                      bytesOf(estimates, "full")) +
             rule;
  }
  return {};
}

QString cardSentence(const QString& kind, const Estimates& estimates) {
  const std::optional<Estimate> own = estimates.value(kind), full = estimates.value("full");
  if (own && kind == "full")
    return Words::tr("Every weight learns. The result is as large as the model: %1.")
        .arg(bytesText(double(own->total) * 4));
  if (own && kind == "feature_extraction")
    return Words::tr("The head alone learns, on what the frozen model says: fastest, for few rows.");
  if (own && full && kind == "lora" && full->memory.total() > 0)
    return Words::tr("%1 of the memory of full, %2 result, can be merged.")
        .arg(percentText(double(own->memory.total()) / double(full->memory.total())),
             bytesText(double(own->trainable) * 4));
  return catalogText(method_entry(kind.toStdString()).help);
}

QString obstacleText(MethodObstacle obstacle) {
  switch (obstacle) {
    case MethodObstacle::none:
      return {};
    case MethodObstacle::from_scratch:
      return Words::tr("Not available: the weights are drawn anew, so they cannot stay frozen.");
    case MethodObstacle::tied_head:
      return Words::tr(
          "Not available: this model's output is its embedding, so there is no head to train apart from it.");
  }
  return {};
}

QHash<QString, QString> optionEffects(const Recipe& recipe, const ProjectFacts& facts) {
  QHash<QString, QString> effects;
  const TrainingOptions& training = recipe.training;
  const auto* lora = std::get_if<LoraOptions>(&recipe.method);
  if (lora) {
    if (const ModelOutline* model = facts.model()) try {
        const double parameters = double(lora_parameters(*model, *lora));
        effects["method.rank"] = Words::tr("%1, %2").arg(shortCountText(parameters), bytesText(parameters * 4));
      } catch (const std::exception&) {
        effects.remove("method.rank");  // a broken expression for the layers: the recipe's problems say so
      }
    const double scale = lora->alpha / (lora->rank_stabilised ? std::sqrt(double(lora->rank)) : double(lora->rank));
    effects["method.alpha"] = Words::tr("scale %1").arg(numberText(scale));
  }
  effects["training.learning_rate"] =
      std::holds_alternative<FullOptions>(recipe.method) ? Words::tr("usual 2e-5–5e-5") : Words::tr("usual 1e-4–3e-4");
  const std::int64_t rows = training.batch_size * training.gradient_accumulation;
  if (training.gradient_accumulation > 1)
    effects["training.batch_size"] = Words::tr("%1 rows a step").arg(countText(rows));
  effects["training.gradient_accumulation"] = Words::tr("%1 rows a step").arg(countText(rows));
  if (facts.estimate() && facts.estimate()->steps > 0) {
    const std::int64_t steps = facts.estimate()->steps;
    effects["training.epochs"] = training.max_steps > 0
                                     ? Words::tr("ends after %1 steps").arg(countText(training.max_steps))
                                     : Words::tr("%1 steps").arg(countText(steps));
    if (training.warmup.unit == "run")
      effects["training.warmup"] =
          Words::tr("%1 steps").arg(countText(std::int64_t(std::llround(training.warmup.value * double(steps)))));
  }
  if (training.evaluate_every.value == 0) effects["training.evaluate_every"] = Words::tr("never");
  if (training.checkpoint_every.value == 0) effects["training.checkpoint_every"] = Words::tr("never");
  if (const DataProfile* data = facts.data(); data && data->lengths.longest > 0) {
    const auto& counts = data->lengths.counts;
    const double measured = double(std::accumulate(counts.begin(), counts.end(), std::int64_t(0)));
    const double cut = measured > 0 ? double(data->lengths.longer_than_limit) / measured : 0;
    effects["data.max_tokens"] = cut > 0 ? Words::tr("cuts %1 of rows").arg(percentText(cut))
                                         : Words::tr("longest %1").arg(countText(data->lengths.longest));
  }
  return effects;
}

}  // namespace luthier
