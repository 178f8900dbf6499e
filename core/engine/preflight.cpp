#include "engine/preflight.h"

#include <c10/util/Exception.h>

#include <algorithm>

#include "base/error.h"
#include "base/files.h"
#include "device/device.h"
#include "engine/finish.h"
#include "engine/memory.h"
#include "engine/preflight_checks.h"
#include "recipe/schedule.h"
#include "train/run_log.h"

namespace luthier {

namespace {

constexpr std::int64_t kReserveBytes = 2 << 20, kTokenizerBytes = 5 << 20;

/// How often something happens in a run, besides at its end.
std::int64_t times(const HowOften& often, const RunLength& length, double run_seconds) {
  if (often.value <= 0) return 0;
  if (often.unit == "minute") return static_cast<std::int64_t>(run_seconds / (60 * often.value));
  return length.steps / std::max<std::int64_t>(1, to_steps(often, length.steps_per_epoch, length.steps));
}

/// One more at the end, unless the last of them falls there.
std::int64_t times_with_end(const HowOften& often, const RunLength& length, double run_seconds) {
  const std::int64_t count = times(often, length, run_seconds);
  const std::int64_t every =
      often.unit == "minute" || often.value <= 0 ? 0 : to_steps(often, length.steps_per_epoch, length.steps);
  return count + (every > 0 && length.steps % every == 0 ? 0 : 1);
}

/// Checkpoints (the last two and the one being written), best weights (old and new) and exports.
std::int64_t disk_bytes(const Recipe& recipe, const MemoryParts& memory) {
  const std::int64_t trained = memory.gradients;
  std::int64_t bytes = 3 * 3 * trained + (recipe.training.keep_best ? 2 * trained : 0) + kReserveBytes;
  for (const ExportOptions& one : recipe.exports)
    bytes += (one.format == "peft" ? trained : memory.weights) / (one.precision == "fp32" ? 1 : 2) + kTokenizerBytes;
  return bytes;
}

/// A problem with the recipe's data or model, as a check that blocks.
PreflightCheck blocking(const Error& error, const std::string& id, const std::string& group, const std::string& label) {
  PreflightCheck check{id, group, label, "error", error.where, error.message + "."};
  if (!error.hint.empty()) check.message = error.message + "; " + error.hint + ".";
  return check;
}

bool is_a_finding(const Error& error) {
  return error.kind == ErrorKind::bad_input || error.kind == ErrorKind::unsupported ||
         error.kind == ErrorKind::out_of_memory;
}

/// One preflight, stage by stage; each stage that blocks ends it.
class Preflight {
 public:
  Preflight(const Recipe& recipe, const PreflightOptions& options) : recipe_(recipe), options_(options) {}

  PreflightReport run() {
    const double begin = monotonic_seconds();
    idle_ = process_memory();
    if (read_data() && plan() && load_model()) take_step();
    report_.seconds = monotonic_seconds() - begin;
    return std::move(report_);
  }

 private:
  void tell(const std::string& stage, double share) const {
    if (options_.progress) options_.progress(stage, share);
  }
  void add(PreflightCheck check) { report_.checks.push_back(std::move(check)); }

  bool read_data();
  bool plan();
  bool load_model();
  void take_step();
  void set_times(const DryStep& step);
  void add_data_checks(std::int64_t positions);
  bool block_for_memory();
  MemorySetting setting() const {
    return {recipe_, outline_.model, outline_.lengths, parts_.precision != "fp32", correction_, parts_.device != "cpu"};
  }

  const Recipe& recipe_;
  const PreflightOptions& options_;
  PreflightReport report_;
  ProcessMemory idle_;
  Prepared parts_;
  RunOutline outline_;
  RunLength length_;
  BatchPlan batches_;
  const bool reads_text_ = modality_of(recipe_.data) == "text";
  double correction_ = 1;  ///< measured by estimated activations
};

bool Preflight::read_data() {
  tell("reading the data", 0);
  try {
    parts_ = prepare_data(recipe_, options_.cache_folder,
                          [this](const std::string&, double share) { tell("reading the data", share); });
  } catch (const Error& error) {
    if (!is_a_finding(error)) throw;
    PreflightCheck check = blocking(error, "data", "data", "Data");
    if (error.where == "training.device") check.fixes = {{"Use what the machine has", {"training.device=auto"}}};
    if (error.where == "training.precision") check.fixes = {{"Let the device decide", {"training.precision=auto"}}};
    if (!check.fixes.empty()) check.id = "precision", check.group = "device", check.label = "Device and precision";
    add(std::move(check));
    return false;
  }
  const DataProgress progress = [this](const std::string&, double share) { tell("measuring cut rows", share); };
  outline_.lengths = uncut_lengths(parts_, progress);
  const RowLengths& lengths = outline_.lengths;
  const std::int64_t limit = recipe_.data.max_tokens;
  report_.rows = lengths.rows();
  report_.tokens = lengths.tokens();
  if (reads_text_) {
    report_.cut_rows = lengths.rows_above(limit);
    report_.cut_tokens = lengths.tokens_above(limit);
  }
  report_.loss_tokens = count_loss_tokens(parts_);
  const std::int64_t kept = report_.tokens - report_.cut_tokens;
  if (reads_text_ && !std::holds_alternative<Seq2SeqOptions>(recipe_.objective))
    report_.loss_tokens = std::min(report_.loss_tokens, kept);
  report_.context_tokens = std::max<std::int64_t>(0, kept - report_.loss_tokens);
  return true;
}

/// Steps, memory and disk, before anything large is loaded.
bool Preflight::plan() {
  const LoaderOptions options = loader_options(recipe_, parts_.data.train);
  length_ = run_length(recipe_.training, parts_.data.train.size(), options);
  batches_ = plan_batches(parts_, options);
  report_.steps = length_.steps;
  report_.epochs = static_cast<double>(length_.steps) / static_cast<double>(length_.steps_per_epoch);
  report_.padding_share = batches_.padding_share;
  report_.disk_folder = options_.disk_folder.string();
  report_.disk_free_bytes = static_cast<std::int64_t>(free_space_bytes(options_.disk_folder));

  const Memory machine = memory();
  report_.memory_available_bytes =
      options_.memory_available_bytes.value_or(static_cast<std::int64_t>(available_bytes(parts_.device)));
  report_.memory_limit_bytes = static_cast<std::int64_t>(machine.limit_bytes.value_or(machine.total_bytes));
  if (parts_.device != "cpu")
    for (const Gpu& gpu : gpus())
      if (parts_.device == "cuda:" + std::to_string(gpu.index))
        report_.memory_limit_bytes = static_cast<std::int64_t>(gpu.total_bytes);
  const auto outlined = outline_run(parts_);
  if (!outlined) return true;  // loading will say what is wrong
  outline_.model = outlined->model;
  bool blocks = false;
  for (PreflightCheck& check : recipe_checks(recipe_, outline_.model)) {
    blocks = blocks || check.severity == "error";
    add(std::move(check));
  }
  report_.estimate = parts_of(estimate_run(setting()));
  report_.disk_needed_bytes = disk_bytes(recipe_, report_.estimate);
  if (blocks) return false;
  return report_.estimate.total <= report_.memory_available_bytes || block_for_memory();
}

void Preflight::add_data_checks(std::int64_t positions) {
  if (reads_text_) add(cut_rows_check(setting(), positions));
  for (PreflightCheck& check : data_checks(parts_, report_)) add(std::move(check));
}

/// What can be told without a dry step; false, for there is none.
bool Preflight::block_for_memory() {
  PreflightCheck check = memory_check(setting(), report_);
  if (check.severity != "error") {  // the estimate was too low: the device ran out during the dry step
    check.severity = "error";
    check.message = "The device ran out of memory in the dry step.";
    check.fixes = memory_fixes(setting(), report_.estimate.total / 2);
  }
  add(std::move(check));
  add(disk_check(report_, recipe_));
  add_data_checks(outline_.model.sizes.positions);
  return false;
}

bool Preflight::load_model() {
  tell("loading the model", 0);
  try {
    prepare_model(parts_);
    place_model(parts_);
  } catch (const c10::OutOfMemoryError&) {
    return block_for_memory();
  } catch (const Error& error) {
    if (!is_a_finding(error)) throw;
    PreflightCheck check = blocking(error, "model", "data", "Model");
    if (error.where == "data.max_tokens") {
      const std::int64_t positions = parts_.model->max_positions();
      check.fixes = {{"Lower it to " + grouped(positions), {"data.max_tokens=" + std::to_string(positions)}}};
    }
    add(std::move(check));
    return false;
  }
  tell("loading the model", 1);
  return true;
}

void Preflight::set_times(const DryStep& step) {
  const auto micro = static_cast<double>(batches_.micro_batches_a_step);
  report_.step_seconds = micro * step.micro_seconds + step.optimizer_seconds;
  report_.longest_step_seconds = micro * (step.longest_step_seconds - step.optimizer_seconds) + step.optimizer_seconds;
  const double training = report_.step_seconds * static_cast<double>(length_.steps);
  if (parts_.data.validation.size() > 0)
    report_.evaluations = times_with_end(recipe_.training.evaluate_every, length_, training);
  report_.checkpoints = times_with_end(recipe_.training.checkpoint_every, length_, training);
  const auto evaluating = [&](const EncodedSplit& split, std::int64_t count) {
    return static_cast<double>(count) * step.seconds_per_evaluated * static_cast<double>(split.tokens());
  };
  report_.total_seconds = training + evaluating(parts_.data.validation, report_.evaluations) +
                          evaluating(*judging_split(parts_.data).first, recipe_.training.evaluate_base ? 2 : 1);
}

void Preflight::take_step() {
  tell("taking a dry step", 0);
  DryStep step;
  try {
    step = take_dry_step(parts_, batches_, idle_.anonymous_bytes,
                         [this](double share) { tell("taking a dry step", share); });
  } catch (const c10::OutOfMemoryError&) {
    block_for_memory();
    return;
  }
  report_.measured = step.memory;
  report_.disk_needed_bytes = disk_bytes(recipe_, step.memory);
  set_times(step);
  // What the estimate gets wrong for this model, fixes should not get wrong again.
  const auto counted = static_cast<double>(report_.estimate.activations);
  if (counted > 0) correction_ = std::clamp(static_cast<double>(step.memory.activations) / counted, 0.5, 2.0);

  add(memory_check(setting(), report_));
  add(step_time_check(report_, recipe_));
  add(disk_check(report_, recipe_));
  add(precision_check(parts_));
  if (parts_.device == "cpu") add(threads_check(recipe_));
  add_data_checks(reads_text_ ? parts_.model->max_positions() : 0);
  for (PreflightCheck& check : numeric_checks(parts_, step)) add(std::move(check));
}

}  // namespace

PreflightReport run_preflight(const Recipe& recipe, const PreflightOptions& options) {
  return Preflight(recipe, options).run();
}

}  // namespace luthier
