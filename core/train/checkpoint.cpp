#include "train/checkpoint.h"

#include <ATen/Parallel.h>
#include <c10/core/GradMode.h>
#include <torch/version.h>

#include <algorithm>
#include <cstdio>
#include <limits>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/files.h"

namespace luthier {

namespace {
Json state_to_json(const TrainState& state, const Environment& environment) {
  return {{"step", state.step},
          {"loss_sum", state.loss_sum},
          {"loss_weight", state.loss_weight},
          {"tokens", state.tokens},
          {"best_step", state.best_step},
          {"best_value", state.best_value},
          {"best_loss", state.best_loss},
          {"bad_evaluations", state.bad_evaluations},
          {"stopped_early", state.stopped_early},
          {"rate_drops", state.rate_drops},
          {"rate_waits", state.rate_waits},
          {"plateau_joins", state.plateau_joins},
          {"loss_scale", state.loss_scale},
          {"scaled_steps", state.scaled_steps},
          {"skipped_steps", state.skipped_steps},
          {"environment",
           {{"torch", environment.torch},
            {"device", environment.device},
            {"precision", environment.precision},
            {"threads", environment.threads}}}};
}

TrainState state_from_json(const Json& json, Environment& environment) {
  TrainState state;
  state.step = json.at("step");
  state.loss_sum = json.at("loss_sum");
  state.loss_weight = json.at("loss_weight");
  state.tokens = json.at("tokens");
  state.best_step = json.at("best_step");
  state.best_value = json.at("best_value");
  // Absent in checkpoints of the first version: then no loss is lower.
  state.best_loss = json.value("best_loss", std::numeric_limits<double>::lowest());
  state.bad_evaluations = json.at("bad_evaluations");
  state.stopped_early = json.at("stopped_early");
  state.rate_drops = json.value("rate_drops", state.rate_drops);  // these five are absent in older checkpoints
  state.rate_waits = json.value("rate_waits", state.rate_waits);
  state.plateau_joins = json.value("plateau_joins", state.plateau_joins);
  state.loss_scale = json.value("loss_scale", state.loss_scale);
  state.scaled_steps = json.value("scaled_steps", state.scaled_steps);
  state.skipped_steps = json.at("skipped_steps").get<std::vector<std::int64_t>>();
  const Json& where = json.at("environment");
  environment = {where.at("torch"), where.at("device"), where.at("precision"), where.at("threads")};
  return state;
}

/// Tensors in the order and under the names of `state`, ready to be copied into.
NamedTensors empty_like(const NamedTensors& state) {
  NamedTensors copies;
  for (const auto& [name, tensor] : state) copies.emplace_back(name, tensor.detach().cpu().clone());
  return copies;
}
}  // namespace

Environment current_environment(const std::string& device, const std::string& precision) {
  return {TORCH_VERSION, device, precision, at::get_num_threads()};
}

void read_tensors(const std::filesystem::path& file, const NamedTensors& into) {
  const NamedTensors saved = read_tensors(file);  // mapped, sorted by name
  const c10::NoGradGuard no_grad;
  for (const auto& [name, tensor] : into) {
    const auto found = std::lower_bound(saved.begin(), saved.end(), name,
                                        [](const auto& entry, const std::string& key) { return entry.first < key; });
    if (found == saved.end() || found->first != name)
      fail(ErrorKind::bad_input, "the checkpoint lacks the tensor " + name, file.string());
    const Tensor& source = found->second;
    if (source.sizes() != tensor.sizes() || source.scalar_type() != tensor.scalar_type())
      fail(ErrorKind::bad_input, "the checkpoint's tensor " + name + " has another shape or type", file.string());
    Tensor target = tensor;
    target.copy_(source);
  }
}

NamedTensors kept_tensors(const Model& model, const NamedTensors& trainable) {
  NamedTensors kept = trainable;
  for (const auto& buffer : model.named_buffers())
    if (!nn::is_quantised_buffer(buffer.key())) kept.emplace_back(buffer.key(), buffer.value());
  return kept;
}

Checkpoints::Checkpoints(std::filesystem::path run_folder) : folder_(std::move(run_folder) / "checkpoints") {}

std::filesystem::path Checkpoints::folder_of(std::int64_t step) const {
  char name[32];
  std::snprintf(name, sizeof name, "step-%010lld", static_cast<long long>(step));
  return folder_ / name;
}

std::filesystem::path Checkpoints::best_file(std::int64_t step) const {
  char name[48];
  std::snprintf(name, sizeof name, "best-%010lld.safetensors", static_cast<long long>(step));
  return folder_ / name;
}

std::vector<std::int64_t> Checkpoints::steps() const {
  std::vector<std::int64_t> found;
  std::error_code absent;
  for (const auto& entry : fs::directory_iterator(folder_, absent)) {
    const std::string name = entry.path().filename().string();
    if (name.rfind("step-", 0) == 0 && fs::exists(entry.path() / "state.json", absent))
      found.push_back(std::stoll(name.substr(5)));
  }
  std::sort(found.begin(), found.end());
  return found;
}

bool Checkpoints::any() const { return !steps().empty(); }

void Checkpoints::save(const TrainState& state, const Environment& environment, const NamedTensors& kept,
                       const nn::AdamW& optimizer) const {
  fs::create_directories(folder_);
  const fs::path target = folder_of(state.step), temporary = folder_ / (".writing-" + target.filename().string());
  std::error_code ignored;
  fs::remove_all(temporary, ignored);
  try {
    fs::create_directories(temporary);
    write_tensors(temporary / "trainable.safetensors", kept);
    write_tensors(temporary / "optimizer.safetensors", optimizer.state());
    write_json(temporary / "state.json", state_to_json(state, environment));
    fs::remove_all(target);
    fs::rename(temporary, target);
  } catch (const fs::filesystem_error& error) {
    fs::remove_all(temporary, ignored);
    errno = error.code().value();
    fail_errno("the checkpoint cannot be written", target.string());
  } catch (...) {
    fs::remove_all(temporary, ignored);
    throw;
  }
  sync_folder(folder_);
  const auto all = steps();
  for (std::size_t i = 0; i + 2 < all.size(); ++i) fs::remove_all(folder_of(all[i]), ignored);
  for (const auto& entry : fs::directory_iterator(folder_, ignored)) {
    const std::string name = entry.path().filename().string();
    const bool older_best = name.rfind("best-", 0) == 0 && all.size() > 1 &&
                            entry.path() != best_file(state.best_step) &&
                            std::stoll(name.substr(5)) <= all[all.size() - 2];
    if (!older_best) continue;
    Environment unused;  // the checkpoint before may still want it
    const TrainState before = state_from_json(read_json(folder_of(all[all.size() - 2]) / "state.json"), unused);
    if (entry.path() != best_file(before.best_step)) fs::remove(entry.path(), ignored);
  }
}

std::optional<TrainState> Checkpoints::load_latest(const NamedTensors& kept, nn::AdamW& optimizer,
                                                   Environment* environment) const {
  return load(kept, &optimizer, environment);
}

std::optional<TrainState> Checkpoints::load_weights(const NamedTensors& kept) const {
  return load(kept, nullptr, nullptr);
}

std::optional<TrainState> Checkpoints::load(const NamedTensors& kept, nn::AdamW* optimizer,
                                            Environment* environment) const {
  auto all = steps();
  std::string reason;
  for (auto step = all.rbegin(); step != all.rend(); ++step) {
    try {
      Environment found;
      const TrainState state = state_from_json(read_json(folder_of(*step) / "state.json"), found);
      NamedTensors moments;
      if (optimizer) {
        moments = empty_like(optimizer->state());
        read_tensors(folder_of(*step) / "optimizer.safetensors", moments);
      }
      read_tensors(folder_of(*step) / "trainable.safetensors", kept);
      if (optimizer) optimizer->load_state(moments);
      if (environment) *environment = found;
      return state;
    } catch (const Error& error) {
      reason = error.text();
    } catch (const Json::exception& error) {
      reason = error.what();
    }
  }
  if (!reason.empty())
    fail(ErrorKind::bad_input, "no checkpoint of this run can be read: " + reason, folder_.string(),
         "start the run anew");
  return std::nullopt;
}

void Checkpoints::discard() const {
  std::error_code ignored;
  fs::remove_all(folder_, ignored);
}

void Checkpoints::save_best(std::int64_t step, const NamedTensors& kept) const {
  fs::create_directories(folder_);
  write_tensors(best_file(step), kept);
}

bool Checkpoints::load_best(std::int64_t step, const NamedTensors& kept) const {
  std::error_code absent;
  if (step < 0 || !fs::exists(best_file(step), absent)) return false;
  read_tensors(best_file(step), kept);
  return true;
}

}  // namespace luthier
