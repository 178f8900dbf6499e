#include "train/trainer.h"

#include <ATen/Context.h>
#include <ATen/ops/stack.h>
#include <ATen/ops/zeros.h>
#include <c10/core/GradMode.h>

#include <cmath>
#include <limits>
#include <nlohmann/json.hpp>
#include <thread>

#include "base/error.h"
#include "base/files.h"
#include "base/random.h"
#include "device/device.h"
#include "nn/precision.h"
#include "recipe/catalog.h"
#include "recipe/schedule.h"

namespace luthier {

namespace {
constexpr std::size_t kReserveBytes = 2u << 20;  // given back when the disk is full, so that the store can say so

fs::path reserve_file(const fs::path& folder) { return folder / "reserve"; }

void make_reserve(const fs::path& folder) { write_atomically(reserve_file(folder), std::string(kReserveBytes, '\0')); }
}  // namespace

nn::AdamW make_optimizer(const TrainingOptions& training, const Attached& attached) {
  std::vector<Tensor> parameters;
  std::vector<bool> no_decay;
  for (const auto& [name, tensor] : attached.trainable) {
    parameters.push_back(tensor);
    no_decay.push_back(tensor.dim() < 2);  // biases and the weights of norms
  }
  return nn::AdamW(
      parameters, no_decay,
      {training.learning_rate, training.adam_beta1, training.adam_beta2, training.adam_epsilon, training.weight_decay});
}

Trainer::Trainer(TrainerSetup setup)
    : setup_(std::move(setup)),
      optimizer_(make_optimizer(setup_.recipe.training, setup_.attached)),
      checkpoints_(setup_.folder) {
  const TrainingOptions& training = setup_.recipe.training;
  loader_options_ = loader_options(setup_.recipe, setup_.data.train);
  const RunLength length = run_length(training, setup_.data.train.size(), loader_options_);
  steps_per_epoch_ = length.steps_per_epoch;
  total_steps_ = length.steps;
  warmup_steps_ = std::max<std::int64_t>(0, to_steps(training.warmup, steps_per_epoch_, total_steps_));
  environment_ = current_environment(setup_.device, setup_.precision);
  const std::string objective = kind_of(setup_.recipe.objective), modality = modality_of(setup_.recipe.data);
  watch(training.early_stopping ? training.early_stopping->metric
                                : metrics_of(objective_entry(objective), modality).front());
}

void Trainer::watch(const std::string& metric) {
  watched_ = metric;
  higher_is_better_ = metric_entry(metric).higher_is_better;
}

template <class Action>
void Trainer::on_disk(Action action) {
  while (!stop_) {
    try {
      return action();
    } catch (const Error& error) {
      if (error.kind != ErrorKind::disk_full) throw;
      std::error_code ignored;
      fs::remove(reserve_file(setup_.folder), ignored);
      pause("the disk is full: " + error.message,
            "free some space on the disk of " + setup_.folder.string() + ", then resume");
    }
  }
}

void Trainer::resume_from_checkpoint() {
  Environment before;
  const auto state = checkpoints_.load_latest(kept(), optimizer_, &before);
  setup_.log.store().supersede(setup_.log.run(), state ? state->step : 0);  // what the base model came to stays
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

void Trainer::take_step(StepBatches batches) {
  const TrainingOptions& training = setup_.recipe.training;
  const c10::Device device(setup_.device);
  const double rate = rate_at(state_.step, total_steps_, warmup_steps_, training.schedule, training.learning_rate);
  Tensor total = at::zeros({}, at::TensorOptions(at::kFloat).device(device));
  std::uint64_t micro_index = 0;
  for (const LabelledBatch& micro : batches.micro) {
    // Dropout is a function of (seed, step, micro-batch): a resumed run draws the same masks.
    at::manual_seed(
        mix(static_cast<std::uint64_t>(setup_.recipe.seed), static_cast<std::uint64_t>(state_.step), micro_index++));
    if (micro.weight == 0) continue;
    const nn::Autocast autocast(setup_.precision == "bf16");
    const LabelledBatch placed = device.is_cpu() ? micro : micro.to(device);
    const Tensor loss = loss_sum(setup_.model, placed, setup_.recipe.objective, training.label_smoothing) /
                        static_cast<double>(std::max<std::int64_t>(1, batches.weight));
    loss.backward();
    total += loss.detach();
  }
  if (const auto lost = setup_.collate.lost->take())
    setup_.log.event(state_.step, "finding", lost->message, finding_to_json(*lost));
  if (batches.weight == 0) {  // no file of this step could be decoded
    ++state_.step;
    return;
  }
  const Tensor norm = nn::gradient_norm(optimizer_.parameters());
  const Tensor both = at::stack({total, norm.to(at::kFloat)}).cpu();
  const double loss = both[0].item<double>(), norm_value = both[1].item<double>();
  if (!std::isfinite(loss) || !std::isfinite(norm_value)) {
    optimizer_.zero_grad();
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
  ++state_.step;
  state_.loss_sum += loss * static_cast<double>(batches.weight);
  state_.loss_weight += static_cast<double>(batches.weight);
  state_.tokens += batches.tokens;
  rows_since_log_ += batches.rows;
  if (steps_here_ >= 2) {
    timed_rows_ += batches.rows;
    timed_tokens_ += batches.tokens;
  }
  log_step(rate, norm_value);
}

void Trainer::log_step(double rate, double norm) {
  const double epoch = static_cast<double>(state_.step) / static_cast<double>(steps_per_epoch_);
  setup_.log.progress(state_.step, total_steps_, epoch);
  if (state_.step % std::max<std::int64_t>(1, setup_.recipe.training.log_every) != 0 && state_.step != total_steps_)
    return;
  const double now = monotonic_seconds(), seconds = std::max(1e-9, now - last_log_seconds_);
  setup_.log.metric(state_.step, epoch, "train.loss", state_.loss_sum / std::max(1.0, state_.loss_weight));
  setup_.log.metric(state_.step, epoch, "learning_rate", rate);
  setup_.log.metric(state_.step, epoch, "grad_norm", norm);
  if (last_log_seconds_ > 0) {
    setup_.log.metric(state_.step, epoch, "tokens_per_second",
                      static_cast<double>(state_.tokens - tokens_at_last_log_) / seconds);
    setup_.log.metric(state_.step, epoch, "rows_per_second", static_cast<double>(rows_since_log_) / seconds);
  }
  setup_.log.metric(state_.step, epoch, "memory_bytes", static_cast<double>(process_memory().resident_bytes));
  last_log_seconds_ = now;
  tokens_at_last_log_ = state_.tokens;
  rows_since_log_ = 0;
  state_.loss_sum = state_.loss_weight = 0;
}

void Trainer::keep_bad_batch(const StepBatches& batches, double loss, double norm) {
  const fs::path file = setup_.folder / ("non-finite-step-" + std::to_string(state_.step + 1) + ".safetensors");
  NamedTensors tensors;
  Json rows = Json::array();
  for (std::size_t i = 0; i < batches.micro.size(); ++i) {
    const LabelledBatch& micro = batches.micro[i];
    const std::pair<const char*, const Tensor&> parts[] = {{"input_ids.", micro.inputs.input_ids},
                                                           {"pixel_values.", micro.inputs.pixel_values},
                                                           {"input_values.", micro.inputs.input_values},
                                                           {"input_features.", micro.inputs.input_features},
                                                           {"labels.", micro.labels},
                                                           {"soft_labels.", micro.soft_labels},
                                                           {"values.", micro.values}};
    for (const auto& [name, tensor] : parts)
      if (tensor.defined()) tensors.emplace_back(name + std::to_string(i), tensor);
    for (const std::int64_t row : batches.micro[i].rows) rows.push_back(setup_.data.train.row(row).source_row);
  }
  write_tensors(file, tensors);
  setup_.log.event(
      state_.step + 1, "non_finite", "the step was not taken: its loss or gradient is not a finite number",
      {{"loss", std::to_string(loss)}, {"grad_norm", std::to_string(norm)}, {"rows", rows}, {"file", file.string()}});
  setup_.log.flush();
}

bool Trainer::evaluate_and_judge() {
  const double epoch = static_cast<double>(state_.step) / static_cast<double>(steps_per_epoch_);
  EvaluateOptions options;
  options.device = setup_.device;
  options.bf16 = setup_.precision == "bf16";
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
  const double value = result.metric(watched_), loss = result.metric("loss");
  const auto& early = setup_.recipe.training.early_stopping;
  const double margin = early ? early->min_delta : 0;
  const bool better = std::isfinite(value) &&
                      (state_.best_step < 0 ||
                       (higher_is_better_ ? value > state_.best_value + margin : value < state_.best_value - margin));
  // Of equal ones the surer is kept; it is no improvement to wait for, though.
  const bool surer = !better && value == state_.best_value && loss < state_.best_loss;
  state_.bad_evaluations = better ? 0 : state_.bad_evaluations + 1;
  if (better || surer) {
    state_.best_value = value;
    state_.best_loss = std::isfinite(loss) ? loss : std::numeric_limits<double>::max();
    state_.best_step = state_.step;
    if (setup_.recipe.training.keep_best) on_disk([&] { checkpoints_.save_best(state_.step, kept()); });
  }
  if (setup_.evaluated) setup_.evaluated(state_.step);
  state_.stopped_early = early && state_.bad_evaluations >= early->patience;
  last_log_seconds_ = 0;  // throughput is that of training alone
  return !state_.stopped_early;
}

void Trainer::save_checkpoint(const std::string& why) {
  on_disk([&] {
    setup_.log.flush();  // rows up to this step must not be younger than the checkpoint
    checkpoints_.save(state_, environment_, kept(), optimizer_);
    setup_.log.event(state_.step, "checkpoint", why + " at step " + std::to_string(state_.step));
  });
}

void Trainer::obey_commands() {
  setup_.log.flush_if_due();
  for (const CommandRow& command : setup_.log.store().take_commands(setup_.log.run())) {
    if (command.kind == "stop") stop_ = true;
    if (command.kind == "checkpoint") save_checkpoint("saved on demand");
    if (command.kind == "pause" && !stop_) pause("paused on demand", "resume it when you like");
  }
}

void Trainer::pause(const std::string& reason, const std::string& hint) {
  Store& store = setup_.log.store();
  const std::string& run = setup_.log.run();
  setup_.log.event(state_.step, "paused", reason, {{"hint", hint}});
  bool told = false, resumed = false;
  while (!resumed && !stop_) {
    try {
      if (!told) {
        store.set_status(run, RunStatus::paused, reason, hint);
        setup_.log.flush();
        told = true;
      }
      for (const CommandRow& command : store.take_commands(run)) {
        if (command.kind == "resume") resumed = true;
        if (command.kind == "stop") stop_ = true;
        if (command.kind == "checkpoint") checkpoints_.save(state_, environment_, kept(), optimizer_);
      }
    } catch (const Error& error) {
      if (error.kind != ErrorKind::disk_full) throw;  // still full: wait on
    }
    std::this_thread::sleep_for(std::chrono::milliseconds(100));
  }
  if (stop_) return;
  try {
    make_reserve(setup_.folder);
    store.set_status(run, RunStatus::running);
    setup_.log.event(state_.step, "resumed", "resumed after a pause");
    setup_.log.flush();
  } catch (const Error& error) {
    if (error.kind != ErrorKind::disk_full) throw;  // the action that is tried again will pause again
  }
  last_log_seconds_ = 0;
}

TrainResult Trainer::run() {
  const TrainingOptions& training = setup_.recipe.training;
  resume_from_checkpoint();
  on_disk([&] { make_reserve(setup_.folder); });
  Due evaluation(training.evaluate_every, steps_per_epoch_, total_steps_),
      checkpoint(training.checkpoint_every, steps_per_epoch_, total_steps_);
  const bool can_evaluate = setup_.data.validation.size() > 0;
  checkpoint.restart(monotonic_seconds());
  evaluation.restart(monotonic_seconds());
  Loader loader(setup_.data.train, setup_.collate, loader_options_, state_.step, total_steps_);
  setup_.model.train();
  bool go_on = !state_.stopped_early;
  while (go_on && state_.step < total_steps_) {
    obey_commands();
    if (stop_) break;
    const double before = monotonic_seconds();
    take_step(loader.next());
    const double now = monotonic_seconds();
    if (++steps_here_ > 2) timed_seconds_ += now - before;
    const bool last = state_.step == total_steps_;
    if (can_evaluate && (evaluation.now(state_.step, now) || last)) go_on = evaluate_and_judge();
    if (checkpoint.now(state_.step, now) || last || !go_on) save_checkpoint("saved");
  }
  TrainResult result{stop_                  ? TrainEnd::stopped
                     : state_.stopped_early ? TrainEnd::early_stopped
                                            : TrainEnd::completed,
                     state_, total_steps_};
  if (timed_seconds_ > 0) {
    result.rows_per_second = static_cast<double>(timed_rows_) / timed_seconds_;
    result.tokens_per_second = static_cast<double>(timed_tokens_) / timed_seconds_;
  }
  if (stop_) {
    stop_ = false;
    save_checkpoint("saved before stopping");
  } else if (training.keep_best && state_.best_step >= 0 && state_.best_step != state_.step) {
    checkpoints_.load_best(state_.best_step, kept());
  }
  std::error_code ignored;
  fs::remove(reserve_file(setup_.folder), ignored);
  setup_.log.flush();
  setup_.model.eval();
  return result;
}

}  // namespace luthier
