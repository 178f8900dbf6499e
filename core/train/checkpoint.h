#pragma once
// Checkpoints: folders runs/<id>/checkpoints/step-<n>/ with state.json, trainable.safetensors and
// optimizer.safetensors, complete or not there at all. The one before is kept. Randomness needs no saving: it is a
// function of seed and step.
#include <cstdint>
#include <filesystem>
#include <optional>
#include <string>
#include <utility>
#include <vector>

#include "base/json.h"
#include "models/tensors.h"
#include "nn/adamw.h"

namespace luthier {

/// All of a run's progress that is not in tensors.
struct TrainState {
  std::int64_t step = 0;                 ///< optimizer steps done
  double loss_sum = 0, loss_weight = 0;  ///< since the last logged step
  std::int64_t tokens = 0;               ///< seen so far
  std::int64_t best_step = -1;           ///< -1: no evaluation yet
  double best_value = 0;
  std::int64_t bad_evaluations = 0;  ///< in a row, without improvement
  bool stopped_early = false;
  std::vector<std::int64_t> skipped_steps;  ///< non-finite ones
};

/// What must be equal for a resumed run to give the very same numbers.
struct Environment {
  std::string torch, device, precision;
  std::int64_t threads = 0;
  bool operator==(const Environment&) const = default;
};
Environment current_environment(const std::string& device, const std::string& precision);

class Checkpoints {
 public:
  explicit Checkpoints(std::filesystem::path run_folder);

  /// Writes a complete checkpoint (synced to disk), then removes all but it and the one before.
  void save(const TrainState& state, const Environment& environment, const NamedTensors& trainable,
            const nn::AdamW& optimizer) const;
  /// The newest complete one; nullopt when there is none. A damaged one is skipped for the one before.
  std::optional<TrainState> load_latest(const NamedTensors& trainable, nn::AdamW& optimizer,
                                        Environment* environment) const;
  /// The same without the optimizer: for using the model, not for going on.
  std::optional<TrainState> load_weights(const NamedTensors& trainable) const;
  bool any() const;

  /// Weights of the best evaluation, kept beside the checkpoints until a better one is as safe as they are.
  void save_best(std::int64_t step, const NamedTensors& trainable) const;
  bool load_best(std::int64_t step, const NamedTensors& trainable) const;

 private:
  std::optional<TrainState> load(const NamedTensors& trainable, nn::AdamW* optimizer, Environment* environment) const;
  std::vector<std::int64_t> steps() const;  ///< of complete checkpoints, ascending
  std::filesystem::path folder_of(std::int64_t step) const;
  std::filesystem::path best_file(std::int64_t step) const;
  std::filesystem::path folder_;
};

/// Reads a safetensors file into existing tensors of equal shape and type; bad_input names the one that differs.
void read_tensors(const std::filesystem::path& file, const NamedTensors& into);

}  // namespace luthier
