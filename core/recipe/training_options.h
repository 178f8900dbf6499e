#pragma once
// How a run trains: steps, rates, optimizer, memory. Part of recipe.h.
#include <cstdint>
#include <optional>
#include <string>
#include <utility>
#include <variant>
#include <vector>

#include "base/options.h"

namespace luthier {

struct EarlyStoppingOptions {
  std::string metric = "loss";  ///< a metric of the validation evaluation; direction follows from its catalog entry
  std::int64_t patience = 2;    ///< evaluations without improvement before stopping
  double min_delta = 0.0;
  void describe(OptionVisitor& v);
};

/// Learning from a larger model's probabilities beside the labels (Hinton et al. 2015).
struct DistillationOptions {
  std::string teacher;     ///< a model folder with the same labels or vocabulary
  double temperature = 2;  ///< both models' logits are divided by it
  double weight = 0.5;     ///< of the teacher's part; the labels have the rest
  void describe(OptionVisitor& v);
};

struct TrainingOptions {
  double epochs = 3;
  std::int64_t max_steps = 0;  ///< 0: by epochs
  std::int64_t batch_size = 32;
  std::int64_t gradient_accumulation = 1;
  double learning_rate = 2e-4;
  std::string schedule = "linear";    ///< linear cosine cosine_restarts polynomial inverse_sqrt one_cycle
                                      ///< warmup_stable_decay plateau constant
  std::int64_t schedule_cycles = 3;   ///< cosine_restarts
  double schedule_power = 2;          ///< polynomial
  double decay_share = 0.2;           ///< warmup_stable_decay: the last part of the run, in which it falls
  double final_rate_share = 0;        ///< of the learning rate, where the schedule ends
  std::int64_t plateau_patience = 1;  ///< plateau: evaluations without improvement before the rate falls
  double plateau_factor = 0.5;        ///< plateau: what it is multiplied by
  HowOften warmup = {0.06, "run"};
  std::string optimizer = "adamw";  ///< adamw or adamw_8bit (moments in 8 bits, Dettmers et al. 2022)
  bool offload_optimizer = false;   ///< moments stay in the host's memory while a GPU computes
  double weight_decay = 0.01;       ///< not on norms and biases
  double adam_beta1 = 0.9, adam_beta2 = 0.999, adam_epsilon = 1e-8;
  double max_grad_norm = 1.0;  ///< 0: no clipping
  double label_smoothing = 0.0;
  double dropout = -1;         ///< -1: as the model's config says
  double embedding_noise = 0;  ///< NEFTune's alpha (Jain et al. 2023); 0: off
  double stay_near_base = 0;   ///< L2-SP's alpha (Li et al. 2018); 0: off
  double average_decay = 0;    ///< moving average of the weights, used for evaluation and the end; 0: off
  bool recompute = false;      ///< activations are made again in the backward pass instead of being kept
  std::optional<DistillationOptions> distillation;
  std::string precision = "auto";     ///< auto fp32 bf16 fp16
  std::string device = "auto";        ///< auto cpu cuda cuda:N
  std::int64_t threads = 0;           ///< 0: all cores
  std::string batching = "bucketed";  ///< bucketed (by length), shuffled or packed (rows one after another, no padding)
  std::string batches_file;  ///< a JSON list of lists of row numbers, one an optimizer step: used as they stand
  HowOften evaluate_every = {1, "epoch"};
  HowOften checkpoint_every = {5, "minute"};
  std::int64_t log_every = 10;  ///< steps
  std::optional<EarlyStoppingOptions> early_stopping;
  bool keep_best = true;      ///< end with the weights of the best evaluation
  bool evaluate_base = true;  ///< evaluate the untouched model first: base against tuned
  void describe(OptionVisitor& v);
};

}  // namespace luthier
