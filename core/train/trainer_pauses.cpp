// What comes between a trainer's steps: log rows, checkpoints, commands, pauses.
#include <nlohmann/json.hpp>

#include "base/files.h"
#include "device/device.h"
#include "recipe/amendment.h"
#include "train/trainer.h"

namespace luthier {

/// Under the names of the parameters stands what others use: the average, where there is one.
NamedTensors Trainer::in_checkpoint() const {
  NamedTensors tensors = kept();
  for (auto& other : average_.others()) tensors.push_back(std::move(other));
  return tensors;
}

void Trainer::write_checkpoint(const std::string& why) {
  setup_.log.flush();  // rows up to this step must not be younger than the checkpoint
  {
    const AverageInPlace average(average_);
    checkpoints_.save(state_, environment_, in_checkpoint(), optimizer_);
  }
  setup_.log.event(state_.step, "checkpoint", why + " at step " + std::to_string(state_.step));
}

void Trainer::log_step(double rate, double norm) {
  const double epoch = static_cast<double>(state_.step) / static_cast<double>(length_.steps_per_epoch);
  setup_.log.progress(state_.step, length_.steps, epoch);
  if (state_.step % std::max<std::int64_t>(1, setup_.recipe.training.log_every) != 0 && state_.step != length_.steps)
    return;
  const double now = monotonic_seconds(), seconds = std::max(1e-9, now - last_log_seconds_);
  setup_.log.metric(state_.step, epoch, "train.loss", state_.loss_sum / std::max(1e-9, state_.loss_weight));
  for (const auto& [name, value] : metrics_.take()) setup_.log.metric(state_.step, epoch, "train." + name, value);
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

void Trainer::save_checkpoint(const std::string& why) {
  on_disk([&] { write_checkpoint(why); });
}

void Trainer::obey_commands() {
  if (setup_.log.due()) on_disk([&] { setup_.log.flush(); });
  std::vector<CommandRow> commands;
  on_disk([&] { commands = setup_.log.store().take_commands(setup_.log.run()); });
  for (const CommandRow& command : commands) {
    if (command.kind == "checkpoint") save_checkpoint("saved on demand");
    if (command.kind == "amend") refuse_change({ErrorKind::conflict, "the run is not paused", {}, "pause it first"});
    if (command.kind == "pause" && !stop_) pause("paused on demand", "resume it when you like");
    obey(command);
  }
}

void Trainer::obey(const CommandRow& command) {
  if (command.kind == "stop") {
    stop_ = true;
    discard_ = discard_ || discards(command);
  }
  if (command.kind == "sample" && setup_.sample) {
    const AverageInPlace average(average_);
    setup_.sample(state_.step);
  }
}

void Trainer::refuse_change(const Error& reason) {
  setup_.log.event(state_.step, "refused", "not changed: " + reason.message,
                   {{"where", reason.where}, {"hint", reason.hint}});
}

void Trainer::amend(const Json& changes) {
  Recipe changed;
  try {
    if (!fs::exists(setup_.folder / "recipe.json"))
      fail(ErrorKind::conflict, "the stage before the task keeps its settings", {}, "wait until the task has begun");
    changed = amended(recipe_, changes);
  } catch (const Error& error) {
    return refuse_change(error);
  }
  const Json before = recipe_to_json(recipe_)["training"], after = recipe_to_json(changed)["training"];
  Json told = Json::object();
  std::string text;
  for (const auto& [key, value] : after.items()) {
    if (before[key] == value) continue;
    told["training." + key] = {before[key], value};
    text += (text.empty() ? "" : ", ") + key + " " + before[key].dump() + " -> " + value.dump();
  }
  if (told.empty()) return;
  // A resume computes again what comes behind the newest checkpoint, so no step of before may lie there.
  write_checkpoint("saved");
  // In the run's own recipe: the window, a resume and whoever repeats the run read it there.
  Json kept = read_json(setup_.folder / "recipe.json");
  for (const auto& [path, values] : told.items()) kept["training"][path.substr(path.find('.') + 1)] = values[1];
  write_json(setup_.folder / "recipe.json", kept);
  recipe_ = std::move(changed);
  loader_.reset();  // the next step plans anew
  setup_.log.event(state_.step, "amended", "changed: " + text, told);
}

std::function<bool(const CommandRow&)> Trainer::in_pause() {
  return [this](const CommandRow& command) {
    if (command.kind == "checkpoint") write_checkpoint("saved on demand");
    if (command.kind == "amend") amend(Json::parse(command.detail_json, nullptr, false));
    obey(command);
    return stop_;
  };
}

void Trainer::pause(const std::string& reason, const std::string& hint) {
  wait_in_pause(setup_.log, state_.step, reason, hint, in_pause());
  last_log_seconds_ = 0;
}

}  // namespace luthier
