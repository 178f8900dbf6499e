// The trainer's evaluations: on the validation rows, and what follows from them.
#include <nlohmann/json.hpp>

#include "recipe/best_evaluation.h"
#include "recipe/catalog.h"
#include "train/trainer.h"

namespace luthier {

void Trainer::watch(const std::string& metric) {
  watched_ = metric;
  higher_is_better_ = metric_entry(metric).higher_is_better;
}

/// What waits for the validation to stop improving: the rate of the plateau schedule, and blocks.
void Trainer::note_plateau(bool better) {
  const TrainingOptions& training = setup_.recipe.training;
  state_.rate_waits = better ? 0 : state_.rate_waits + 1;
  if (training.schedule == "plateau" && state_.rate_waits > training.plateau_patience) {
    state_.rate_waits = 0;
    ++state_.rate_drops;
    setup_.log.event(state_.step, "rate_lowered", "the validation does not improve: the learning rate falls",
                     {{"learning_rate", rate_at(schedule_, state_.step, state_.rate_drops)}});
  }
  if (!better) joining_.plateau(state_);
}

bool Trainer::evaluate_and_judge() {
  const AverageInPlace average(average_);
  const double epoch = static_cast<double>(state_.step) / static_cast<double>(length_.steps_per_epoch);
  EvaluateOptions options;
  options.device = setup_.device;
  options.precision = setup_.precision;
  options.batch_size = std::max<std::int64_t>(64, setup_.recipe.training.batch_size);
  options.progress = [this](double) { setup_.log.flush_if_due(); };
  const Evaluation result =
      evaluate(setup_.model, setup_.data.validation, setup_.collate, setup_.data.label_names, options);
  Json values = Json::object();
  for (const auto& [name, value] : result.metrics) {
    setup_.log.metric(state_.step, epoch, "validation." + name, value);
    values[name] = value;
  }
  setup_.log.event(state_.step, "evaluation", "evaluated on " + std::to_string(result.rows) + " rows",
                   {{"split", "validation"}, {"metrics", values}});
  if (!result.has(watched_)) {  // what these rows have no value for: the entities of tags that spell none
    const std::string instead = result.metrics.front().first;
    setup_.log.event(state_.step, "watching",
                     "\"" + watched_ + "\" has no value on this data: \"" + instead + "\" is watched instead",
                     {{"metric", instead}});
    watch(instead);
  }
  const auto& early = setup_.recipe.training.early_stopping;
  BestEvaluation best{.higher_is_better = higher_is_better_,
                      .margin = early ? early->min_delta : 0,
                      .step = state_.best_step,
                      .value = state_.best_value,
                      .loss = state_.best_loss};
  const auto verdict = best.take(state_.step, result.metric(watched_), result.metric("loss"));
  const bool better = verdict == BestEvaluation::Verdict::better;
  state_.bad_evaluations = better ? 0 : state_.bad_evaluations + 1;
  note_plateau(better);
  if (verdict != BestEvaluation::Verdict::worse) {
    state_.best_value = best.value;
    state_.best_loss = best.loss;
    state_.best_step = best.step;
    if (setup_.recipe.training.keep_best) on_disk([&] { checkpoints_.save_best(state_.step, kept()); });
  }
  if (setup_.sample) setup_.sample(state_.step);
  state_.stopped_early = early && state_.bad_evaluations >= early->patience;
  last_log_seconds_ = 0;  // throughput is that of training alone
  return !state_.stopped_early;
}

}  // namespace luthier
