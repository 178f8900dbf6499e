// How the next token is chosen from a row of logits.
#include <ATen/ops/empty.h>
#include <ATen/ops/softmax.h>

#include <algorithm>
#include <cmath>
#include <span>

#include "base/error.h"
#include "base/random.h"
#include "models/generation.h"

namespace luthier {

namespace {

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

/// Sets to zero what is less than `min_p` times as likely as the likeliest.
void drop_unlikely(std::span<double> shares, double min_p) {
  if (min_p == 0) return;
  const double least = min_p * *std::max_element(shares.begin(), shares.end());
  for (double& share : shares)
    if (share < least) share = 0;
}

}  // namespace

PickToken pick_greedy() {
  return [](const Tensor& logits, std::int64_t) { return logits.argmax(-1).cpu(); };
}

PickToken pick_sampled(double temperature, std::uint64_t seed, double top_p, std::int64_t top_k, double min_p) {
  if (!(temperature >= 0) || !std::isfinite(temperature))
    fail(ErrorKind::bad_input, "the temperature must be zero or above", "temperature", "0 takes the most likely token");
  if (!(top_p > 0) || !(top_p <= 1))
    fail(ErrorKind::bad_input, "top_p must be above 0 and at most 1", "top_p", "1 draws from every token");
  if (top_k < 0) fail(ErrorKind::bad_input, "top_k must be zero or above", "top_k", "0 draws from every token");
  if (!(min_p >= 0) || !(min_p <= 1))
    fail(ErrorKind::bad_input, "min_p must be from 0 to 1", "min_p", "0 draws from every token");
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
      drop_unlikely(of_row, min_p);
      const double draw = Random(seed, static_cast<std::uint64_t>(row), static_cast<std::uint64_t>(written)).uniform();
      picked.data_ptr<std::int64_t>()[row] = drawn(of_row, draw);
    }
    return picked;
  };
}

}  // namespace luthier
