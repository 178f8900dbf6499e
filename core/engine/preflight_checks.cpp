#include "engine/preflight_checks.h"

#include <ATen/Parallel.h>

#include <algorithm>
#include <cmath>
#include <cstdio>

#include "device/device.h"

namespace luthier {

namespace {

constexpr double kTight = 0.85;    // of what is there: above it, little else may happen on the machine
constexpr double kLongHours = 12;  // a run that is still going the next morning
constexpr std::size_t kMostNamesShown = 3;

std::string number(double value, const char* format = "%.3g") {
  char text[64];
  std::snprintf(text, sizeof text, format, value);
  return text;
}

std::string seconds_text(double seconds) {
  if (seconds < 0.0995) return number(1000 * seconds, "%.1f") + " ms";
  if (seconds < 99.5) return number(seconds, seconds < 9.95 ? "%.2f" : "%.0f") + " s";
  const double minutes = seconds / 60;
  if (minutes < 99.5) return number(minutes, "%.0f") + " min";
  return number(minutes / 60, "%.1f") + " h";
}

std::string count_of(std::int64_t count, const std::string& what) {
  return grouped(count) + " " + what + (count == 1 ? "" : "s");
}

std::string first_names(const std::vector<std::string>& names) {
  std::string text;
  for (std::size_t i = 0; i < names.size() && i < kMostNamesShown; ++i) text += (i > 0 ? ", " : "") + names[i];
  return names.size() > kMostNamesShown ? text + " ..." : text;
}

}  // namespace

PreflightCheck memory_check(const MemorySetting& setting, const PreflightReport& report) {
  const std::int64_t available = report.memory_available_bytes;
  const bool measured = report.measured.total > 0;
  const std::int64_t needed = measured ? report.measured.total : report.estimate.total;
  PreflightCheck check{"memory", "device", "Memory", "pass", size_text(needed) + " of " + size_text(available), {}};
  if (needed > available) {
    check.severity = "error";
    check.message = std::string(measured ? "The dry step" : "By estimate the run") + " needs " +
                    size_text(needed - available) + " more than there is" +
                    (measured ? "." : ", so the dry step was left out.");
  } else if (static_cast<double>(needed) > kTight * static_cast<double>(available)) {
    check.severity = "warning";
    check.message = "Only " + size_text(available - needed) + " to spare: another program could end the run.";
  } else {
    check.message = size_text(available - needed) + " to spare.";
    const auto comfortable = static_cast<std::int64_t>(kTight * static_cast<double>(available));
    const std::int64_t batch = largest_batch(setting, comfortable);
    if (batch > setting.recipe.training.batch_size) check.message += " A batch of " + grouped(batch) + " would fit.";
  }
  if (check.severity != "pass")
    check.fixes = memory_fixes(setting, static_cast<std::int64_t>(kTight * static_cast<double>(available)));
  if (check.severity == "error" && check.fixes.empty())
    check.message += " No setting of this recipe makes it fit: choose a smaller model.";
  return check;
}

PreflightCheck step_time_check(const PreflightReport& report, const Recipe& recipe) {
  PreflightCheck check{"step_time", "device", "Step time", "pass", seconds_text(report.step_seconds), {}};
  check.message = count_of(report.steps, "step") + ", " + count_of(report.evaluations, "evaluation") + ", " +
                  count_of(report.checkpoints, "checkpoint") + ": " + seconds_text(report.total_seconds) +
                  ". The longest rows take " + seconds_text(report.longest_step_seconds) + ".";
  if (report.total_seconds < kLongHours * 3600) return check;
  check.severity = "warning";
  if (recipe.training.max_steps == 0 && recipe.training.epochs > 1) {
    const double share = 1 / recipe.training.epochs;
    check.fixes.push_back({"One epoch: about " + seconds_text(report.total_seconds * share), {"training.epochs=1"}});
  }
  const auto steps = static_cast<std::int64_t>(kLongHours * 3600 / std::max(1e-9, report.step_seconds));
  if (steps > 0 && steps < report.steps)
    check.fixes.push_back({"Stop after " + grouped(steps) + " steps: about " + seconds_text(kLongHours * 3600),
                           {"training.max_steps=" + std::to_string(steps)}});
  return check;
}

PreflightCheck disk_check(const PreflightReport& report, const Recipe& recipe) {
  const std::int64_t needed = report.disk_needed_bytes, free = report.disk_free_bytes;
  PreflightCheck check{"disk", "device", "Disk", "pass", size_text(needed), {}};
  check.message = size_text(free) + " free in " + report.disk_folder + ".";
  if (static_cast<double>(needed) <= kTight * static_cast<double>(free)) return check;
  check.severity = needed > free ? "error" : "warning";
  check.message = "Checkpoints and exports need " + size_text(needed) + ", " + check.message;
  for (std::size_t i = 0; i < recipe.exports.size(); ++i)
    if (recipe.exports[i].precision == "fp32")
      check.fixes.push_back({"Export \"" + recipe.exports[i].format + "\" in bf16: half of its size",
                             {"export." + std::to_string(i) + ".precision=bf16"}});
  if (recipe.training.keep_best)
    check.fixes.push_back({"Do not keep the best weights apart from the last", {"training.keep_best=false"}});
  return check;
}

PreflightCheck precision_check(const Prepared& parts) {
  PreflightCheck check{"precision", "device", "Precision", "pass", parts.precision, {}};
  check.message = parts.precision == "bf16" ? "The device computes bf16 natively; weights and sums stay in fp32."
                                            : "Everything is computed in fp32 on " + parts.device + ".";
  return check;
}

PreflightCheck threads_check(const Recipe& recipe) {
  const int cores = usable_cores(), threads = at::get_num_threads();
  PreflightCheck check{"threads", "device", "Threads", "pass", count_of(threads, "thread"), {}};
  check.message = count_of(cores, "core") + " may be used; OpenBLAS and LibTorch share their threads.";
  if (threads > cores) {
    check.severity = "warning";
    check.message = "There are only " + count_of(cores, "core") + " for them: threads that wait for each other.";
    if (recipe.training.threads > 0) check.fixes.push_back({"Use all cores", {"training.threads=0"}});
  }
  if (const auto finding = check_blas()) {
    check.severity = "warning";
    check.message = finding->message + "; " + finding->hint + ".";
  }
  return check;
}

std::vector<PreflightCheck> numeric_checks(const Prepared& parts, const DryStep& step) {
  std::vector<PreflightCheck> checks;
  const std::string objective = kind_of(parts.recipe.objective);
  const bool language = objective == "masked_lm" || objective == "causal_lm" || objective == "seq2seq";
  // A number may be of any size, and frames are more than letters: there guessing has no usual loss.
  const bool guessable = objective != "regression" && objective != "ctc";
  const bool pairs = objective == "multi_label";  // given or not
  const double choices =
      static_cast<double>(language ? parts.model->vocabulary()
                          : pairs  ? 2
                                  : static_cast<std::int64_t>(std::max<std::size_t>(2, parts.data.label_names.size())));
  const double guess = std::log(choices);  // the loss of a model that knows nothing
  const std::string guess_text = "ln(" + grouped(std::llround(choices)) + ") = " + number(guess);

  PreflightCheck loss{"first_loss", "numerics", "First loss", "pass", number(step.first_loss), {}};
  const bool untrained = parts.loaded.new_head || parts.recipe.model.from_config;
  if (!std::isfinite(step.first_loss)) {
    loss.severity = "error";
    loss.message = "The untrained model's loss is not a finite number: its weights are damaged.";
  } else if (!guessable) {
    loss.message = objective == "ctc" ? "A letter, before training." : "The mean squared error before training.";
  } else if (untrained && std::abs(step.first_loss - guess) > std::max(0.5, 0.35 * guess)) {
    loss.severity = "warning";
    loss.message = "A new head should start near " + guess_text + ": labels or weights may be wrong.";
  } else if (step.first_loss > 1.5 * guess + 0.5) {
    loss.severity = "warning";
    loss.message = "Worse than guessing, which gives " + guess_text + ": labels or tokenizer may not be the model's.";
  } else {
    loss.message = untrained ? "A new head starts near " + guess_text + "." : "Guessing would give " + guess_text + ".";
  }
  checks.push_back(loss);

  const auto wrong = static_cast<std::int64_t>(step.without_gradient.size() + step.not_finite.size());
  PreflightCheck gradients{
      "gradients", "numerics", "Gradients", "pass", grouped(step.tensors - wrong) + " of " + grouped(step.tensors), {}};
  if (!step.not_finite.empty()) {
    gradients.severity = "error";
    gradients.message = "Not a finite number in " + first_names(step.not_finite) + ".";
  } else if (!step.frozen_with_gradient.empty()) {
    gradients.severity = "error";
    gradients.message = "Frozen, yet with a gradient: " + first_names(step.frozen_with_gradient) + ".";
  } else if (!step.without_gradient.empty()) {
    gradients.severity = "warning";
    gradients.message = "No gradient reaches " + first_names(step.without_gradient) + ".";
  } else {
    gradients.message = "Every trainable tensor receives a finite gradient, no frozen one does.";
  }
  checks.push_back(gradients);

  if (step.resumes)
    checks.push_back(
        {"resume", "numerics", "Resume", *step.resumes ? "pass" : "warning", *step.resumes ? "bit-equal" : "differs",
         *step.resumes ? "A step after a saved and loaded checkpoint gives the very same weights."
                       : "A resumed run will not give the very same numbers as one that was not stopped."});
  if (!step.has_adapter) return checks;
  PreflightCheck adapter{"fresh_adapter", "numerics", "Fresh adapter", "pass", number(step.adapter_difference), {}};
  const bool equal = step.adapter_difference <= 1e-4 * std::max(1.0, step.largest_logit);
  adapter.severity = equal ? "pass" : "error";
  adapter.message = equal ? "The untrained adapter leaves the model's answers unchanged."
                          : "The untrained adapter changes the model's answers.";
  checks.push_back(adapter);
  return checks;
}

}  // namespace luthier
