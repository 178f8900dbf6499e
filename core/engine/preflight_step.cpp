#include "engine/preflight_step.h"

#include <ATen/CPUGeneratorImpl.h>
#include <ATen/Context.h>
#include <ATen/core/grad_mode.h>
#include <ATen/ops/equal.h>
#include <ATen/ops/isfinite.h>
#include <c10/core/CachingDeviceAllocator.h>

#include <algorithm>

#include "base/files.h"
#include "device/device.h"
#include "eval/preference.h"
#include "nn/adamw.h"
#include "nn/precision.h"
#include "train/checkpoint.h"
#include "train/run_log.h"
#include "train/trainer.h"

namespace luthier {

namespace {

constexpr std::int64_t kEvaluationRows = 64;
constexpr std::int64_t kCheckpointTriedBytes = 100'000'000;  // larger ones take seconds to write

/// The memory of one device, as its peak grows.
class PeakMemory {
 public:
  PeakMemory(const std::string& device, std::uint64_t idle_anonymous_bytes)
      : device_(device), idle_(static_cast<std::int64_t>(idle_anonymous_bytes)) {}

  void restart() const {
    if (device_.is_cpu())
      reset_peak_memory();
    else
      allocator().resetPeakStats(device_.index());
  }

  /// Above the idle process. `mapped_bytes`: weights that are read from their file without being copied.
  std::int64_t peak(std::int64_t mapped_bytes) const {
    if (!device_.is_cpu())
      return allocator().getDeviceStats(device_.index()).reserved_bytes[0].peak;  // [0]: all pools together
    const ProcessMemory now = process_memory();
    // Pages of files (program code, token cache) stay resident, so they were at the peak too: they are not training's.
    const auto files = static_cast<std::int64_t>(now.resident_bytes - now.anonymous_bytes);
    return static_cast<std::int64_t>(now.peak_resident_bytes) - files - idle_ + mapped_bytes;
  }

 private:
  at::DeviceAllocator& allocator() const { return *at::getDeviceAllocator(device_.type()); }
  c10::Device device_;
  std::int64_t idle_;
};

/// Everything that repeated steps share.
class Stepper {
 public:
  explicit Stepper(Prepared& parts)
      : parts_(parts),
        optimizer_(make_optimizer(parts.recipe.training, parts.attached)),
        average_(parts.attached.trainable, parts.recipe.training.average_decay),
        anchor_(parts.attached.trainable, parts.base, parts.recipe.training.stay_near_base) {}

  LabelledBatch batch_of(const EncodedSplit& split, const std::vector<std::int64_t>& rows) const {
    LabelledBatch batch = collate(split, rows, parts_.collate, 0, /*training=*/true);
    const c10::Device device(parts_.device);
    if (!device.is_cpu()) batch = batch.to(device);
    complete_preferences(*parts_.model, {&batch, 1}, parts_.collate);
    return batch;
  }

  /// Forward and backward pass of one micro-batch; seconds.
  double compute(const LabelledBatch& batch) {
    if (batch.weight == 0) return 0;  // none of its files can be decoded
    const double begin = monotonic_seconds();
    at::manual_seed(static_cast<std::uint64_t>(parts_.recipe.seed));
    const nn::Autocast autocast(parts_.precision);
    const TrainingOptions& training = parts_.recipe.training;
    const Tensor sum = parts_.teacher
                           ? distilled_loss_sum(*parts_.model, *parts_.teacher, batch, parts_.recipe.objective,
                                                *training.distillation, training.label_smoothing)
                           : loss_sum(*parts_.model, batch, parts_.recipe.objective, training.label_smoothing);
    const Tensor loss = sum / std::max(1e-9, batch.divisor());
    loss.backward();
    loss.item<double>();  // waits for a GPU
    return monotonic_seconds() - begin;
  }

  /// Clips and steps; seconds. Gradients stay.
  double update() {
    const TrainingOptions& training = parts_.recipe.training;
    const double begin = monotonic_seconds();
    anchor_.add_to_gradients();
    const Tensor norm = nn::gradient_norm(optimizer_.parameters());
    if (training.max_grad_norm > 0) nn::clip_gradients(optimizer_.parameters(), norm, training.max_grad_norm);
    optimizer_.step(training.learning_rate);
    average_.update(++steps_);
    norm.item<double>();
    return monotonic_seconds() - begin;
  }

  void zero_grad() { optimizer_.zero_grad(); }
  nn::AdamW& optimizer() { return optimizer_; }
  const nn::AdamW& optimizer() const { return optimizer_; }
  const WeightAverage& average() const { return average_; }

 private:
  Prepared& parts_;
  nn::AdamW optimizer_;
  WeightAverage average_;
  Anchor anchor_;
  std::int64_t steps_ = 0;
};

double mean_loss(Prepared& parts, const LabelledBatch& batch) {
  if (batch.weight == 0) return 0;
  const at::NoGradGuard no_grad;
  const nn::Autocast autocast(parts.precision);
  const Tensor sum = loss_sum(*parts.model, batch, parts.recipe.objective, 0);
  return sum.item<double>() / std::max(1e-9, batch.divisor());
}

bool has_lora(const Prepared& parts) { return lora_of(parts.recipe.method) && parts.recipe.model.adapter.empty(); }

/// What an untrained adapter changes: nothing, because B starts at zero.
void compare_adapter(Prepared& parts, const LabelledBatch& batch, DryStep& found) {
  if (!has_lora(parts) || batch.weight == 0) return;
  const at::NoGradGuard no_grad;
  const nn::Autocast autocast(parts.precision);
  const Tensor with = labelled_logits(*parts.model, batch, parts.recipe.objective);
  set_adapters_active(*parts.model, false);
  const Tensor without = labelled_logits(*parts.model, batch, parts.recipe.objective);
  set_adapters_active(*parts.model, true);
  found.has_adapter = true;
  found.adapter_difference = with.sub(without).abs().max().item<double>();
  found.largest_logit = without.abs().max().item<double>();
}

void look_at_gradients(const Prepared& parts, DryStep& found) {
  found.tensors = static_cast<std::int64_t>(parts.attached.trainable.size());
  for (const auto& [name, tensor] : parts.attached.trainable) {
    // What stands in for masked frames is used only where frames are masked, at random.
    if (!tensor.grad().defined() && name.ends_with("masked_spec_embed")) continue;
    if (!tensor.grad().defined())
      found.without_gradient.push_back(name);
    else if (!at::isfinite(tensor.grad()).all().item<bool>())
      found.not_finite.push_back(name);
  }
  for (const auto& [name, tensor] : parts.model->unique_parameters())
    if (!tensor.requires_grad() && tensor.grad().defined()) found.frozen_with_gradient.push_back(name);
}

std::int64_t bytes_of(const Tensor& tensor) { return static_cast<std::int64_t>(tensor.nbytes()); }

/// Weights, gradients and moments are known exactly; what else the peak holds are activations.
MemoryParts memory_parts(const Prepared& parts, const Stepper& stepper, const PeakMemory& memory) {
  MemoryParts found;
  std::int64_t mapped = 0;
  for (const auto& [name, tensor] : parts.model->unique_parameters()) {
    found.weights += bytes_of(tensor);
    // A tensor over a file's pages has no allocator of its own; one that trains was copied by its first step.
    if (tensor.is_cpu() && !tensor.requires_grad() && !tensor.storage().allocator()) mapped += bytes_of(tensor);
  }
  const auto add_beside = [&](const NamedTensors& tensors) {
    for (const auto& [name, tensor] : tensors) {
      found.weights += bytes_of(tensor);
      if (tensor.is_cpu() && !tensor.storage().allocator()) mapped += bytes_of(tensor);
    }
  };
  add_beside(parts.base);
  if (parts.teacher) add_beside(parts.teacher->unique_parameters());
  for (const auto& buffer : parts.model->named_buffers())
    if (nn::is_quantised_buffer(buffer.key())) found.weights += bytes_of(buffer.value());
  for (const auto& [name, tensor] : parts.attached.trainable)
    if (tensor.grad().defined()) found.gradients += bytes_of(tensor.grad());
  for (const auto& [name, tensor] : stepper.optimizer().state()) found.optimizer += bytes_of(tensor);
  for (const auto& [name, tensor] : stepper.average().others()) found.optimizer += bytes_of(tensor);
  found.total = memory.peak(mapped);
  found.activations = found.total - found.weights - found.gradients - found.optimizer;
  return found;
}

/// Seconds of evaluation a padded token.
double evaluation_speed(Prepared& parts, const Stepper& stepper, const BatchPlan& plan) {
  const std::vector<std::int64_t>& typical = plan.batches[plan.batches.size() / 2];
  std::vector<std::int64_t> rows(typical.begin(),
                                 typical.begin() + std::min<std::ptrdiff_t>(std::ssize(typical), kEvaluationRows));
  const LabelledBatch batch = stepper.batch_of(parts.data.train, rows);
  parts.model->eval();
  const double begin = monotonic_seconds();
  mean_loss(parts, batch);
  const double seconds = monotonic_seconds() - begin;
  parts.model->train();
  const std::int64_t read = batch.inputs.input_ids.defined() ? batch.inputs.input_ids.numel() : batch.tokens;
  return seconds / static_cast<double>(std::max<std::int64_t>(1, read));
}

/// The same step twice, before and after its checkpoint was written and read: the same weights to the bit.
std::optional<bool> try_resume(Prepared& parts, Stepper& stepper, const LabelledBatch& batch) {
  if (3 * 4 * parts.attached.trainable_parameters > kCheckpointTriedBytes) return std::nullopt;
  const TemporaryFolder folder;
  const Checkpoints checkpoints(folder.path());
  const Environment environment = current_environment(parts.device, parts.precision);
  const NamedTensors kept = kept_tensors(*parts.model, parts.attached.trainable);
  checkpoints.save({}, environment, kept, stepper.optimizer());
  std::vector<Tensor> expected;
  for (const bool resumed : {false, true}) {
    Environment before;
    if (resumed && !checkpoints.load_latest(kept, stepper.optimizer(), &before)) return false;
    stepper.compute(batch);
    stepper.update();
    stepper.zero_grad();
    for (std::size_t i = 0; i < parts.attached.trainable.size(); ++i) {
      const Tensor weights = parts.attached.trainable[i].second.detach();
      if (!resumed)
        expected.push_back(weights.clone());
      else if (!at::equal(weights, expected[i]))
        return false;
    }
  }
  return true;
}

}  // namespace

DryStep take_dry_step(Prepared& parts, const BatchPlan& plan, std::uint64_t idle_anonymous_bytes,
                      const std::function<void(double share)>& between) {
  DryStep found;
  const EncodedSplit& train = parts.data.train;
  Stepper stepper(parts);
  const PeakMemory memory(parts.device, idle_anonymous_bytes);
  const std::size_t count = plan.batches.size();

  parts.model->eval();
  const LabelledBatch middle = stepper.batch_of(train, plan.batches[count / 2]);
  found.first_loss = mean_loss(parts, middle);
  compare_adapter(parts, middle, found);
  between(0.2);

  // The first step of a process pays for more than itself: it copies mapped weights and fills the libraries' buffers.
  parts.model->train();
  stepper.compute(stepper.batch_of(train, plan.batches.front()));
  stepper.update();
  stepper.zero_grad();
  between(0.3);

  const LabelledBatch longest = stepper.batch_of(train, longest_rows(train, parts.recipe.training.batch_size));
  if (parts.recipe.training.gradient_accumulation > 1) stepper.compute(longest);  // gradients that stay
  memory.restart();
  found.longest_step_seconds = stepper.compute(longest);
  found.optimizer_seconds = stepper.update();
  found.longest_step_seconds += found.optimizer_seconds;
  found.memory = memory_parts(parts, stepper, memory);
  look_at_gradients(parts, found);
  stepper.zero_grad();
  between(0.6);

  // The middles of the thirds stand for all batches.
  for (const std::size_t sixth : {1, 3, 5}) {
    found.micro_seconds += stepper.compute(stepper.batch_of(train, plan.batches[count * sixth / 6])) / 3;
    stepper.update();
    stepper.zero_grad();
    between(0.6 + 0.06 * static_cast<double>(sixth));
  }
  found.resumes = try_resume(parts, stepper, stepper.batch_of(train, plan.batches.front()));
  found.seconds_per_evaluated = evaluation_speed(parts, stepper, plan);
  between(1);
  return found;
}

}  // namespace luthier
