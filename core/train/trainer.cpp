#include "train/trainer.h"

#include <ATen/Context.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "base/random.h"
#include "eval/preference.h"
#include "nn/precision.h"
#include "recipe/catalog.h"

namespace luthier {

namespace {
constexpr std::int64_t kStepsUntilScaleRises = 2000;
}

nn::AdamW make_optimizer(const TrainingOptions& training, const Attached& attached) {
  std::vector<Tensor> parameters;
  std::vector<bool> no_decay;
  for (const auto& [name, tensor] : attached.trainable) {
    parameters.push_back(tensor);
    no_decay.push_back(tensor.dim() < 2);  // biases and the weights of norms
  }
  nn::AdamW optimizer(parameters, no_decay,
                      {training.learning_rate, training.adam_beta1, training.adam_beta2, training.adam_epsilon,
                       training.weight_decay, training.optimizer == "adamw_8bit", training.offload_optimizer});
  optimizer.set_rate_scales(attached.rate_scales);
  return optimizer;
}

Trainer::Trainer(TrainerSetup setup)
    : setup_(std::move(setup)),
      recipe_(setup_.recipe),
      optimizer_(make_optimizer(setup_.recipe.training, setup_.attached)),
      checkpoints_(setup_.folder),
      loader_options_(loader_options(setup_.recipe, setup_.data.train)),
      length_(run_length(setup_.recipe.training, setup_.data.train.size(), loader_options_)),
      schedule_(schedule_of(setup_.recipe.training, length_.steps_per_epoch, length_.steps)),
      joining_(setup_.recipe.method, setup_.attached, length_.steps_per_epoch, length_.steps),
      average_(setup_.attached.trainable, setup_.recipe.training.average_decay),
      anchor_(setup_.attached.trainable, setup_.base, setup_.recipe.training.stay_near_base) {
  const TrainingOptions& training = setup_.recipe.training;
  environment_ = current_environment(setup_.device, setup_.precision);
  const std::string objective = kind_of(setup_.recipe.objective), modality = modality_of(setup_.recipe.data);
  watch(training.early_stopping ? training.early_stopping->metric
                                : metrics_of(objective_entry(objective), modality).front());
}

void Trainer::resume_from_checkpoint() {
  Environment before;
  std::optional<TrainState> state;
  {
    const AverageInPlace average(average_);
    state = checkpoints_.load_latest(in_checkpoint(), optimizer_, &before);
  }
  setup_.log.supersede(state ? state->step : 0);  // what the base model came to stays
  if (!state) return;
  state_ = *state;
  setup_.log.event(state_.step, "resumed", "continued from step " + std::to_string(state_.step));
  if (before != environment_)
    setup_.log.event(state_.step, "finding",
                     "this machine differs from the one before: the numbers will not be the very same",
                     {{"id", "environment_changed"},
                      {"severity", "warning"},
                      {"before",
                       {{"torch", before.torch},
                        {"device", before.device},
                        {"precision", before.precision},
                        {"threads", before.threads}}}});
}

void Trainer::let_blocks_join() {
  for (const std::size_t i : joining_.update(state_)) {
    const Block& block = setup_.attached.blocks[i];
    setup_.log.event(state_.step, "block_joined", "\"" + block.name + "\" trains from here on",
                     {{"block", block.name}, {"rate_scale", setup_.attached.rate_scales[block.parameters.front()]}});
  }
}

/// An overflow costs a step and halves the scale; 2000 steps in a row without one double it (Micikevicius et al. 2018).
bool Trainer::unscale() {
  if (setup_.precision != "fp16") return true;
  if (nn::unscale_gradients(optimizer_.parameters(), state_.loss_scale)) {
    if (++state_.scaled_steps % kStepsUntilScaleRises == 0) state_.loss_scale *= 2;
    return true;
  }
  state_.scaled_steps = 0;
  if (state_.loss_scale <= 1) return true;  // the scale is not to blame
  state_.loss_scale /= 2;
  return false;
}

void Trainer::take_step(StepBatches batches) {
  const TrainingOptions& training = setup_.recipe.training;
  const c10::Device device(setup_.device);
  const double rate = rate_at(schedule_, state_.step, state_.rate_drops);
  const double scale = setup_.precision == "fp16" ? state_.loss_scale : 1;
  let_blocks_join();
  Tensor total = at::zeros({}, at::TensorOptions(at::kFloat).device(device));
  {
    const nn::Autocast autocast(setup_.precision);
    complete_preferences(setup_.model, batches.micro, setup_.collate);
  }
  std::uint64_t micro_index = 0;
  for (const LabelledBatch& micro : batches.micro) {
    // Dropout is a function of (seed, step, micro-batch): a resumed run draws the same masks.
    at::manual_seed(
        mix(static_cast<std::uint64_t>(setup_.recipe.seed), static_cast<std::uint64_t>(state_.step), micro_index++));
    if (micro.weight == 0) continue;
    const nn::Autocast autocast(setup_.precision);
    const LabelledBatch placed = device.is_cpu() ? micro : micro.to(device);
    const Tensor sum =
        setup_.teacher ? distilled_loss_sum(setup_.model, *setup_.teacher, placed, setup_.recipe.objective,
                                            *training.distillation, training.label_smoothing, &metrics_)
                       : loss_sum(setup_.model, placed, setup_.recipe.objective, training.label_smoothing, &metrics_);
    const Tensor loss = sum / std::max(1e-9, batches.divisor);
    (scale == 1 ? loss : loss * scale).backward();
    total += loss.detach();
  }
  if (const auto lost = setup_.collate.lost->take())
    setup_.log.event(state_.step, "finding", lost->message, finding_to_json(*lost));
  if (batches.weight == 0) {  // no file of this step could be decoded
    ++state_.step;
    return;
  }
  if (!unscale()) {
    optimizer_.zero_grad();
    state_.skipped_steps.push_back(state_.step++);
    setup_.log.event(state_.step, "scale_lowered", "a gradient overflowed fp16: the step was left out",
                     {{"loss_scale", state_.loss_scale}});
    return;
  }
  anchor_.add_to_gradients();
  const Tensor norm = nn::gradient_norm(optimizer_.parameters());
  const Tensor both = at::stack({total, norm.to(at::kFloat)}).cpu();
  const double loss = both[0].item<double>(), norm_value = both[1].item<double>();
  if (!std::isfinite(loss) || !std::isfinite(norm_value)) {
    optimizer_.zero_grad();
    metrics_.take();
    state_.skipped_steps.push_back(state_.step);
    on_disk([&] { keep_bad_batch(batches, loss, norm_value); });
    ++state_.step;
    pause("the loss or its gradient is not a finite number at step " + std::to_string(state_.step),
          "look at the kept batch; lower the learning rate or check the data, then resume: the step was left out");
    return;
  }
  if (training.max_grad_norm > 0 && norm_value > training.max_grad_norm)
    nn::clip_gradients(optimizer_.parameters(), norm, training.max_grad_norm);
  optimizer_.step(rate);
  optimizer_.zero_grad();
  average_.update(++state_.step);
  state_.loss_sum += loss * batches.divisor;
  state_.loss_weight += batches.divisor;
  state_.tokens += batches.tokens;
  rows_since_log_ += batches.rows;
  if (steps_here_ >= 2) {
    timed_rows_ += batches.rows;
    timed_tokens_ += batches.tokens;
  }
  log_step(rate, norm_value);
}

void Trainer::plan() {
  const TrainingOptions& training = recipe_.training;
  loader_options_.batch_size = training.batch_size;
  loader_options_.gradient_accumulation = training.gradient_accumulation;
  schedule_ = schedule_of(training, length_.steps_per_epoch, length_.steps);
  evaluation_.emplace(training.evaluate_every, length_.steps_per_epoch, length_.steps);
  evaluation_->restart(monotonic_seconds());
  loader_.emplace(setup_.data.train, setup_.collate, loader_options_, state_.step, length_.steps);
}

/// After a stop: with a checkpoint to go on from, or with none at all.
void Trainer::end_early() {
  stop_ = false;
  if (!discard_) return save_checkpoint("saved before stopping");
  loader_.reset();
  checkpoints_.discard();
}

TrainResult Trainer::run() {
  const TrainingOptions& training = setup_.recipe.training;
  resume_from_checkpoint();
  Due checkpoint(training.checkpoint_every, length_.steps_per_epoch, length_.steps);
  const bool can_evaluate = setup_.data.validation.size() > 0;
  checkpoint.restart(monotonic_seconds());
  setup_.model.train();
  bool go_on = !state_.stopped_early;
  while (go_on && state_.step < length_.steps) {
    obey_commands();
    if (stop_) break;
    if (!loader_) plan();
    const double before = monotonic_seconds();
    take_step(loader_->next());
    const double now = monotonic_seconds();
    if (++steps_here_ > 2) timed_seconds_ += now - before;
    const bool last = state_.step == length_.steps;
    if (can_evaluate && (evaluation_->now(state_.step, now) || last)) go_on = evaluate_and_judge();
    if (checkpoint.now(state_.step, now) || last || !go_on) save_checkpoint("saved");
  }
  on_disk([&] { setup_.log.flush(); });
  TrainResult result{stop_ && discard_      ? TrainEnd::discarded
                     : stop_                ? TrainEnd::stopped
                     : state_.stopped_early ? TrainEnd::early_stopped
                                            : TrainEnd::completed,
                     state_, length_.steps};
  if (timed_seconds_ > 0) {
    result.rows_per_second = static_cast<double>(timed_rows_) / timed_seconds_;
    result.tokens_per_second = static_cast<double>(timed_tokens_) / timed_seconds_;
  }
  if (stop_) {
    end_early();
  } else {
    const bool other_best = training.keep_best && state_.best_step >= 0 && state_.best_step != state_.step;
    if (!other_best || !checkpoints_.load_best(state_.best_step, kept())) average_.swap();
  }
  setup_.model.eval();
  return result;
}

}  // namespace luthier
