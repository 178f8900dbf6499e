#pragma once
// The training loop: batches in, weights changed, events and checkpoints out. Knows no family, method or format.
#include <functional>
#include <string>

#include "eval/evaluate.h"
#include "methods/method.h"
#include "train/checkpoint.h"
#include "train/loader.h"
#include "train/run_log.h"

namespace luthier {

/// What a run trains with; all of it outlives the trainer.
struct TrainerSetup {
  const Recipe& recipe;
  Model& model;
  const Attached& attached;
  const Dataset& data;
  const CollateOptions& collate;
  std::string device, precision;  ///< "cpu", "cuda:0"; "fp32", "bf16"
  std::filesystem::path folder;   ///< runs/<id>
  RunLog& log;
  /// Called after every evaluation on the validation rows; may be empty.
  std::function<void(std::int64_t step)> evaluated = {};
};

/// The optimizer of a run over what its method trains; biases and norms do not decay.
nn::AdamW make_optimizer(const TrainingOptions& training, const Attached& attached);

enum class TrainEnd { completed, early_stopped, stopped };

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

 private:
  void resume_from_checkpoint();
  void take_step(StepBatches batches);
  bool evaluate_and_judge();  ///< false: early stopping says stop
  void watch(const std::string& metric);
  void log_step(double rate, double norm);
  void save_checkpoint(const std::string& why);
  void keep_bad_batch(const StepBatches& batches, double loss, double norm);
  void obey_commands();
  void pause(const std::string& reason, const std::string& hint);
  /// Runs `action`; a full disk pauses the run and tries again after it was resumed.
  template <class Action>
  void on_disk(Action action);
  NamedTensors kept() const { return kept_tensors(setup_.model, setup_.attached.trainable); }  ///< in checkpoints

  TrainerSetup setup_;
  nn::AdamW optimizer_;
  Checkpoints checkpoints_;
  LoaderOptions loader_options_;
  TrainState state_;
  Environment environment_;
  std::int64_t steps_per_epoch_ = 0, total_steps_ = 0, warmup_steps_ = 0;
  std::string watched_;
  bool higher_is_better_ = true;
  bool stop_ = false;
  double last_log_seconds_ = 0;
  std::int64_t tokens_at_last_log_ = 0, rows_since_log_ = 0;
  std::int64_t steps_here_ = 0, timed_rows_ = 0, timed_tokens_ = 0;
  double timed_seconds_ = 0;
};

}  // namespace luthier
