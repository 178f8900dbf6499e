#include "models/generation.h"

#include <ATen/ops/cat.h>
#include <ATen/ops/empty.h>
#include <ATen/ops/ones_like.h>
#include <ATen/ops/softmax.h>
#include <ATen/ops/tensor.h>
#include <ATen/ops/where.h>
#include <ATen/ops/zeros.h>

#include <algorithm>
#include <cmath>
#include <nlohmann/json.hpp>
#include <span>

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

/// Sets the shares (adding up to 1) of all but the likely tokens to zero: see pick_sampled.
void keep_likely(std::span<double> shares, double top_p, std::int64_t top_k) {
  if (top_p == 1 && (top_k == 0 || top_k >= static_cast<std::int64_t>(shares.size()))) return;
  // What lies below this would be cut away even all together; so only the few others need an order.
  const double negligible = top_k > 0 ? 0 : (1 - top_p) / static_cast<double>(shares.size());
  std::vector<std::size_t> order;
  for (std::size_t i = 0; i < shares.size(); ++i)
    if (shares[i] >= negligible) order.push_back(i);
  const auto more_likely = [&](std::size_t a, std::size_t b) {
    return shares[a] != shares[b] ? shares[a] > shares[b] : a < b;
  };
  if (top_k > 0 && static_cast<std::size_t>(top_k) < order.size()) {
    std::nth_element(order.begin(), order.begin() + top_k - 1, order.end(), more_likely);
    order.resize(static_cast<std::size_t>(top_k));
  }
  std::sort(order.begin(), order.end(), more_likely);
  double total = 0;
  for (const std::size_t i : order) total += shares[i];
  const double enough = top_p * (top_k > 0 ? total : 1.0);
  double sum = 0;
  std::size_t kept = 0;
  while (kept < order.size() && (kept == 0 || sum < enough)) sum += shares[order[kept++]];
  std::vector<std::pair<std::size_t, double>> likely;
  for (std::size_t i = 0; i < kept; ++i) likely.emplace_back(order[i], shares[order[i]]);
  std::fill(shares.begin(), shares.end(), 0.0);
  for (const auto& [token, share] : likely) shares[token] = share;
}

/// The token at which the running sum of shares passes `draw` (in [0, 1)) of their total.
std::int64_t drawn(std::span<const double> shares, double draw) {
  double total = 0, sum = 0;
  for (const double share : shares) total += share;
  std::int64_t last = 0;
  for (std::size_t i = 0; i < shares.size(); ++i) {
    if (shares[i] <= 0) continue;
    last = static_cast<std::int64_t>(i);
    sum += shares[i];
    if (sum > draw * total) break;
  }
  return last;
}

/// Logits [B, V] with every token of a row's prompt and of what was written after it made less likely.
Tensor penalised(const Tensor& logits, const std::vector<std::vector<std::int64_t>>& prompts,
                 const std::vector<std::vector<std::int64_t>>& written, double penalty) {
  Tensor changed = logits.clone();
  for (std::size_t row = 0; row < prompts.size(); ++row) {
    std::vector<std::int64_t> seen = prompts[row];
    seen.insert(seen.end(), written[row].begin(), written[row].end());
    std::sort(seen.begin(), seen.end());
    seen.erase(std::unique(seen.begin(), seen.end()), seen.end());
    const Tensor ids = at::tensor(seen, at::kLong).to(logits.device());  // [N]
    Tensor of_row = changed.select(0, static_cast<std::int64_t>(row));   // [V]
    const Tensor values = of_row.index_select(0, ids);
    of_row.index_copy_(0, ids, at::where(values.gt(0), values.div(penalty), values.mul(penalty)));
  }
  return changed;
}

}  // namespace

PickToken pick_greedy() {
  return [](const Tensor& logits, std::int64_t) { return logits.argmax(-1).cpu(); };
}

PickToken pick_sampled(double temperature, std::uint64_t seed, double top_p, std::int64_t top_k) {
  if (!(temperature >= 0) || !std::isfinite(temperature))
    fail(ErrorKind::bad_input, "the temperature must be zero or above", "temperature", "0 takes the most likely token");
  if (!(top_p > 0) || !(top_p <= 1))
    fail(ErrorKind::bad_input, "top_p must be above 0 and at most 1", "top_p", "1 draws from every token");
  if (top_k < 0) fail(ErrorKind::bad_input, "top_k must be zero or above", "top_k", "0 draws from every token");
  if (temperature == 0) return pick_greedy();
  return [=](const Tensor& logits, std::int64_t written) {
    // Subtracting the largest first keeps a tiny temperature from making infinities.
    const Tensor wide = logits.to(at::kCPU, at::kDouble);
    Tensor shares = at::softmax(wide.sub(wide.amax(-1, true)).div(temperature), -1).contiguous();  // [B, V]
    const std::int64_t rows = shares.size(0), tokens = shares.size(1);
    Tensor picked = at::empty({rows}, at::kLong);
    for (std::int64_t row = 0; row < rows; ++row) {
      const std::span<double> of_row(shares.data_ptr<double>() + row * tokens, static_cast<std::size_t>(tokens));
      keep_likely(of_row, top_p, top_k);
      const double draw = Random(seed, static_cast<std::uint64_t>(row), static_cast<std::uint64_t>(written)).uniform();
      picked.data_ptr<std::int64_t>()[row] = drawn(of_row, draw);
    }
    return picked;
  };
}

std::vector<std::vector<std::int64_t>> generate(Model& model, const std::vector<std::vector<std::int64_t>>& prompts,
                                                const GenerateOptions& options) {
  if (model.head_kind() != Head::causal_lm)
    fail(ErrorKind::bad_input, "this model has no language-model head to write with", {},
         "choose a causal language model");
  if (!(options.repetition_penalty > 0) || !std::isfinite(options.repetition_penalty))
    fail(ErrorKind::bad_input, "the repetition penalty must be above zero", "repetition_penalty", "1 changes nothing");
  std::vector<std::vector<std::int64_t>> written(prompts.size());
  if (prompts.empty()) return written;
  const Evaluating evaluating(model);
  const at::Device device = model.input_embedding().device();
  Batch batch = placed(left_padded(prompts, model.vocabulary()), device);
  KeyValueCache cache;
  std::vector<bool> ended(prompts.size(), false);
  for (std::int64_t count = 0; count < options.max_new_tokens; ++count) {
    const Tensor hidden = model.hidden(batch, options.use_cache ? &cache : nullptr);  // [B, T, C]
    Tensor logits = model.token_logits(hidden.select(1, hidden.size(1) - 1));         // [B, V]
    if (options.repetition_penalty != 1) logits = penalised(logits, prompts, written, options.repetition_penalty);
    const Tensor picked = options.pick(logits, count);  // [B]
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
