#include "models/generation.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>

#include "base/error.h"
#include "base/random.h"
#include "models/evaluating.h"

namespace luthier {

namespace {

/// Prompts side by side, [B, T], each at the right end of its row.
Batch left_padded(const std::vector<std::vector<std::int64_t>>& prompts, std::int64_t vocabulary) {
  std::size_t longest = 0, shortest = prompts[0].size();
  for (const auto& prompt : prompts) {
    if (prompt.empty()) fail(ErrorKind::bad_input, "the prompt is empty", {}, "give at least one token to start from");
    for (const std::int64_t id : prompt)
      if (id < 0 || id >= vocabulary)
        fail(ErrorKind::bad_input, "the model has no token " + std::to_string(id), {},
             "its vocabulary has " + std::to_string(vocabulary) + " tokens: does the tokenizer belong to it?");
    longest = std::max(longest, prompt.size());
    shortest = std::min(shortest, prompt.size());
  }
  const auto rows = static_cast<std::int64_t>(prompts.size()), tokens = static_cast<std::int64_t>(longest);
  Batch batch;
  batch.input_ids = at::zeros({rows, tokens}, at::kLong);
  Tensor mask = at::zeros({rows, tokens}, at::kBool);
  for (std::int64_t row = 0; row < rows; ++row) {
    const auto& prompt = prompts[static_cast<std::size_t>(row)];
    const auto size = static_cast<std::int64_t>(prompt.size()), start = row * tokens + tokens - size;
    std::copy(prompt.begin(), prompt.end(), batch.input_ids.data_ptr<std::int64_t>() + start);
    std::fill_n(mask.data_ptr<bool>() + start, size, true);
  }
  if (shortest < longest) batch.attention_mask = mask;
  return batch;
}

Batch placed(Batch batch, at::Device device) {
  batch.input_ids = batch.input_ids.to(device);
  if (batch.attention_mask.defined()) batch.attention_mask = batch.attention_mask.to(device);
  return batch;
}

}  // namespace

PickToken pick_greedy() {
  return [](const Tensor& logits, std::int64_t) { return logits.argmax(-1).cpu(); };
}

PickToken pick_sampled(double temperature, std::uint64_t seed) {
  if (!(temperature >= 0) || !std::isfinite(temperature))
    fail(ErrorKind::bad_input, "the temperature must be zero or above", {}, "0 takes the most likely token");
  if (temperature == 0) return pick_greedy();
  return [temperature, seed](const Tensor& logits, std::int64_t written) {
    const Tensor shares = at::softmax(logits.to(at::kCPU, at::kDouble).div(temperature), -1).cumsum(-1).contiguous();
    const std::int64_t rows = shares.size(0), tokens = shares.size(1);
    Tensor picked = at::empty({rows}, at::kLong);
    for (std::int64_t row = 0; row < rows; ++row) {
      const double* begin = shares.const_data_ptr<double>() + row * tokens;
      const double draw = Random(seed, static_cast<std::uint64_t>(row), static_cast<std::uint64_t>(written)).uniform();
      // Scaled by the last sum, which rounding keeps from being exactly 1.
      const double* found = std::upper_bound(begin, begin + tokens, draw * begin[tokens - 1]);
      picked.data_ptr<std::int64_t>()[row] = std::min<std::int64_t>(found - begin, tokens - 1);
    }
    return picked;
  };
}

std::vector<std::vector<std::int64_t>> generate(Model& model, const std::vector<std::vector<std::int64_t>>& prompts,
                                                const GenerateOptions& options) {
  if (model.head_kind() != Head::causal_lm)
    fail(ErrorKind::bad_input, "this model has no language-model head to write with", {},
         "choose a causal language model");
  std::vector<std::vector<std::int64_t>> written(prompts.size());
  if (prompts.empty()) return written;
  const Evaluating evaluating(model);
  const at::Device device = model.input_embedding().device();
  Batch batch = placed(left_padded(prompts, model.vocabulary()), device);
  KeyValueCache cache;
  std::vector<bool> ended(prompts.size(), false);
  for (std::int64_t count = 0; count < options.max_new_tokens; ++count) {
    const Tensor hidden = model.hidden(batch, options.use_cache ? &cache : nullptr);  // [B, T, C]
    const Tensor logits = model.token_logits(hidden.select(1, hidden.size(1) - 1));   // [B, V]
    const Tensor picked = options.pick(logits, count);                                // [B]
    for (std::size_t row = 0; row < prompts.size(); ++row) {
      if (ended[row]) continue;
      const std::int64_t token = picked.const_data_ptr<std::int64_t>()[row];
      written[row].push_back(token);
      ended[row] = std::find(options.stop_ids.begin(), options.stop_ids.end(), token) != options.stop_ids.end();
      if (options.on_token && !options.on_token(static_cast<std::int64_t>(row), token)) return written;
    }
    if (std::all_of(ended.begin(), ended.end(), [](bool done) { return done; })) break;
    const Tensor next = picked.unsqueeze(1).to(device);  // [B, 1]
    batch.input_ids = options.use_cache ? next : at::cat({batch.input_ids, next}, 1);
    if (batch.attention_mask.defined())
      batch.attention_mask = at::cat({batch.attention_mask, at::ones_like(next, at::kBool)}, 1);
  }
  return written;
}

std::vector<std::int64_t> stop_ids_of(const Json& config) {
  const auto found = config.find("eos_token_id");
  std::vector<std::int64_t> ids;
  if (found == config.end()) return ids;
  if (found->is_number_integer()) ids.push_back(found->get<std::int64_t>());
  if (found->is_array())
    for (const auto& id : *found)
      if (id.is_number_integer()) ids.push_back(id.get<std::int64_t>());
  return ids;
}

}  // namespace luthier
