#include "pages/method/method_words.h"

#include <QCoreApplication>
#include <cmath>
#include <numeric>

#include "forms/catalog_text.h"
#include "forms/field_text.h"
#include "recipe/advice_texts.h"
#include "recipe/catalog.h"
#include "recipe/trainable.h"
#include "widgets/format.h"

namespace luthier {

namespace {
struct AdviceWords {
  Q_DECLARE_TR_FUNCTIONS(MethodWords)
};

QString adviceValueText(const AdviceValue& value) {
  switch (value.unit) {
    case AdviceValue::Unit::count:
      return value.number < 1e5 ? countText(std::int64_t(value.number)) : shortCountText(value.number);
    case AdviceValue::Unit::bytes:
      return bytesText(value.number);
    case AdviceValue::Unit::share:
      return percentText(value.number);
    case AdviceValue::Unit::method:
      return catalogText(method_entry(value.method).label);
  }
  return {};
}
}  // namespace

AdviceFacts adviceFacts(const Recipe& recipe, const ProjectFacts& facts, const Estimates& estimates) {
  AdviceFacts known;
  const std::string wanted = kind_of(recipe.objective);
  const ObjectiveEntry& objective = objective_entry(wanted);
  known.label_task = objective.has_labels();
  known.preference = objective.kind == "preference";
  known.from_config = recipe.model.from_config;
  if (const DataProfile* data = facts.data()) known.rows = data->train_rows;
  if (const ModelOutline* model = facts.model()) known.parameters = model->total_parameters;
  for (auto one = estimates.cbegin(); one != estimates.cend(); ++one) {
    const std::string kind = one.key().toStdString();
    if (Refusal refusal = method_obstacle(kind, recipe, facts.model()); !refusal.reason.empty())
      known.obstacles[kind] = std::move(refusal);
    if (!one.value()) continue;
    known.costs[kind] = {one.value()->memory.total(), one.value()->trainable, 1};
    known.memory_bytes = std::int64_t(one.value()->memory_available_bytes);
  }
  return known;
}

QString sentenceText(const AdviceSentence& sentence) {
  QString text = catalogText(sentence.text);
  // All at once, so that a value with a percent sign is not taken for a place.
  QStringList values;
  for (const AdviceValue& value : sentence.values) values << adviceValueText(value);
  for (qsizetype at = text.indexOf('%'); at >= 0; at = text.indexOf('%', at + 1)) {
    const int number = at + 1 < text.size() ? text[at + 1].digitValue() : -1;
    if (number < 1 || number > values.size()) continue;
    text.replace(at, 2, values[number - 1]);
    at += values[number - 1].size() - 1;
  }
  return text;
}

QString adviceTitle(const Advice& advice) {
  if (advice.kind().empty()) return AdviceWords::tr("Which method");
  return AdviceWords::tr("Why %1 is recommended").arg(catalogText(method_entry(advice.kind()).label));
}

QString adviceText(const Advice& advice) {
  QString text = sentenceText(advice.why);
  const bool rule = advice.reason != AdviceReason::unknown && advice.reason != AdviceReason::from_scratch &&
                    advice.reason != AdviceReason::memory;
  if (rule) text += ' ' + catalogText(advice_text::rule_of_thumb);
  FirstAnswers few;
  few.examples = Examples::few;
  if (advice.before == Before::prompt) text = catalogText(first_advice(few).text) + "\n" + text;
  return text;
}

QString cardSentence(const QString& kind, const Advice& advice) {
  for (const RankedMethod& method : advice.methods)
    if (method.kind == kind.toStdString()) return sentenceText(method.remark);
  return {};
}

QString obstacleText(const Refusal& obstacle) {
  if (obstacle.reason.empty()) return {};
  const QString reason = catalogText(obstacle.reason);
  if (obstacle.instead.empty()) return AdviceWords::tr("Not available: %1.").arg(reason);
  return AdviceWords::tr("Not available: %1. Choose %2 instead.")
      .arg(reason, catalogText(method_entry(obstacle.instead).label));
}

std::pair<double, double> usualRates(const std::string& kind) {
  if (kind == "full" || kind == "layerwise") return {2e-5, 5e-5};
  if (kind == "ia3" || kind == "prefix_tuning") return {1e-3, 1e-2};
  if (kind == "prompt_tuning") return {1e-3, 3e-1};
  return {1e-4, 3e-4};
}

QHash<QString, QString> optionEffects(const Recipe& recipe, const ProjectFacts& facts) {
  QHash<QString, QString> effects;
  const TrainingOptions& training = recipe.training;
  const auto* lora = lora_of(recipe.method);
  if (lora) {
    if (const ModelOutline* model = facts.model()) try {
        const double parameters = double(lora_parameters(*model, *lora));
        effects["method.rank"] = AdviceWords::tr("%1, %2").arg(shortCountText(parameters), bytesText(parameters * 4));
      } catch (const std::exception&) {
        effects.remove("method.rank");  // a broken expression for the layers: the recipe's problems say so
      }
    const double scale = lora->alpha / (lora->rank_stabilised ? std::sqrt(double(lora->rank)) : double(lora->rank));
    effects["method.alpha"] = AdviceWords::tr("scale %1").arg(numberText(scale));
  }
  if (const ModelOutline* model = facts.model()) {
    const auto added = [&] {
      const double parameters = double(added_parameters(*model, recipe.method));
      return AdviceWords::tr("%1, %2").arg(shortCountText(parameters), bytesText(parameters * 4));
    };
    if (const auto* adapter = std::get_if<AdapterOptions>(&recipe.method))
      effects["method.reduction"] =
          AdviceWords::tr("%1 channels, %2").arg(countText(bottleneck(*model, *adapter))).arg(added());
    const bool prompts = std::holds_alternative<PromptTuningOptions>(recipe.method) ||
                         std::holds_alternative<PrefixTuningOptions>(recipe.method);
    if (prompts) effects["method.virtual_tokens"] = added();
  }
  const auto [low, high] = usualRates(kind_of(recipe.method));
  effects["training.learning_rate"] = AdviceWords::tr("usual %1–%2").arg(numberText(low), numberText(high));
  const std::int64_t rows = training.batch_size * training.gradient_accumulation;
  if (training.gradient_accumulation > 1)
    effects["training.batch_size"] = AdviceWords::tr("%1 rows a step").arg(countText(rows));
  effects["training.gradient_accumulation"] = AdviceWords::tr("%1 rows a step").arg(countText(rows));
  if (facts.estimate() && facts.estimate()->steps > 0) {
    const std::int64_t steps = facts.estimate()->steps;
    effects["training.epochs"] = training.max_steps > 0
                                     ? AdviceWords::tr("ends after %1 steps").arg(countText(training.max_steps))
                                     : AdviceWords::tr("%1 steps").arg(countText(steps));
    if (training.warmup.unit == "run")
      effects["training.warmup"] =
          AdviceWords::tr("%1 steps").arg(countText(std::int64_t(std::llround(training.warmup.value * double(steps)))));
  }
  if (training.evaluate_every.value == 0) effects["training.evaluate_every"] = AdviceWords::tr("never");
  if (training.checkpoint_every.value == 0) effects["training.checkpoint_every"] = AdviceWords::tr("never");
  if (const DataProfile* data = facts.data(); data && data->lengths.longest > 0) {
    const auto& counts = data->lengths.counts;
    const double measured = double(std::accumulate(counts.begin(), counts.end(), std::int64_t(0)));
    const double cut = measured > 0 ? double(data->lengths.longer_than_limit) / measured : 0;
    effects["data.max_tokens"] = cut > 0 ? AdviceWords::tr("cuts %1 of rows").arg(percentText(cut))
                                         : AdviceWords::tr("longest %1").arg(countText(data->lengths.longest));
  }
  return effects;
}

}  // namespace luthier
