#include "engine/rate_test.h"

#include <ATen/Context.h>
#include <c10/core/GradMode.h>

#include <algorithm>
#include <span>

#include "base/error.h"
#include "base/random.h"
#include "eval/preference.h"
#include "nn/precision.h"
#include "train/loader.h"
#include "train/trainer.h"

namespace luthier {

namespace {

/// The micro-batches' rows in the order of the first epoch, over and over until there are enough.
std::vector<std::vector<std::int64_t>> rows_of_steps(const Prepared& parts, std::int64_t steps) {
  const LoaderOptions options = loader_options(parts.recipe, parts.data.train);
  const auto size = static_cast<std::size_t>(options.batch_size);
  std::vector<std::vector<std::int64_t>> rows;
  for (std::int64_t epoch = 0; std::ssize(rows) < steps; ++epoch)
    for (const auto& step : plan_epoch(parts.data.train, options, epoch))
      for (std::size_t begin = 0; begin < step.size() && std::ssize(rows) < steps; begin += size) {
        const std::span<const std::int64_t> part(step.data() + begin, std::min(size, step.size() - begin));
        rows.emplace_back(part.begin(), part.end());
      }
  return rows;
}

/// What a test changes, put back when it ends.
class Unchanged {
 public:
  explicit Unchanged(Prepared& parts) : model_(*parts.model), kept_(kept_tensors(model_, parts.attached.trainable)) {
    for (const auto& [name, tensor] : kept_) copies_.push_back(tensor.detach().clone());
  }
  ~Unchanged() {
    const c10::NoGradGuard no_grad;
    for (std::size_t i = 0; i < kept_.size(); ++i) {
      kept_[i].second.copy_(copies_[i]);
      if (kept_[i].second.requires_grad()) kept_[i].second.mutable_grad().reset();
    }
    model_.eval();
  }
  Unchanged(const Unchanged&) = delete;
  Unchanged& operator=(const Unchanged&) = delete;

 private:
  Model& model_;
  NamedTensors kept_;
  std::vector<Tensor> copies_;
};

}  // namespace

RateTest find_rate(Prepared& parts, const RateTestOptions& options, const std::function<void(double share)>& between) {
  if (!(options.from > 0) || !(options.to > options.from) || options.steps < 2)
    fail(ErrorKind::bad_input, "a rate test needs at least two steps and a rate that rises from above 0");
  const TrainingOptions& training = parts.recipe.training;
  const double begin = monotonic_seconds();
  const Unchanged unchanged(parts);
  nn::AdamW optimizer = make_optimizer(training, parts.attached);
  const c10::Device device(parts.device);
  const auto rows = rows_of_steps(parts, options.steps);
  RateTest test;
  parts.model->train();
  for (std::int64_t i = 0; i < options.steps; ++i) {
    between(static_cast<double>(i) / static_cast<double>(options.steps));
    std::vector<LabelledBatch> made = {
        collate(parts.data.train, rows[static_cast<std::size_t>(i)], parts.collate, 0, /*training=*/true)};
    if (made[0].weight == 0) continue;  // none of its files can be decoded
    at::manual_seed(mix(static_cast<std::uint64_t>(parts.recipe.seed), static_cast<std::uint64_t>(i), 0));
    Tensor loss;
    {
      const nn::Autocast autocast(parts.precision == "fp32" ? "fp32" : "bf16");
      complete_preferences(*parts.model, made, parts.collate);
      const LabelledBatch batch = device.is_cpu() ? made[0] : made[0].to(device);
      const Tensor sum = parts.teacher
                             ? distilled_loss_sum(*parts.model, *parts.teacher, batch, parts.recipe.objective,
                                                  *training.distillation, training.label_smoothing, nullptr)
                             : loss_sum(*parts.model, batch, parts.recipe.objective, training.label_smoothing);
      loss = sum / std::max(1e-9, made[0].divisor());
    }
    loss.backward();
    if (training.max_grad_norm > 0)
      nn::clip_gradients(optimizer.parameters(), nn::gradient_norm(optimizer.parameters()), training.max_grad_norm);
    const double rate = test_rate(i, options.steps, options.from, options.to);
    optimizer.step(rate);
    optimizer.zero_grad();
    if (!add_point(test, rate, loss.item<double>())) break;
  }
  between(1);
  test.seconds = monotonic_seconds() - begin;
  return test;
}

}  // namespace luthier
