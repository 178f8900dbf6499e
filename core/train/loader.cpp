#include "train/loader.h"

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <span>
#include <unordered_map>

#include "base/error.h"
#include "base/files.h"
#include "base/json.h"
#include "base/random.h"

namespace luthier {

namespace {
constexpr std::int64_t kStepsAPool = 50;
constexpr std::size_t kStepsAhead = 2;
constexpr std::uint64_t kOrderStream = 0x6f72646572;    // "order"
constexpr std::uint64_t kBatchesStream = 0x6261746368;  // "batch"
}  // namespace

std::int64_t Loader::steps_per_epoch(std::int64_t rows, const LoaderOptions& options) {
  if (!options.listed.empty()) return static_cast<std::int64_t>(options.listed.size());
  const std::int64_t effective = options.batch_size * options.gradient_accumulation;
  return (rows + effective - 1) / effective;
}

std::vector<std::vector<std::int64_t>> plan_epoch(const EncodedSplit& split, const LoaderOptions& options,
                                                  std::int64_t epoch) {
  if (!options.listed.empty()) return options.listed;
  std::vector<std::int64_t> order =
      permutation(split.size(), options.seed, mix(kOrderStream, static_cast<std::uint64_t>(epoch)));
  const std::int64_t effective = options.batch_size * options.gradient_accumulation;
  if (options.bucketed) {
    const auto pool = static_cast<std::size_t>(effective * kStepsAPool);
    for (std::size_t begin = 0; begin < order.size(); begin += pool)
      std::stable_sort(order.begin() + static_cast<std::ptrdiff_t>(begin),
                       order.begin() + static_cast<std::ptrdiff_t>(std::min(order.size(), begin + pool)),
                       [&](std::int64_t a, std::int64_t b) { return split.length(a) < split.length(b); });
  }
  std::vector<std::vector<std::int64_t>> steps;
  for (std::size_t begin = 0; begin < order.size(); begin += static_cast<std::size_t>(effective))
    steps.emplace_back(order.begin() + static_cast<std::ptrdiff_t>(begin),
                       order.begin() + static_cast<std::ptrdiff_t>(
                                           std::min(order.size(), begin + static_cast<std::size_t>(effective))));
  if (!options.bucketed) return steps;
  std::vector<std::vector<std::int64_t>> shuffled(steps.size());
  const auto places = permutation(static_cast<std::int64_t>(steps.size()), options.seed,
                                  mix(kBatchesStream, static_cast<std::uint64_t>(epoch)));
  for (std::size_t i = 0; i < steps.size(); ++i) shuffled[i] = std::move(steps[static_cast<std::size_t>(places[i])]);
  return shuffled;
}

std::vector<std::vector<std::int64_t>> read_batches(const std::filesystem::path& file, const EncodedSplit& split) {
  std::unordered_map<std::int64_t, std::int64_t> index_of;
  for (std::int64_t i = 0; i < split.size(); ++i) index_of[split.row(i).source_row] = i;
  const Json json = read_json(file);
  const auto wrong = [&](const std::string& what) {
    fail(ErrorKind::bad_input, what, file.string(),
         "write a JSON list with a list of row numbers, from 0, for each step");
  };
  if (!json.is_array() || json.empty()) wrong("the file of batches is not a list of lists");
  std::vector<std::vector<std::int64_t>> steps;
  for (const Json& step : json) {
    if (!step.is_array() || step.empty())
      wrong("step " + std::to_string(steps.size()) + " of the file of batches is not a list of row numbers");
    std::vector<std::int64_t> rows;
    for (const Json& row : step) {
      const auto found = row.is_number_integer() ? index_of.find(row.get<std::int64_t>()) : index_of.end();
      if (found == index_of.end())
        wrong("step " + std::to_string(steps.size()) +
              " of the file of batches names a row that is not trained on: " + row.dump());
      rows.push_back(found->second);
    }
    steps.push_back(std::move(rows));
  }
  return steps;
}

LoaderOptions loader_options(const Recipe& recipe, const EncodedSplit& split) {
  const TrainingOptions& training = recipe.training;
  LoaderOptions options{training.batch_size, training.gradient_accumulation, static_cast<std::uint64_t>(recipe.seed),
                        training.batching == "bucketed"};
  if (!training.batches_file.empty())
    options.listed = read_batches(resolve_path(training.batches_file, recipe.folder), split);
  return options;
}

RunLength run_length(const TrainingOptions& training, std::int64_t rows, const LoaderOptions& options) {
  RunLength length;
  length.steps_per_epoch = Loader::steps_per_epoch(rows, options);
  length.steps =
      training.max_steps > 0
          ? training.max_steps
          : std::max<std::int64_t>(1, std::llround(training.epochs * static_cast<double>(length.steps_per_epoch)));
  return length;
}

Loader::Loader(EncodedSplit split, CollateOptions collate, LoaderOptions options, std::int64_t first_step,
               std::int64_t total_steps)
    : split_(std::move(split)),
      collate_(std::move(collate)),
      options_(std::move(options)),
      next_step_(first_step),
      total_steps_(total_steps),
      thread_([this] { work(); }) {}

Loader::~Loader() {
  {
    const std::lock_guard lock(mutex_);
    stop_ = true;
  }
  changed_.notify_all();
  thread_.join();
}

StepBatches Loader::prepare(std::int64_t step) {
  const std::int64_t an_epoch = steps_per_epoch(split_.size(), options_);
  StepBatches batches;
  batches.step = step;
  batches.epoch = step / an_epoch;
  if (planned_epoch_ != batches.epoch) {
    plan_ = plan_epoch(split_, options_, batches.epoch);
    planned_epoch_ = batches.epoch;
  }
  const std::vector<std::int64_t>& rows = plan_[static_cast<std::size_t>(step % an_epoch)];
  const auto size = static_cast<std::size_t>(options_.batch_size);
  for (std::size_t begin = 0; begin < rows.size(); begin += size) {
    const std::span<const std::int64_t> part(rows.data() + begin, std::min(size, rows.size() - begin));
    batches.micro.push_back(
        collate(split_, part, collate_, static_cast<std::uint64_t>(batches.epoch), /*training=*/true));
    batches.weight += batches.micro.back().weight;
    if (batches.micro.back().weight > 0) batches.divisor += batches.micro.back().divisor();
    batches.tokens += batches.micro.back().tokens;
  }
  batches.rows = static_cast<std::int64_t>(rows.size());
  return batches;
}

void Loader::work() {
  try {
    while (next_step_ < total_steps_) {
      StepBatches batches = prepare(next_step_++);
      std::unique_lock lock(mutex_);
      changed_.wait(lock, [this] { return stop_ || ready_.size() < kStepsAhead; });
      if (stop_) return;
      ready_.push_back(std::move(batches));
      changed_.notify_all();
    }
  } catch (...) {
    const std::lock_guard lock(mutex_);
    error_ = std::current_exception();
    changed_.notify_all();
  }
}

StepBatches Loader::next() {
  std::unique_lock lock(mutex_);
  changed_.wait(lock, [this] { return !ready_.empty() || error_; });
  if (ready_.empty()) std::rethrow_exception(error_);
  StepBatches batches = std::move(ready_.front());
  ready_.pop_front();
  changed_.notify_all();
  return batches;
}

}  // namespace luthier
