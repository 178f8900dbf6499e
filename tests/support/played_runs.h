#pragma once
// Runs that nobody trained: rows, curves and events as the trainer writes them, for pictures and tests of the window
// that must look the same each time. The numbers are made up.
#include <QDateTime>
#include <cmath>
#include <nlohmann/json.hpp>
#include <string>
#include <vector>

#include "base/files.h"
#include "base/json.h"
#include "store/store.h"

namespace luthier::testing {

struct PlayedRun {
  std::string name;
  Json recipe;  ///< with absolute paths
  RunStatus status = RunStatus::success;
  std::int64_t step = 720, total = 720;
  std::int64_t per_epoch = 72;
  double loss_to = 0.62;  ///< where the curve of the loss goes
  double accuracy_to = 0.82;
  double age_seconds = 4000;  ///< before now, when it began
  std::string reason, hint;
  std::int64_t signal = 0;
  bool samples = false;  ///< a language model's answers
};

inline double played_loss(double step, double to) {
  return to + 1.55 * std::exp(-step / 150) + 0.06 * std::sin(step * 12.9898) * std::sin(step * 0.37);
}

inline void play_curves(Store& store, const std::string& id, const PlayedRun& run) {
  std::vector<MetricRow> rows;
  const auto add = [&](std::int64_t step, const std::string& name, double value) {
    rows.push_back({0, step, double(step) / double(run.per_epoch), name, value});
  };
  const bool classifies = !run.samples;
  const double rate = run.recipe["training"].value("learning_rate", 5e-4);
  if (classifies) {
    add(0, "base.test.accuracy", 0.125);
    add(0, "base.test.f1", 0.041);
    add(0, "base.test.loss", 2.131);
  } else {
    add(0, "base.test.loss", 4.48);
  }
  for (std::int64_t step = 5; step <= run.step; step += 5) {
    const double share = double(step) / double(run.total);
    add(step, "train.loss", played_loss(double(step), run.loss_to));
    add(step, "learning_rate", rate * (share < 0.1 ? share / 0.1 : (1 - share) / 0.9));
    add(step, "grad_norm", 0.9 + 1.6 * std::exp(-double(step) / 90) + 0.25 * std::sin(double(step) * 3.7));
    add(step, "tokens_per_second", 9400 + 500 * std::sin(double(step) * 0.9));
    if (step % 50 == 0) add(step, "memory_bytes", 187e6);
  }
  for (std::int64_t step = run.per_epoch; step <= run.step; step += run.per_epoch) {
    const double grown = 1 - std::exp(-double(step) / 190);
    add(step, "validation.loss", run.loss_to + 0.21 + 1.5 * std::exp(-double(step) / 140) + 4e-5 * double(step));
    add(step, classifies ? "validation.accuracy" : "validation.token_accuracy",
        0.13 + (run.accuracy_to - 0.13) * grown);
  }
  if (run.status == RunStatus::success && classifies) {
    add(run.step, "tuned.test.accuracy", run.accuracy_to - 0.012);
    add(run.step, "tuned.test.f1", run.accuracy_to - 0.016);
    add(run.step, "tuned.test.loss", run.loss_to + 0.24);
  }
  store.append(id, rows, {});
}

inline void play_events(Store& store, const std::string& id, const PlayedRun& run, double began) {
  std::vector<EventRow> rows;
  const auto add = [&](double seconds, std::int64_t step, const std::string& kind, const std::string& message,
                       const Json& detail = Json::object()) {
    rows.push_back({0, began + seconds, step, kind, message, detail.dump()});
  };
  add(0, 0, "started", "started");
  add(1, 0, "model", "the model is there", {{"trainable", 3515656}, {"total", 3515656}});
  add(3, 0, "evaluation", "the base model",
      {{"model", "base"}, {"split", "test"}, {"metrics", {{"accuracy", 0.125}, {"loss", 2.131}}}});
  const auto answer = [&](double seconds, std::int64_t step, int index, const std::string& prompt,
                          const std::string& text, const std::string& reference, bool ended) {
    add(seconds, step, "sample", "a line for the terminal",
        {{"index", index},
         {"model", step ? "training" : "base"},
         {"prompt", prompt},
         {"answer", text},
         {"reference", reference},
         {"ended", ended}});
  };
  if (run.samples) {
    answer(4, 0, 0, "What is a lake?", "What is a lake? What is a lake? What is a lake? What is a",
           "A lake is water with land around it.", false);
    answer(4, 0, 1, "Name three fruits.", "The first of the year, and the first of", "Apple, pear and plum.", false);
  }
  for (std::int64_t step = run.per_epoch; step <= run.step; step += run.per_epoch) {
    const double at = 3 + 0.03 * double(step);
    add(at, step, "evaluation", "evaluated",
        {{"metrics",
          {{"loss", run.loss_to + 0.3}, {"accuracy", run.accuracy_to * (1 - std::exp(-double(step) / 190))}}}});
    if (step % (2 * run.per_epoch) == 0) add(at + 0.1, step, "checkpoint", "saved");
    if (run.samples) {
      answer(at + 0.2, step, 0, "What is a lake?",
             step < 2 * run.per_epoch ? "A lake is a lake that is a lake and"
                                      : "A lake is a large body of water with land all around it.",
             "A lake is water with land around it.", step >= 2 * run.per_epoch);
      answer(at + 0.2, step, 1, "Name three fruits.", "Apple, cherry and melon.", "Apple, pear and plum.", true);
    }
  }
  const double end = 3 + 0.03 * double(run.step);
  if (run.status == RunStatus::paused) add(end, run.step, "paused", run.reason);
  if (run.status == RunStatus::interrupted) add(end, run.step, "error", run.reason, {{"signal", run.signal}});
  if (run.status == RunStatus::failed) add(end, run.step, "error", run.reason);
  if (run.status == RunStatus::stopped) add(end, run.step, "stopped", "stopped on demand");
  if (run.status == RunStatus::success) {
    add(end + 1, run.step, "evaluation", "the tuned model",
        {{"model", "tuned"},
         {"split", "test"},
         {"metrics", {{"accuracy", run.accuracy_to}, {"loss", run.loss_to + 0.24}}}});
    add(end + 2, run.step, "finished", "finished");
  }
  store.append(id, {}, rows);
}

/// Writes the run into the store; returns its id. A run that is to go on needs somebody who holds its lock.
inline std::string play_run(Store& store, const PlayedRun& run) {
  const std::string id = store.create_run(run.name, "cpu", run.recipe);
  const double now = double(QDateTime::currentMSecsSinceEpoch()) / 1000, began = now - run.age_seconds;
  RunRow row = store.run(id);
  row.created = began - 1;
  row.status = run.status;
  row.reason = run.reason;
  row.hint = run.hint;
  row.signal = run.signal;
  if (run.status != RunStatus::queued) {
    row.started = began;
    row.step = run.step;
    row.total_steps = run.total;
    row.epoch = double(run.step) / double(run.per_epoch);
    row.heartbeat = now;
    if (is_final(run.status)) row.ended = began + 6 + 0.03 * double(run.step);
    if (run.status == RunStatus::success)
      row.summary_json = Json{{"watch", "accuracy"},
                              {"best_step", run.step - run.per_epoch},
                              {"peak_resident_bytes", 412e6},
                              {"rows_per_second", 512.0},
                              {"tuned", {{"accuracy", run.accuracy_to - 0.012}, {"loss", run.loss_to + 0.24}}}}
                             .dump();
  }
  store.update_run(row);
  if (run.status == RunStatus::queued) return id;
  play_curves(store, id, run);
  play_events(store, id, run, began);
  const fs::path folder = store.run_folder(id);
  fs::create_directories(folder / "checkpoints/step-720");
  write_atomically(folder / "checkpoints/step-720/state.json", "{}");
  std::string log;
  for (std::int64_t step = 5; step <= run.step; step += 5)
    log += "step " + std::to_string(step) + " of " + std::to_string(run.total) + ", loss " +
           std::to_string(played_loss(double(step), run.loss_to)).substr(0, 6) + "\n";
  if (!run.reason.empty())
    log += "luthier-cli: " + run.reason + "\n" + (run.hint.empty() ? "" : "  do: " + run.hint + "\n");
  write_atomically(folder / "log.txt", log);
  return id;
}

}  // namespace luthier::testing
