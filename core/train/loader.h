#pragma once
// What each step trains on, as a pure function of (seed, step): nothing to save but the number of steps done.
#include <condition_variable>
#include <deque>
#include <exception>
#include <filesystem>
#include <mutex>
#include <thread>

#include "eval/collate.h"

namespace luthier {

struct LoaderOptions {
  std::int64_t batch_size = 32;  ///< rows a micro-batch
  std::int64_t gradient_accumulation = 1;
  std::uint64_t seed = 0;
  bool bucketed = true;                                ///< rows of like length together, in a shuffled order of batches
  std::vector<std::vector<std::int64_t>> listed = {};  ///< when not empty: the steps of every epoch, as indices
};

/// The steps that a recipe's batches_file lists (row numbers of the training file) as indices into the split. bad_input
/// when it is no list of lists or names a row that is not trained on.
std::vector<std::vector<std::int64_t>> read_batches(const std::filesystem::path& file, const EncodedSplit& split);

/// As the recipe says.
LoaderOptions loader_options(const Recipe& recipe, const EncodedSplit& split);

/// How long a run is.
struct RunLength {
  std::int64_t steps_per_epoch = 0, steps = 0;
};
RunLength run_length(const TrainingOptions& training, std::int64_t rows, const LoaderOptions& options);

/// One optimizer step.
struct StepBatches {
  std::int64_t step = 0, epoch = 0;
  std::vector<LabelledBatch> micro;
  std::int64_t weight = 0, tokens = 0, rows = 0;
  double divisor = 0;  ///< the sum of the batches' divisors
};

/// The rows of every step of an epoch: each row once. Bucketed: a shuffled order is cut into pools of 50 steps, each
/// pool sorted by length and cut into steps, the steps shuffled.
std::vector<std::vector<std::int64_t>> plan_epoch(const EncodedSplit& split, const LoaderOptions& options,
                                                  std::int64_t epoch);

/// Prepares steps on a thread of its own, two ahead.
class Loader {
 public:
  Loader(EncodedSplit split, CollateOptions collate, LoaderOptions options, std::int64_t first_step,
         std::int64_t total_steps);
  ~Loader();
  Loader(const Loader&) = delete;
  Loader& operator=(const Loader&) = delete;

  StepBatches next();  ///< throws what the thread threw
  static std::int64_t steps_per_epoch(std::int64_t rows, const LoaderOptions& options);

 private:
  void work();
  StepBatches prepare(std::int64_t step);

  EncodedSplit split_;
  CollateOptions collate_;
  LoaderOptions options_;
  std::int64_t next_step_, total_steps_;
  std::int64_t planned_epoch_ = -1;
  std::vector<std::vector<std::int64_t>> plan_;

  std::mutex mutex_;
  std::condition_variable changed_;
  std::deque<StepBatches> ready_;
  std::exception_ptr error_;
  bool stop_ = false;
  std::thread thread_;
};

}  // namespace luthier
