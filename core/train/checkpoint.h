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
#include "models/model.h"
#include "models/tensors.h"
#include "nn/adamw.h"

namespace luthier {

/// All of a run's progress that is not in tensors.
struct TrainState {
  std::int64_t step = 0;                 ///< optimizer steps done
  double loss_sum = 0, loss_weight = 0;  ///< since the last logged step
  std::int64_t tokens = 0;               ///< seen so far
  std::int64_t best_step = -1;           ///< -1: no evaluation yet
  double best_value = 0, best_loss = 0;  ///< the watched metric's and the loss at best_step
  std::int64_t bad_evaluations = 0;      ///< in a row, without improvement
  bool stopped_early = false;
  std::int64_t rate_drops = 0,
               rate_waits = 0;              ///< plateau schedule: falls so far; evaluations since without improvement
  std::vector<std::int64_t> plateau_joins;  ///< layer-wise by plateau: the steps in which blocks joined
  double loss_scale = 65536;                ///< fp16 alone
  std::int64_t scaled_steps = 0;            ///< fp16: in a row without overflow
  std::vector<std::int64_t> skipped_steps;  ///< non-finite ones
};

/// What must be equal for a resumed run to give the very same numbers.
struct Environment {
  std::string torch, device, precision;
  std::int64_t threads = 0;
  bool operator==(const Environment&) const = default;
};
Environment current_environment(const std::string& device, const std::string& precision);

/// What a checkpoint keeps of a model: what trains, and the buffers that training moves (running statistics).
NamedTensors kept_tensors(const Model& model, const NamedTensors& trainable);

/// `kept` everywhere: what kept_tensors gives.
class Checkpoints {
 public:
  explicit Checkpoints(std::filesystem::path run_folder);

  /// Writes a complete checkpoint (synced to disk), then removes all but it and the one before.
  void save(const TrainState& state, const Environment& environment, const NamedTensors& kept,
            const nn::AdamW& optimizer) const;
  /// The newest complete one; nullopt when there is none. A damaged one is skipped for the one before.
  std::optional<TrainState> load_latest(const NamedTensors& kept, nn::AdamW& optimizer, Environment* environment) const;
  /// The same without the optimizer: for using the model, not for going on.
  std::optional<TrainState> load_weights(const NamedTensors& kept) const;
  bool any() const;
  /// Removes all of them, and the best weights.
  void discard() const;

  /// Weights of the best evaluation, kept beside the checkpoints until a better one is as safe as they are.
  void save_best(std::int64_t step, const NamedTensors& kept) const;
  bool load_best(std::int64_t step, const NamedTensors& kept) const;

 private:
  std::optional<TrainState> load(const NamedTensors& kept, nn::AdamW* optimizer, Environment* environment) const;
  std::vector<std::int64_t> steps() const;  ///< of complete checkpoints, ascending
  std::filesystem::path folder_of(std::int64_t step) const;
  std::filesystem::path best_file(std::int64_t step) const;
  std::filesystem::path folder_;
};

/// Reads a safetensors file into existing tensors of equal shape and type; bad_input names the one that differs.
void read_tensors(const std::filesystem::path& file, const NamedTensors& into);

}  // namespace luthier
