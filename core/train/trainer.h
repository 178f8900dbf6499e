#pragma once
// The training loop: batches in, weights changed, events and checkpoints out. Knows no family, method or format.
#include <functional>
#include <optional>
#include <string>

#include "base/error.h"
#include "eval/evaluate.h"
#include "methods/method.h"
#include "recipe/schedule.h"
#include "train/anchor.h"
#include "train/average.h"
#include "train/checkpoint.h"
#include "train/joining.h"
#include "train/loader.h"
#include "train/pause.h"
#include "train/run_log.h"

namespace luthier {

/// What a run trains with; all of it outlives the trainer.
struct TrainerSetup {
  const Recipe& recipe;
  Model& model;
  const Attached& attached;
  const Dataset& data;
  const CollateOptions& collate;
  std::string device, precision;  ///< "cpu", "cuda:0"; "fp32", "bf16", "fp16"
  std::filesystem::path folder;   ///< runs/<id>
  RunLog& log;
  /// Writes what the model says now: called after every evaluation on the validation rows and for the command "sample";
  /// may be empty.
  std::function<void(std::int64_t step)> sample = {};
  NamedTensors base = {};    ///< with stay_near_base: where the trained weights of the base model started
  Model* teacher = nullptr;  ///< of a distillation, frozen and on the device
};

/// The optimizer of a run over what its method trains; biases and norms do not decay.
nn::AdamW make_optimizer(const TrainingOptions& training, const Attached& attached);

/// discarded: stopped, and no checkpoint is kept.
enum class TrainEnd { completed, early_stopped, stopped, discarded };

struct TrainResult {
  TrainEnd end = TrainEnd::completed;
  TrainState state;
  std::int64_t total_steps = 0;
  /// Steps alone, without evaluations, checkpoints and the first two steps of this process; 0 when there were no more.
  double rows_per_second = 0, tokens_per_second = 0;
};

class Trainer {
 public:
  explicit Trainer(TrainerSetup setup);

  /// Trains to the end, or until a stop command; continues from the newest checkpoint when there is one. Ends with the
  /// best weights in the model when the recipe keeps them.
  TrainResult run();
  /// How it trains by now: what it was told to change while it ran is changed here.
  const Recipe& recipe() const { return recipe_; }

 private:
  void resume_from_checkpoint();
  void take_step(StepBatches batches);
  bool unscale();             ///< fp16: false where the gradients overflowed and the step is left out
  bool evaluate_and_judge();  ///< false: early stopping says stop
  void note_plateau(bool better);
  void let_blocks_join();
  void watch(const std::string& metric);
  void log_step(double rate, double norm);
  void save_checkpoint(const std::string& why);
  void write_checkpoint(const std::string& why);
  void keep_bad_batch(const StepBatches& batches, double loss, double norm);
  void obey_commands();
  /// What is obeyed between two steps and in a pause alike: stop, sample.
  void obey(const CommandRow& command);
  void amend(const Json& changes);  ///< in a pause
  void refuse_change(const Error& reason);
  /// What follows from the recipe's training options, and a loader from the present step on.
  void plan();
  void end_early();
  void pause(const std::string& reason, const std::string& hint);
  std::function<bool(const CommandRow&)> in_pause();  ///< how a command is obeyed there; true: the run ends
  /// Runs `action`; a full disk pauses the run and tries again after it was resumed.
  template <class Action>
  void on_disk(Action action);
  NamedTensors kept() const { return kept_tensors(setup_.model, setup_.attached.trainable); }  ///< what others use
  NamedTensors in_checkpoint() const;  ///< with what only going on needs, while the average is in place

  TrainerSetup setup_;
  Recipe recipe_;
  nn::AdamW optimizer_;
  Checkpoints checkpoints_;
  LoaderOptions loader_options_;
  RunLength length_;
  Schedule schedule_;
  Joining joining_;
  WeightAverage average_;
  Anchor anchor_;
  TrainState state_;
  Environment environment_;
  StepMetrics metrics_;  ///< since the last logged step
  std::string watched_;
  bool higher_is_better_ = true;
  std::optional<Loader> loader_;  ///< none: the next step plans first
  std::optional<Due> evaluation_;
  bool stop_ = false, discard_ = false;
  double last_log_seconds_ = 0;
  std::int64_t tokens_at_last_log_ = 0, rows_since_log_ = 0;
  std::int64_t steps_here_ = 0, timed_rows_ = 0, timed_tokens_ = 0;
  double timed_seconds_ = 0;
};

template <class Action>
void Trainer::on_disk(Action action) {
  while (!stop_) {
    try {
      return action();
    } catch (const Error& error) {
      if (error.kind != ErrorKind::disk_full) throw;
      wait_for_space(setup_.log, state_.step, error, in_pause());
      last_log_seconds_ = 0;
    }
  }
}

}  // namespace luthier
